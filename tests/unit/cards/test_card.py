"""A card has the same id for the same call, and its words make no markup."""

from mappings.cards import about_the_patient, card_of
from tests.unit.cards.card_calls import ATC, CALL, INSTITUTION, an_order, proposal, score


def test_whoever_repeats_a_call_gets_the_same_ids() -> None:
    (advice,) = about_the_patient(proposal(score(-3.0)), INSTITUTION)

    assert card_of(advice, 0, CALL, INSTITUTION) == card_of(advice, 0, CALL, INSTITUTION)
    assert card_of(advice, 0, CALL, INSTITUTION)["uuid"] != card_of(advice, 1, CALL, INSTITUTION)["uuid"]


def test_words_of_a_record_make_no_markup() -> None:
    odd = an_order("M05BX04") | {
        "subject": {"reference": "Patient/p1"},
        "status": "active",
        "authoredOn": "2026-06-01",
        "medicationCodeableConcept": {
            "coding": [{"system": ATC, "code": "M05BX04"}],
            "text": "Prolia 60 mg [here](http://evil.example) <b>",
        },
    }
    (advice,) = about_the_patient(proposal(score(-3.0), odd), INSTITUTION)

    assert "[here](" not in advice.detail
    assert "<b>" not in advice.detail
