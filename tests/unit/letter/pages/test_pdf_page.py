"""A letter as a PDF: every name gives one, with the same bytes each time, and on few pages."""

import re

import pytest

from adapter.letter import chart_svg, letter, patient_letter, render_html, render_pdf, render_text
from mappings.texts import LANGUAGES, load
from tests.unit.letter.pages.names import CHINESE, HOSTILE, written
from tests.unit.letter.patients import ON, crowded, decision, people, record


@pytest.mark.parametrize("name", HOSTILE)
def test_every_name_gives_a_pdf(name: str) -> None:
    assert render_pdf(written(name)).startswith(b"%PDF-1.7")


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
