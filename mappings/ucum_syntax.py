"""What can be a unit of UCUM: its single units, prefixes and powers, joined as the standard joins them.

The single units and prefixes are data, ``ucum-units.json`` and ``ucum-prefixes.json`` among the value sets.
"""

import json
import re
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files

from adapter.input.wire_json import Json

LONGEST = 64  # characters; no unit of a measurement has half of it


@lru_cache(512)
def is_unit(text: str) -> bool:
    """Whether a text is a code of UCUM by its syntax rules: ``mL/min/{1.73_m2}`` is, ``bananas`` is not."""
    if len(text) > LONGEST:
        return False
    term, in_brackets = _patterns()
    while (plain := in_brackets.sub("m", text)) != text:  # what stands in brackets is a unit like any other
        text = plain
    return term.fullmatch(text) is not None


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A term, and a term in brackets."""
    units = _concepts("ucum-units")
    metric = _any(unit["code"] for unit in units if unit.get("property"))
    others = _any(unit["code"] for unit in units if not unit.get("property"))
    prefixes = _any(concept["code"] for concept in _concepts("ucum-prefixes"))
    note = r"\{[!-z|~]*\}"
    single = rf"(?:(?:{prefixes})?(?:{metric})|(?:{others}))(?:[+-]?[0-9]+)?(?:{note})?"
    part = rf"(?:{single}|[0-9]+(?:{note})?|{note})"
    term = rf"/?{part}(?:[./]{part})*"
    return re.compile(term), re.compile(rf"\({term}\)")


def _any(codes: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(codes, key=len, reverse=True)))


def _concepts(name: str) -> list[Json]:
    file = files("mappings").joinpath("valuesets", f"{name}.json")
    concepts: list[Json] = json.loads(file.read_text(encoding="utf-8"))["concept"]
    return concepts
