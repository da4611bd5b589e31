from collections.abc import Iterator
from datetime import timedelta

import pytest

from adapter.input.wire_json import Json
from tests.unit.delivery.letters import NOON
from workers.ledger import Ledger, open_ledger, outbox
from workers.ledger.outbox import Delivery, DeliveryOrder, DeliveryResult, DeliveryState

LEASE = timedelta(minutes=5)
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    opened = open_ledger(ledger_url, "scope")
    yield opened
    opened.close()


def order(message: str, *, document: str = "d1", retraction: bool = False) -> DeliveryOrder:
    return DeliveryOrder(message, document, "c1", "mllp", plan="CarePlan/p1", retraction=retraction)


def taken(ledger: Ledger) -> Delivery:
    entry = outbox.take_letter(ledger, NOON, LEASE)
    assert entry is not None
    return entry


def entry_of(ledger: Ledger, message: str) -> Delivery:
    return next(it for it in outbox.deliveries_in_state(ledger, *DeliveryState) if it.message_id == message)


def received(ledger: Ledger, message: str = "m1") -> Delivery:
    outbox.enqueue_letter(ledger, order(message), NOON)
    result = DeliveryResult(DeliveryState.RECEIVED, answer_due_at=NOON + timedelta(days=7))
    assert outbox.settle_delivery(ledger, taken(ledger), result, NOON)
    return entry_of(ledger, message)


def test_the_same_content_twice_is_one_row(ledger: Ledger) -> None:
    assert outbox.enqueue_letter(ledger, order("m1"), NOON)
    assert not outbox.enqueue_letter(ledger, order("m1"), LATER)
    assert len(outbox.deliveries_in_state(ledger, *DeliveryState)) == 1


def test_a_newer_version_takes_the_place_of_one_that_was_not_sent(ledger: Ledger) -> None:
    outbox.enqueue_letter(ledger, order("m1"), NOON)
    outbox.enqueue_letter(ledger, order("m2"), NOON)
    outbox.enqueue_letter(ledger, order("other", document="d2"), NOON)

    old = entry_of(ledger, "m1")
    assert (old.state, old.superseded_by, old.reason) == (DeliveryState.CANCELLED, "m2", "superseded")
    assert {taken(ledger).message_id, taken(ledger).message_id} == {"m2", "other"}


def test_a_content_that_comes_back_before_anything_was_sent_goes_after_all(ledger: Ledger) -> None:
    for message in ("m1", "m2", "m1"):
        assert outbox.enqueue_letter(ledger, order(message), NOON)

    assert entry_of(ledger, "m2").state is DeliveryState.CANCELLED
    assert taken(ledger).message_id == "m1"


def test_a_revoked_plan_stops_what_was_not_sent_but_not_its_retraction(ledger: Ledger) -> None:
    outbox.enqueue_letter(ledger, order("m1"), NOON)
    outbox.enqueue_letter(ledger, order("r1", document="d2", retraction=True), NOON)

    assert outbox.cancel_letters(ledger, "CarePlan/p1", NOON) == 1
    assert outbox.cancel_letters(ledger, "CarePlan/p1", NOON) == 0
    assert taken(ledger).message_id == "r1"
    assert outbox.take_letter(ledger, NOON, LEASE) is None


def test_what_is_taken_is_counted_and_nobody_elses_until_the_lease_is_over(ledger: Ledger) -> None:
    outbox.enqueue_letter(ledger, order("m1"), NOON)

    first = taken(ledger)
    assert first.attempts == 1
    assert outbox.take_letter(ledger, NOON + LEASE - timedelta(seconds=1), LEASE) is None

    again = outbox.take_letter(ledger, NOON + LEASE, LEASE)
    assert again is not None
    assert (again.attempts, again.turn) == (2, 2)
    assert not outbox.settle_delivery(ledger, first, DeliveryResult(DeliveryState.REFUSED), NOON)
    assert outbox.settle_delivery(ledger, again, DeliveryResult(DeliveryState.SENT), NOON)


