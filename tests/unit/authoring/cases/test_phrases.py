import pytest

from workers.authoring.cases.expectations.phrases import is_missing, paragraphs


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("wrist fracture", "A fracture of the wrist on 15 September 2026."),
        ("T-score -2.7", "Lumbar spine: T-score -2.7."),
        ("T-score -2.7", "Lumbar spine: T-score \u22122.7"),
        ("VFA grade 2 T11", "VFA: T11, grade 2"),
        ("contact GP/referrer", "Please contact the GP or the referrer."),
        ("risk factors", "Each risk factor is listed."),
        ("medication review", "Reviewing the medications."),
        ("exercises", "Exercising is advised; an exercise a day."),
        ("refer to the clinic", "Referring to clinics."),
        ("Ménopause", "menopause"),
        ("013 221 03 80", "Telephone 013 221 03 80."),
        ("of the", "anything"),
    ],
)
def test_a_paragraph_says_a_phrase_in_its_own_words(phrase: str, text: str) -> None:
    assert not is_missing(phrase, [text])


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("wrist fracture", "A fracture of the hip."),
        ("T-score -2.7", "T-score 2.7"),
        ("T-score -2.7", "T-score -2.75"),
        ("grade 2", "grade 12"),
        ("medication not known", "medication is known"),
        ("wrist fracture", ""),
        ("T11", "T1 and 11"),
        ("hip", "shipping"),
    ],
)
def test_another_number_or_a_missing_word_is_not_forgiven(phrase: str, text: str) -> None:
    assert is_missing(phrase, [text])


def test_words_scattered_over_the_letter_say_nothing() -> None:
    assert is_missing("wrist fracture", ["The wrist.", "A fracture."])


def test_a_wrapped_line_is_one_paragraph_again() -> None:
    letter = (
        "HANDOVER OF BONE HEALTH CARE\n"
        "\n"
        "- A first point that is longer than the eighty columns of the page and therefore\n"
        "  goes on here.\n"
        "- A second point.\n"
        "\n"
        "A paragraph without a bullet that is longer than the eighty columns of the page,\n"
        "and goes on here.\n"
        "A line of its own.\n"
    )

    assert paragraphs(letter) == [
        "HANDOVER OF BONE HEALTH CARE",
        "- A first point that is longer than the eighty columns of the page and therefore goes on here.",
        "- A second point.",
        "A paragraph without a bullet that is longer than the eighty columns of the page, and goes on here.",
        "A line of its own.",
    ]
