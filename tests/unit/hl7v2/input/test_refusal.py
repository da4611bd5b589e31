"""A refusal has a code of table 0357, words for it, and a place, and quotes nothing of the message."""

from mappings.hl7v2.input.refusal import WORDS, MessageRefused, Problem


def test_every_code_has_words() -> None:
    assert WORDS.keys() == set(Problem)
    assert all(it.value.isdigit() and len(it.value) == 3 for it in Problem)


def test_a_refusal_says_where_and_why() -> None:
    refused = MessageRefused(Problem.REQUIRED, "There is no patient identifier.", "PID^1^3")

    assert (refused.problem, refused.place, str(refused)) == (
        Problem.REQUIRED,
        "PID^1^3",
        "There is no patient identifier.",
    )
