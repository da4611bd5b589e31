import pytest

from adapter.input.wire_json import Json, JsonValue
from tests.unit.delivery.letters import NOON, a_communication
from workers.delivery import Receipt, SendOutcome, communication_after
from workers.delivery.delivery_codes import DELIVERY, codes, concept
from workers.delivery.message_content import MESSAGE_ID

NOT_DONE_REASON = "http://terminology.hl7.org/CodeSystem/communication-not-done-reason"
NOW = "2026-01-05T12:00:00+00:00"
UNDERWAY = ["preparation", "in-progress", "unknown"]
CLOSED = ["stopped", "on-hold", "entered-in-error"]


def after(status: str, outcome: SendOutcome, **changes: JsonValue) -> Json | None:
    receipt = Receipt(outcome, reason="AR")
    return communication_after(a_communication(status=status, **changes), receipt, NOON)


@pytest.mark.parametrize("status", [*UNDERWAY, *CLOSED, "completed", "not-done"])
def test_a_try_that_may_succeed_later_changes_nothing(status: str) -> None:
    assert after(status, SendOutcome.TRANSIENT) is None


def test_what_was_handed_over_is_in_progress_and_not_said_to_be_sent() -> None:
    told = after("preparation", SendOutcome.SENT)

    assert told is not None
    assert told["status"] == "in-progress"
    assert "sent" not in told
    assert after("in-progress", SendOutcome.SENT, identifier=[{"system": MESSAGE_ID, "value": "m"}]) is None


@pytest.mark.parametrize("outcome", [SendOutcome.RECEIVED, SendOutcome.DUPLICATE])
@pytest.mark.parametrize("status", [*UNDERWAY, "not-done"])
def test_only_a_confirmation_completes(status: str, outcome: SendOutcome) -> None:
    told = after(status, outcome, statusReason={"text": "refused before"})

    assert told is not None
    assert (told["status"], told["sent"], told["received"]) == ("completed", NOW, NOW)
    assert "statusReason" not in told


def test_the_moment_of_sending_is_kept() -> None:
    told = after("in-progress", SendOutcome.RECEIVED, sent="2026-01-04T09:00:00Z")

    assert told is not None
    assert told["sent"] == "2026-01-04T09:00:00Z"


@pytest.mark.parametrize("outcome", list(SendOutcome))
@pytest.mark.parametrize("status", CLOSED)
def test_what_a_human_stopped_stays_stopped(status: str, outcome: SendOutcome) -> None:
    assert after(status, outcome) is None


@pytest.mark.parametrize("outcome", list(SendOutcome))
def test_nothing_takes_a_confirmed_delivery_back(outcome: SendOutcome) -> None:
    assert after("completed", outcome, sent=NOW, received=NOW) is None


@pytest.mark.parametrize(
    ("reason", "standard", "ours"),
    [
        ("no-endpoint", "recipient-unavailable", "no_endpoint"),
        ("gave-up", "recipient-unavailable", "gave_up"),
        ("endpoint-not-trusted", "system-error", "endpoint_not_trusted"),
        ("too-large", "system-error", "too_large"),
        ("AR", "system-error", "refused_by_receiver"),
    ],
)
def test_a_refusal_has_a_reason_in_hl7s_code_and_in_ours(reason: str, standard: str, ours: str) -> None:
    told = communication_after(a_communication(), Receipt(SendOutcome.REFUSED, reason=reason), NOON)

    assert told is not None
    assert told["status"] == "not-done"
    assert {(it["system"], it["code"]) for it in told["statusReason"]["coding"]} == {
        (NOT_DONE_REASON, standard),
        (DELIVERY, ours),
    }


def test_the_communication_that_was_given_is_left_as_it_was() -> None:
    given = a_communication()
    communication_after(given, Receipt(SendOutcome.RECEIVED), NOON)

    assert given == a_communication()


@pytest.mark.parametrize("language", ["nl", "fr"])
@pytest.mark.parametrize("code", sorted(codes("task-reason") | codes("status-reason")))
def test_every_code_has_words_in_every_language(code: str, language: str) -> None:
    assert concept(code, language)["text"] != concept(code, "en")["text"]
