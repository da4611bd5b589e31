"""What a report says in words: its conclusion, its text values and notes, and the files in it that are text.

No number of it is ever used. A number that is lower than all that came as numbers, or a conclusion that calls
the bone low, is asked about.
"""

import base64
import binascii
import html
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from adapter.input.wire_json import Json, ReadOnlyJson
from mappings.inbound.densitometry import words
from mappings.inbound.densitometry.low_bone import without_criteria
from mappings.inbound.densitometry.sites import CENTRAL
from mappings.inbound.resources.datatypes import has_letter_or_digit, listed, obj, objs, text
from mappings.inbound.resources.plain_words import plain

LONGEST = 1_000_000  # characters of a file as it is sent; text of that length is no report
_CONCLUDES = re.compile(
    r"\b(?:conclusie|besluit|conclusion|impression|beurteilung|zusammenfassung|samenvatting)\b"
)
# Control words, escaped letters and braces of RTF, and tags of HTML.
_MARKS = re.compile(r"\\'[0-9a-f]{2}|\\[a-z]+-?[0-9]* ?|[{}]|<[^<>]*>")
_LINES = re.compile(r"</(?:p|li|tr|h[1-6]|div)>|<br\s*/?>|\\par\b", re.IGNORECASE)
_SENTENCE = re.compile(r"[\n;]|[.,]\s")
_PART = re.compile(r"[\n;|]|[.,]\s")
_SIGNED = re.compile(r"(?<![\w.,])([-+])\s?(\d)[.,](\d+)(?!\s?%|[\d.,]*\d)")
# The ends of the span of a class, as devices print it beside a value: neither is a score.
_END = r"[-+]?\s?(?:1[.,]0|2[.,]5)(?!\d)"
_RANGE = re.compile(rf"{_END}\s*(?:\b(?:to|tot|t/m|bis)\b|\.\.+|-\s)\s*{_END}")
_MINUS = re.compile(r"\b(?:minus|moins) (?=\d)")
_Z_SCORE = re.compile(r"(?<![a-z])z(?![a-z])")


def told(body: ReadOnlyJson) -> tuple[str, ...]:
    """Everything that it says in words, but for its titles."""
    notes = (text(note.get("text")) for note in objs(body.get("note")))
    narrative = text(obj(body.get("text")).get("div"))
    written = (
        text(body.get("conclusion")),
        text(body.get("valueString")),
        _bare(narrative) if narrative else "",
        *notes,
        *_files(body),
    )
    return tuple(filter(None, written))


def doubts(body: ReadOnlyJson) -> tuple[str, ...]:
    """The sentences in which it says that a value cannot be relied on."""
    sentences = (it for one in told(body) for it in _SENTENCE.split(plain(one)))
    return tuple(filter(words.doubts_value, sentences))


def concluded(body: ReadOnlyJson) -> tuple[str, ...]:
    """What it says at its end: the reason for a scan often names the disease that it then denies."""
    ends = (_CONCLUDES.split(plain(file)) for file in _files(body))
    written = (
        text(body.get("conclusion")),
        text(body.get("valueString")),
        *(end[-1] for end in ends if len(end) > 1),
    )
    return tuple(filter(None, written))


def lost_words(body: ReadOnlyJson) -> bool:
    """Whether it says something in words that nobody can read, or holds a file that is none."""
    texts = [it for it in (body.get("conclusion"), body.get("valueString")) if it]
    return not all(map(has_letter_or_digit, texts)) or holds_no_file(body)


def holds_no_file(body: ReadOnlyJson) -> bool:
    """Whether something stands where a file belongs, and is none."""
    files = (
        *listed(body.get("presentedForm")),
        *(obj(it).get("attachment") for it in listed(body.get("content"))),
    )
    return any(not _is_file(file) for file in files)


def _is_file(held: object) -> bool:
    """Whether a file is named at least; one that is text has to be text."""
    file = obj(held)
    if not (text(file.get("url")) or text(file.get("data")) or text(file.get("title"))):
        return False
    return not _is_text(file) or not text(file.get("data")) or bool(_decoded(text(file.get("data"))))


def _is_text(file: ReadOnlyJson) -> bool:
    kind = text(file.get("contentType")).lower()
    return kind.startswith("text/") or "rtf" in kind


def scores_told(texts: Iterable[str]) -> tuple[Decimal, ...]:
    """The T-scores of spine and hip, or of a site that is not named, in a text that speaks of T-scores."""
    return tuple(score for one in texts if words.calls_itself_t_score(one) for score in _scores(one))


def _scores(written: str) -> Iterator[Decimal]:
    for part in _PART.split(_RANGE.sub(" ", without_criteria(written))):
        if words.site(part) in {*CENTRAL, None}:
            before = _MINUS.sub("-", _Z_SCORE.split(part)[0])
            yield from (Decimal(f"{sign}{whole}.{rest}") for sign, whole, rest in _SIGNED.findall(before))


def files_of(body: ReadOnlyJson) -> tuple[Json, ...]:
    """The files of a report or of a document."""
    return (
        *objs(body.get("presentedForm")),
        *(obj(it.get("attachment")) for it in objs(body.get("content"))),
    )


def _files(body: ReadOnlyJson) -> Iterator[str]:
    """Those that are text, without their marks."""
    for file in files_of(body):
        data = text(file.get("data"))
        if data and len(data) < LONGEST and _is_text(file):
            yield _decoded(data)


def _decoded(data: str) -> str:
    try:
        written = base64.b64decode(data).decode("utf-8", "replace")
    except (binascii.Error, ValueError):  # no base64
        return ""
    return _bare(written)


def _bare(written: str) -> str:
    """Without its marks; what ends a line or a row of a table ends a sentence."""
    return html.unescape(_MARKS.sub(" ", _LINES.sub("\n", written)))
