"""The letter as PDF/A-2a and PDF/UA-1: tagged, selectable, fonts embedded, equal bytes for equal letters."""

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from threading import Lock

from typst import Compiler, TypstError

from adapter.errors import SoftwareFault
from adapter.letter.pages.score_chart import described
from adapter.letter.parts import Block, Letter, Line

PAGE = Path(__file__).parent / "page.typ"
PROBE = b'#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"))\n#sys.inputs.text'
BOX = "□"
BASIC = 0x24F  # Latin letters, which every font has
LARGE, SMALL, SMALLEST = 9.4, 8.9, 8.2  # points of the type
PATIENTS = 11.5  # the copy for the patient is read by older eyes
ONE_PAGE = re.compile(rb"/Type\s*/Page\b")
UNBROKEN = 30  # characters after which a word may be broken anywhere, lest it runs off the paper

_one_at_a_time = Lock()  # the compiler keeps its fonts and caches, and is not made for two threads


def render_pdf(letter: Letter, chart: str | None = None) -> bytes:
    """The letter with its chart as one PDF, dated by the letter itself and never by a clock.

    A character that no embedded font has is printed as an empty box, because PDF/A allows no missing glyph
    and a letter must not fail over a name; the text and HTML of the same letter still hold it.
    """
    if letter.kind == "patient":
        return _pdf_of(letter, chart, PATIENTS)
    large = _pdf_of(letter, chart, LARGE)
    if _pages(large) == 1:
        return large
    small = _pdf_of(letter, chart, SMALL)
    if _pages(small) == 1:
        return small  # smaller rather than one more page
    best = next((it for it in (large, small) if _pages(it) == 2), None)
    return best or _pdf_of(letter, chart, SMALLEST)


def _pages(pdf: bytes) -> int:
    return len(ONE_PAGE.findall(pdf))


def _pdf_of(letter: Letter, chart: str | None, points: float) -> bytes:
    data = _data(letter, chart, points)
    boxes = {ord(sign): BOX for sign in set(data) if ord(sign) > BASIC and not _printable(sign)}
    inputs = {"letter": data.translate(boxes)} | ({"chart": chart.translate(boxes)} if chart else {})
    return _compile(inputs, letter.on)


def _data(letter: Letter, chart: str | None, points: float) -> str:
    content = asdict(letter) | {"alt": described(chart) if chart else "", "size": points}
    return json.dumps(_breakable(content), ensure_ascii=False)


def _breakable(value: object) -> object:
    match value:
        case str():
            return " ".join(_breakable_word(word) for word in value.split(" "))
        case dict():
            return {key: _breakable(item) for key, item in value.items()}
        case Line():
            return _breakable(value._asdict())
        case Block():
            return _breakable(value._asdict() | {"running": value.running})
        case list() | tuple():
            return [_breakable(item) for item in value]
        case _:
            return value


def _breakable_word(word: str) -> str:
    if len(word) <= UNBROKEN:
        return word
    return "\u200b".join(word[start : start + UNBROKEN] for start in range(0, len(word), UNBROKEN))


@cache
def _printable(character: str) -> bool:
    """Whether the embedded fonts have the character: asked of the typesetter itself, once per character."""
    try:
        _probe().compile(PROBE, sys_inputs={"text": character}, format="pdf", pdf_standards=["a-2a"])
    except TypstError:
        return False
    return True


def _compile(inputs: dict[str, str], on: str) -> bytes:
    moment = datetime.fromisoformat(on).replace(tzinfo=UTC)
    with _one_at_a_time:
        made = _compiler().compile(
            sys_inputs=inputs, format="pdf", pdf_standards=["a-2a", "ua-1"], timestamp=int(moment.timestamp())
        )
    if not isinstance(made, bytes):
        raise SoftwareFault("the typesetter gave no single file")
    return made


@cache
def _compiler() -> Compiler:
    """One for the process, made when first needed: reading its fonts costs more than a letter does."""
    return Compiler(PAGE, ignore_system_fonts=True)


@cache
def _probe() -> Compiler:
    return Compiler(ignore_system_fonts=True)