def test_a_letter_that_was_cancelled_while_it_went_out_did_go_out(ledger: Ledger) -> None:
    outbox.enqueue_letter(ledger, order("m1"), NOON)
    entry = taken(ledger)
    outbox.cancel_letters(ledger, "CarePlan/p1", NOON)

    assert outbox.settle_delivery(ledger, entry, DeliveryResult(DeliveryState.RECEIVED), NOON)
    assert entry_of(ledger, "m1").state is DeliveryState.RECEIVED


def test_a_letter_that_was_cancelled_while_it_failed_stays_cancelled(ledger: Ledger) -> None:
    outbox.enqueue_letter(ledger, order("m1"), NOON)
    entry = taken(ledger)
    outbox.cancel_letters(ledger, "CarePlan/p1", NOON)

    assert not outbox.settle_delivery(
        ledger, entry, DeliveryResult(DeliveryState.QUEUED, again_at=LATER), NOON
    )
    assert outbox.take_letter(ledger, LATER, LEASE) is None


@pytest.mark.parametrize(
    ("state", "again"),
    [
        (DeliveryState.REFUSED, True),
        (DeliveryState.QUEUED, True),
        (DeliveryState.RECEIVED, False),
        (DeliveryState.CANCELLED, False),
    ],
)
def test_only_what_did_not_arrive_is_sent_again_by_hand(
    ledger: Ledger, state: DeliveryState, again: bool
) -> None:
    outbox.enqueue_letter(ledger, order("m1"), NOON)
    outbox.settle_delivery(ledger, taken(ledger), DeliveryResult(state, again_at=LATER), NOON)

    assert outbox.retry_letter(ledger, "m1", NOON) is again
    assert (outbox.take_letter(ledger, NOON, LEASE) is not None) is again


def test_an_answer_counts_once_and_the_last_one_stands(ledger: Ledger) -> None:
    entry = received(ledger)
    declined: Json = {"reason": "no-capacity", "rules": ("TRT-01", "TRT-01", "ACT-2")}

    assert outbox.record_recipient_answer(ledger, entry, DeliveryState.DECLINED, LATER, **declined)
    assert not outbox.record_recipient_answer(ledger, entry, DeliveryState.DECLINED, LATER, **declined)
    assert outbox.count_declined_rules(ledger) == {("ACT-2", "no-capacity"): 1, ("TRT-01", "no-capacity"): 1}
    assert entry_of(ledger, "m1").question == "delivery_declined"

    assert outbox.record_recipient_answer(ledger, entry, DeliveryState.ACCEPTED, LATER)
    assert entry_of(ledger, "m1").state is DeliveryState.ACCEPTED


def test_nobody_answers_a_letter_that_was_not_sent(ledger: Ledger) -> None:
    outbox.enqueue_letter(ledger, order("m1"), NOON)

    assert not outbox.record_recipient_answer(ledger, entry_of(ledger, "m1"), DeliveryState.ACCEPTED, NOON)


def test_a_missing_answer_is_asked_after_once(ledger: Ledger) -> None:
    received(ledger)

    assert outbox.question_overdue(ledger, NOON + timedelta(days=6)) == 0
    assert outbox.question_overdue(ledger, NOON + timedelta(days=7)) == 1
    assert outbox.question_overdue(ledger, NOON + timedelta(days=70)) == 0


def test_nobody_is_asked_about_a_letter_that_was_replaced(ledger: Ledger) -> None:
    received(ledger)
    outbox.enqueue_letter(ledger, order("m2"), NOON)

    assert outbox.question_overdue(ledger, NOON + timedelta(days=8)) == 0


def test_scopes_do_not_see_each_other(ledger: Ledger) -> None:
    outbox.enqueue_letter(ledger, order("m1"), NOON)
    stranger = Ledger(ledger.engine, "another")

    assert outbox.take_letter(stranger, NOON, LEASE) is None
    assert outbox.count_states(stranger)[DeliveryState.QUEUED] == 0
    assert outbox.count_states(ledger)[DeliveryState.QUEUED] == 1
