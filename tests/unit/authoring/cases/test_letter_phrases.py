import pytest

from workers.authoring.cases.expectations.letter_phrases import says_phrase

PLAIN = "Normale botdichtheid"


@pytest.mark.parametrize(
    ("phrase", "letter"),
    [
        ("trouw", "Vraag naar de trouwe inname."),
        ("TE LAAT", "De dosis is te\n  laat gegeven."),
        ("-2,4", "T-score \u22122,4 (2024)"),
        ("2013", "in 2013."),
        ("na stoppen", "Kans op wervelfracturen na stoppen."),
    ],
)
def test_a_phrase_begins_a_word_and_ends_where_it_likes(phrase: str, letter: str) -> None:
    assert says_phrase(letter, phrase)


@pytest.mark.parametrize(
    ("phrase", "letter"),
    [
        ("trouw", "Vraag naar de therapietrouw."),
        ("2013", "Kenmerk 20131."),
        ("-2,4", "T-score -2,45"),
        ("te laat", "Dat is te vroeg of laat."),
        ("denosumab", ""),
    ],
)
def test_a_part_of_a_word_or_of_a_number_is_not_said(phrase: str, letter: str) -> None:
    assert not says_phrase(letter, phrase)


@pytest.mark.parametrize(
    "letter",
    [
        "- Normale botdichtheid. De laagste waarde beslist.",
        "- Normale\n  botdichtheid",
        "Verder: gezond. De botdichtheid is normaal.",
        "Onderwerp: botdichtheid en fractuurpreventie: normale botdichtheid",
        "Conclusie: normale botdichtheid; geen medicatie.",
    ],
)
def test_the_plain_statement_of_a_normal_density_is_found(letter: str) -> None:
    assert says_phrase(letter, PLAIN)


@pytest.mark.parametrize(
    "letter",
    [
        "- 10-05-2008: normale botdichtheid (wervelkolom -0,5).",
        "- Van de gemeten plaatsen is geen enkele verlaagd, maar de heup kon niet worden gelezen.",
        "- Normale botdichtheid kan niet worden vastgesteld.",
        "- Op 10 mei 2008 was de uitslag: normale botdichtheid.",
    ],
)
def test_history_negation_and_qualified_words_are_not_the_plain_statement(letter: str) -> None:
    assert not says_phrase(letter, PLAIN)
