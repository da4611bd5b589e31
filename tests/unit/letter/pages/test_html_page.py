"""A letter as a page: no name becomes markup, and everybody can read it."""

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from adapter.letter import chart_svg, letter, patient_letter, render_html, render_text
from adapter.letter.people import clean
from mappings.texts import LANGUAGES, load
from tests.unit.letter.pages.names import HOSTILE, written
from tests.unit.letter.patients import ON, decision, people, record


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


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_reaches_html_as_markup(name: str) -> None:
    plain, hostile = (
        Page(render_html(written(it), chart_svg(record().t_scores, load("en"), ON))) for it in ("A", name)
    )

    assert hostile.tags == plain.tags
    assert hostile.attributes == plain.attributes
    assert clean(name) in hostile.text


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
