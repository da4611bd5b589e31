"""Which lumbar vertebrae a label names: "L1-L4", "LWK 1 t/m 4", "L1-L4 zonder L2", "L1, L3 et L4", "L2".

Two or more vertebrae are the lumbar spine, one is never enough to decide (GL-55). What is named as left out,
or stands in brackets behind a range as devices print it, was not measured.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from adapter.clinical.model import Site
from mappings.inbound.densitometry.words import LABELS
from mappings.inbound.resources.plain_words import plain

_L = r"(?:l(?:wk|ws|umb\w*|endenwirbel)?|lumbale wervels?|wervels?|vertebr[ae]+s?|vertebres?)\s*\.?\s*l?\s*"
_AND = r"\s*(?:,|;|\+|&|\ben\b|\bet\b|\bund\b|\band\b)\s*"
_TO = r"\s*(?:-|/|:|t/m|tm|tot en met|tot|to|thru|through|until|a|au|bis)\s*"
_MORE = rf"((?:{_AND}(?:{_L})?[1-5](?!\d))*)"
_RANGE = re.compile(rf"(?<![a-z]){_L}([1-5]){_TO}(?:{_L})?([1-5])(?!\d)")
_FROM_THORACIC = re.compile(rf"(?<![a-z])(?:t|th|d)1[0-2]{_TO}l([1-5])(?!\d)")
_LISTED = re.compile(rf"(?<![a-z]){_L}([1-5])(?!\d){_MORE}")
_RUN = re.compile(r"(?<![a-z])l([1-5]{2,5})(?!\d)")
_LEFT_OUT = re.compile(
    rf"(?:zonder|without|sans|ohne|exclu\w*|excl\.?|behalve|except|sauf|minus|niet|not)\s*:?\s*(?:{_L})?([1-5])(?!\d){_MORE}"
)
_IN_BRACKETS = re.compile(r"(?<=[1-5])\s*\(\s*(l?[1-5](?:\s*,\s*l?[1-5])*)\s*\)")


@lru_cache(LABELS)
def vertebrae(label: str) -> frozenset[int]:
    """The numbers of the lumbar vertebrae that were measured; empty when none is named."""
    said = plain(label)
    out = {n for found in _LEFT_OUT.finditer(said) for n in _digits(found[0])}
    out |= {n for found in _IN_BRACKETS.finditer(said) for n in _digits(found[1])}
    said = _IN_BRACKETS.sub("", _LEFT_OUT.sub("", said))
    return frozenset(_numbers_in(said)) - out


def numbered_site(label: str) -> Site | None:
    """The site of the vertebrae that a label numbers; none where it numbers none."""
    numbers = vertebrae(label)
    return (Site.SINGLE_VERTEBRA if len(numbers) == 1 else Site.LUMBAR_SPINE) if numbers else None


def level(numbers: frozenset[int]) -> str | None:
    """The vertebrae as they are written in a report: ``L1-L4``, or each by itself where one is left out."""
    if not numbers:
        return None
    ordered = sorted(numbers)
    if len(ordered) > 1 and ordered[-1] - ordered[0] == len(ordered) - 1:
        return f"L{ordered[0]}-L{ordered[-1]}"
    return ", ".join(f"L{n}" for n in ordered)


def _numbers_in(said: str) -> Iterator[int]:
    for first, last in _RANGE.findall(said):
        yield from range(min(int(first), int(last)), max(int(first), int(last)) + 1)
    for last in _FROM_THORACIC.findall(said):
        yield from range(1, int(last) + 1)
    for run in _RUN.findall(said):
        yield from map(int, run)
    for first, more in _LISTED.findall(said):
        yield int(first)
        yield from _digits(more)


def _digits(said: str) -> Iterator[int]:
    return (int(digit) for digit in re.findall("[1-5]", said))
