"""Text, HTML and PDF say the same, and nothing that comes from a record can break out of any of them."""

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from adapter.letter import Letter, chart_svg, letter, patient_letter, render_html, render_pdf, render_text
from adapter.letter.people import clean
from mappings.texts import LANGUAGES, load
from tests.unit.letter.patients import ON, crowded, decision, people, record

SCRIPT = "<script>alert('1')</script> & \"Co\""
HEBREW = "אברהם כהן"
ARABIC = "فاطمة الزهراء"
CHINESE = "王小明"
HOSTILE = [
    SCRIPT,
    '#import "x.typ" $x$ *bold* `raw` @ref <label> \\u{41} #sys.inputs',
    "{{ 7 * 7 }} {% raw %} {name}",
    "A" * 300,
    "Ann-Sofie " * 30,
    HEBREW,
    ARABIC,
    CHINESE,
    "Zoë Łukasz Ñandú Çelik-Ötzi",
    "nul\x00byte\x1b[31m\r\nBcc: x",
    "\u202egpj.exe\u2066 \u200f",
    "\ud800 lone surrogate \ufffe",
    "😀 emoji",
    "' OR 1=1 --",
]


def written(name: str = "A. de Vries", language: str = "en") -> Letter:
    return letter(
        decision(), record(), people(patient_name=name, recipient=name, organisation=name), load(language)
    )


class Page(HTMLParser):
    """What a browser would make of the page: elements, attributes, and the text between."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("  Jan \n\t de\x00Vries ", "Jan de Vries"),
        ("\u202eabc\u2066", "abc"),
        (f"{ARABIC}\u200c{HEBREW}", f"{ARABIC}\u200c{HEBREW}"),
        ("e\u0301", "é"),
        ("\ud800x\ufffe", "x"),
        (None, ""),
        ("x" * 400, "x" * 299 + "…"),
    ],
)
def test_a_name_is_one_visible_line(raw: str | None, shown: str) -> None:
    assert clean(raw) == shown


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_reaches_html_as_markup(name: str) -> None:
    plain, hostile = (
        Page(render_html(written(it), chart_svg(record().t_scores, load("en"), ON))) for it in ("A", name)
    )

    assert hostile.tags == plain.tags
    assert hostile.attributes == plain.attributes
    assert clean(name) in hostile.text


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_breaks_the_text(name: str) -> None:
    text = render_text(written(name))

    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("name", HOSTILE)
def test_every_name_gives_a_pdf(name: str) -> None:
    assert render_pdf(written(name)).startswith(b"%PDF-1.7")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_stands_in_text_and_html(language: str) -> None:
    it = written(language=language)
    page = " ".join(Page(render_html(it)).text.lower().split())
    text = " ".join(render_text(it).replace("- ", "").lower().split())

    for line in it.lines():
        assert " ".join(line.text.replace("- ", "").lower().split()) in text, line.key
        for cell in line.cells or (line.text,):
            assert " ".join(cell.lower().split()).rstrip(".") in page, line.key


@pytest.mark.parametrize("make", [letter, patient_letter])
def test_the_page_is_accessible(make: object) -> None:
    it = (letter if make is letter else patient_letter)(decision(), record(), people(), load("nl"))
    page = Page(render_html(it, chart_svg(record().t_scores, load("nl"), ON)))
    levels = [int(tag[1]) for tag in page.tags if re.fullmatch(r"h\d", tag)]

    assert ("lang", "nl") in page.attributes
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert page.tags.count("th") == len([name for name, _ in page.attributes if name == "scope"])
    assert {value for name, value in page.attributes if name == "scope"} <= {"row", "col"}
    assert not {"script", "iframe", "object", "form", "link", "img"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "href"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pdf_has_the_same_bytes_each_time(language: str) -> None:
    texts = load(language)
    chart = chart_svg(record().t_scores, texts, ON)

    assert render_pdf(written(language=language), chart) == render_pdf(written(language=language), chart)


def test_a_pdf_is_dated_and_titled_by_its_letter() -> None:
    pdf = render_pdf(written())

    assert b"D:20261112000000Z" in pdf
    assert b"Handover of bone health care" in pdf
    assert b"/Lang" in pdf
    assert b"/MarkInfo" in pdf


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


@pytest.mark.parametrize(
    "language",
    [pytest.param(it, marks=() if it == "nl" else pytest.mark.slow) for it in LANGUAGES],  # pages are dear
)
def test_a_simple_letter_is_one_page_and_the_fullest_two(language: str) -> None:
    texts = load(language)
    full, facts = crowded()

    simple = render_pdf(written(language=language), chart_svg(record().t_scores, texts, ON))
    crowd = render_pdf(letter(full, facts, people(), texts), chart_svg(facts.t_scores, texts, ON))
    copy = render_pdf(
        patient_letter(decision(), record(), people(), texts), chart_svg(record().t_scores, texts, ON)
    )

    assert (pages(simple), pages(crowd), pages(copy)) == (1, 2, 1)


def test_a_script_that_no_font_has_is_boxed_in_the_pdf_and_kept_elsewhere() -> None:
    it = written(CHINESE)

    assert render_pdf(it)
    assert CHINESE in render_html(it)
    assert CHINESE in render_text(it)
