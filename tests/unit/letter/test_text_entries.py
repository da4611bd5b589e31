"""The words: complete in every language, formatted as each language writes, and never a raw code on paper."""

import re
from datetime import date
from decimal import Decimal

import pytest

from adapter.letter import Texts
from adapter.letter.text_entries import HOLE
from mappings.texts import LANGUAGES, IncompleteTexts, check, load, required

ON = date(2026, 11, 10)


@pytest.mark.parametrize(
    ("language", "written"), [("nl", "10-11-2026"), ("fr", "10/11/2026"), ("en", "10 November 2026")]
)
def test_a_date_is_written_as_the_language_writes_it(language: str, written: str) -> None:
    assert load(language).day(ON) == written


@pytest.mark.parametrize(("language", "written"), [("nl", "-2,90"), ("fr", "-2,90"), ("en", "-2.90")])
def test_a_score_keeps_its_digits_and_a_plain_minus(language: str, written: str) -> None:
    assert load(language).number(Decimal("-2.90")) == written


@pytest.mark.parametrize(
    ("reported", "printed"),
    [
        ("-2.9", "-2.9"),
        ("-2.90", "-2.90"),
        ("-2.4999999999999996", "-2.49"),  # not -2.50, which would be another class
        ("-2.5000000000000004", "-2.50"),
        ("-3", "-3"),
        ("0", "0"),
        ("1.9", "+1.9"),
    ],
)
def test_a_t_score_has_a_sign_and_two_decimals_at_most_and_is_never_rounded(
    reported: str, printed: str
) -> None:
    assert load("en").score(Decimal(reported)) == printed


def test_a_french_colon_stands_after_a_blank_that_does_not_break() -> None:
    french = load("fr")

    assert french.pair("T-score", "-2,9") == "T-score\u00a0: -2,9"
    assert [text for text in french.entries.values() if re.search(r" [:;?!]", text)] == []


@pytest.mark.parametrize(
    ("interval", "words"),
    [
        ("5y", "5 years"),
        ("1y", "1 year"),
        ("3mo", "3 months"),
        ("P6M", "6 months"),
        ("12 w", "12 weeks"),
        ("soon", "soon"),
    ],
)
def test_an_interval_is_put_in_words(interval: str, words: str) -> None:
    assert load("en").interval(interval) == words


def test_a_partial_date_stays_as_it_came() -> None:
    assert load("nl").day_text("1956-03") == "1956-03"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_is_complete(language: str) -> None:
    assert required() <= load(language).entries.keys()


def test_all_that_is_missing_is_named_at_once() -> None:
    reference = dict(load("en").entries)
    poor = {key: text for key, text in reference.items() if key not in ("side.left", "line.page")}

    with pytest.raises(IncompleteTexts, match=r"missing: line\.page, side\.left"):
        check("xx", poor, reference)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"line.t_score": "T-score {place}"}, "other holes: line.t_score"),
        ({"line.page": "  "}, "empty: line.page"),
        ({"line.invented": "x"}, "not in the reference: line.invented"),
    ],
)
def test_a_text_that_does_not_fit_the_reference_is_refused(change: dict[str, str], fault: str) -> None:
    reference = dict(load("en").entries)

    with pytest.raises(IncompleteTexts, match=re.escape(fault)):
        check("xx", reference | change, reference)


def test_a_language_nobody_wrote_is_refused_by_name_of_those_there_are() -> None:
    with pytest.raises(ValueError, match="nl, en, fr"):
        load("de")


def test_a_code_without_words_is_readable_and_marked_as_local() -> None:
    assert load("en").name("activity", "call_the_bone_nurse") == "Call the bone nurse (local term)"


def test_an_institution_can_word_its_own_codes() -> None:
    own = load("en").extend({"activity.call_the_bone_nurse": "Call the bone nurse."})

    assert own.name("activity", "call_the_bone_nurse") == "Call the bone nurse."
    assert not load("en").knows("activity", "call_the_bone_nurse")


def test_braces_in_a_value_are_not_filled_again() -> None:
    texts = Texts("xx", {"line.hello": "Dear {name}, {date}"})

    assert texts.say("line.hello", name="{date}", date="today") == "Dear {date}, today"


AVOIDED = {  # GL-06, and plain Dutch: what a reader of the letter should not find
    "nl": re.compile(r"inzak|ingezakt|ontkalk|wigvorm|hoogteverlies", re.IGNORECASE),
    "en": re.compile(r"collaps|\bcrush|wedge", re.IGNORECASE),
    "fr": re.compile(r"tassement", re.IGNORECASE),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_vertebral_fracture_is_called_that(language: str) -> None:
    assert [text for text in load(language).entries.values() if AVOIDED[language].search(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_contains_markup_an_arrow_or_a_typographic_minus(language: str) -> None:
    assert [
        text for text in load(language).entries.values() if re.search(r"[<>&\u2212*_#]", HOLE.sub("", text))
    ] == []


DRUGS = re.compile(
    r"bis(f|ph)os|dronat|droninezuur|denosumab|dénosumab|raloxif|paratid|sozumab|T-score|DXA|VFA|FRAX",
    re.IGNORECASE,
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_for_patients_is_short_and_names_no_drug_or_test(language: str) -> None:
    for key, text in load(language).entries.items():
        if key.startswith("patient"):
            assert not DRUGS.search(text), key
            assert max(len(sentence.split()) for sentence in re.split(r"[.?!]", text)) <= 20, key


def test_a_code_is_named_by_the_first_section_that_has_it_or_by_itself() -> None:
    english = load("en")

    assert english.first(("none", "fracture_site"), "hip") == english.name("fracture_site", "hip")
    assert "local" in english.first(("none",), "house_code").lower()
