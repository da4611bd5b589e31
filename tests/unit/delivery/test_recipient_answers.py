from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from adapter.errors import TryAgainLater
from adapter.fhir import FhirClient
from adapter.input.wire_json import Json, JsonValue
from mappings.outbound.vocabulary import output_concept
from tests.server_patients import admitted
from tests.unit.delivery.letters import NOON, PATIENT, PLAN, a_communication
from workers.delivery import (
    DeliveryContext,
    Receipt,
    SendOutcome,
    collect_answers,
    dispatch_letters,
    enqueue_communication,
    name_of,
)
from workers.delivery.delivery_codes import concept
from workers.delivery.letter_store import LetterStore
from workers.delivery.message import LetterMessage
from workers.delivery.message_content import MESSAGE_ID
from workers.ledger import open_ledger, outbox
from workers.ledger.outbox import Delivery, DeliveryState
from workers.sandbox import Sandbox


class Taking:
    """A channel that takes everything, with or without a confirmation."""

    def __init__(self, outcome: SendOutcome) -> None:
        self.outcome = outcome
        self.messages: list[LetterMessage] = []

    def send(self, message: LetterMessage) -> Receipt:
        self.messages.append(message)
        return Receipt(self.outcome, reason="AR")


@pytest.fixture
def context(sandbox: Sandbox) -> Iterator[DeliveryContext]:
    """A delivery that has handed one letter to a transport that confirms nothing."""
    sandbox.load([PATIENT, PLAN, a_communication()])
    ledger = open_ledger("sqlite://", "scope")
    with FhirClient(sandbox.base_url) as client:
        made = DeliveryContext(
            ledger, client, {"it": Taking(SendOutcome.SENT)}, LetterStore(client).load, lambda: NOON
        )
        enqueue_communication(ledger, a_communication(), NOON, channel="it")
        dispatch_letters(made)
        yield made
    ledger.close()


def at(context: DeliveryContext, days: float) -> DeliveryContext:
    return replace(context, clock=lambda: NOON + timedelta(days=days))


def the_entry(context: DeliveryContext) -> Delivery:
    (entry,) = outbox.deliveries_in_state(context.ledger, *DeliveryState)
    return entry


def questions(context: DeliveryContext) -> list[str]:
    codes = (it["code"]["coding"][0]["code"] for it in context.records.search("Task").matches if "code" in it)
    return [it for it in codes if it.startswith("delivery_")]


def task(status: str, **parts: JsonValue) -> Json:
    return {
        "resourceType": "Task",
        "id": "t1",
        "status": status,
        "intent": "order",
        "focus": {"reference": "Communication/c1"},
        "lastModified": "2026-01-06T09:00:00Z",
        "owner": {"reference": "Organization/gp"},
        **parts,
    }


def reply(status: str = "completed", **parts: JsonValue) -> Json:
    about = [{"reference": "Communication/c1"}]
    plain = {"resourceType": "Communication", "id": "r1", "status": status, "inResponseTo": about}
    return {**plain, "sender": {"reference": "Organization/gp"}, **parts}


NO_ROOM = {
    "statusReason": {"coding": [{"system": "urn:gp", "code": "no-capacity"}], "text": "Mrs Zonneveld moved"}
}


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [
        (task("accepted"), DeliveryState.ACCEPTED, None),
        (task("in-progress"), DeliveryState.ACCEPTED, None),
        (task("completed"), DeliveryState.ACCEPTED, None),
        (task("accepted", focus={"reference": "CarePlan/plan1"}), DeliveryState.ACCEPTED, None),
        (task("rejected", **NO_ROOM), DeliveryState.DECLINED, "no-capacity"),
        (task("failed"), DeliveryState.DECLINED, "unstated"),
        (task("rejected", statusReason={"text": "Mrs Zonneveld moved"}), DeliveryState.DECLINED, "unstated"),
        (
            task("rejected", statusReason={"coding": [{"code": "she has moved"}]}),
            DeliveryState.DECLINED,
            "unstated",
        ),
        (task("requested"), DeliveryState.SENT, None),
        (task("cancelled"), DeliveryState.SENT, None),
        (task("accepted", focus={"reference": "Communication/another"}), DeliveryState.SENT, None),
        (task("completed", code=concept("delivery_unacknowledged", "nl")), DeliveryState.SENT, None),
        (task("completed", code=output_concept("clinician_release_task", "nl")), DeliveryState.SENT, None),
        (task("accepted", code=concept("letter_for_gp", "nl")), DeliveryState.ACCEPTED, None),
        (reply(), DeliveryState.ACCEPTED, None),
        (reply("not-done", **NO_ROOM), DeliveryState.DECLINED, "no-capacity"),
        (reply("entered-in-error"), DeliveryState.SENT, None),
        (
            reply(
                inResponseTo=[
                    {"identifier": {"system": MESSAGE_ID, "value": name_of(a_communication()).message_id}}
                ]
            ),
            DeliveryState.ACCEPTED,
            None,
        ),
        (reply(payload=[{"contentString": "we cannot take Mrs Zonneveld"}]), DeliveryState.SENT, None),
    ],
)
def test_every_answer_means_one_thing_however_often_it_is_read(
    context: DeliveryContext,
    sandbox: Sandbox,
    answer: Json,
    state: DeliveryState,
    reason: str | None,
) -> None:
    sandbox.load([answer])

    collect_answers(at(context, 1))
    again = collect_answers(at(context, 1))

    assert (the_entry(context).state, the_entry(context).reason) == (state, reason)
    assert not again.keys() - {"duplicate"}


def test_whoever_answers_has_received(context: DeliveryContext, sandbox: Sandbox) -> None:
    assert context.records.read("Communication", "c1")["status"] == "in-progress"
    sandbox.load([task("accepted")])

    collect_answers(at(context, 1))

    told = context.records.read("Communication", "c1")
    assert (told["status"], told["received"]) == ("completed", "2026-01-06T12:00:00+00:00")


def test_a_refusal_comes_before_a_human_and_is_counted_for_each_rule_once(
    context: DeliveryContext, sandbox: Sandbox
) -> None:
    sandbox.load([task("rejected", **NO_ROOM)])

    for _ in range(3):
        collect_answers(at(context, 1))

    assert outbox.count_declined_rules(context.ledger) == {
        ("ACT-2", "no-capacity"): 1,
        ("TRT-01", "no-capacity"): 1,
    }
    assert questions(context) == ["delivery_declined"]


def test_an_answer_in_words_is_for_a_human_to_read_and_stops_the_reminder(
    context: DeliveryContext, sandbox: Sandbox
) -> None:
    sandbox.load([reply(payload=[{"contentString": "we will call"}])])

    assert collect_answers(at(context, 1)) == {"replied": 1}
    collect_answers(at(context, 30))

    assert questions(context) == ["delivery_replied"]


def test_of_two_answers_the_last_one_stands_and_nothing_is_counted_twice(
    context: DeliveryContext, sandbox: Sandbox
) -> None:
    sandbox.load([task("rejected", **NO_ROOM), reply(sent="2026-01-07T09:00:00Z")])

    first, second = collect_answers(at(context, 3)), collect_answers(at(context, 3))

    assert first == {"accepted": 1}
    assert second == {"duplicate": 1}
    assert outbox.count_declined_rules(context.ledger) == {}


def test_an_answer_to_a_letter_that_is_not_ours_is_counted_and_ignored(
    context: DeliveryContext, sandbox: Sandbox
) -> None:
    sandbox.load([reply(inResponseTo=[{"reference": "Communication/unheard-of"}, "nonsense"])])

    assert collect_answers(at(context, 1)) == {"unknown": 1}
    assert the_entry(context).state is DeliveryState.SENT


def test_a_missing_answer_raises_exactly_one_task(context: DeliveryContext) -> None:
    assert collect_answers(at(context, 6)) == {}
    assert collect_answers(at(context, 7)) == {"reminded": 1}
    assert collect_answers(at(context, 9)) == {}
    assert questions(context) == ["delivery_unacknowledged"]


def test_a_human_who_closed_the_reminder_is_not_asked_again(context: DeliveryContext) -> None:
    collect_answers(at(context, 7))
    (asked,) = context.records.search("Task").matches
    context.records.update({**asked, "status": "completed"})

    collect_answers(at(context, 20))

    assert [it["status"] for it in context.records.search("Task").matches] == ["completed"]
    assert the_entry(context).state is DeliveryState.SENT


def test_an_answer_after_we_gave_up_still_counts(context: DeliveryContext, sandbox: Sandbox) -> None:
    refused = replace(context, channels={"it": Taking(SendOutcome.REFUSED)})
    letter = a_communication("other", id="c2", identifier=[], basedOn=[])
    sandbox.load([letter])
    enqueue_communication(context.ledger, letter, NOON, channel="it")
    dispatch_letters(refused)
    assert context.records.read("Communication", "c2")["status"] == "not-done"

    sandbox.load([task("accepted", focus={"reference": "Communication/c2"})])
    collect_answers(at(context, 1))

    assert context.records.read("Communication", "c2")["status"] == "completed"


def test_a_task_at_the_recipient_counts_and_a_server_in_trouble_is_asked_another_time(
    context: DeliveryContext,
) -> None:
    def down(_entry: Delivery) -> None:
        raise TryAgainLater("down")

    assert collect_answers(at(context, 1), down) == {"unreadable": 1}
    assert collect_answers(at(context, 1), lambda _entry: task("accepted")) == {"accepted": 1}


def test_a_task_about_a_plan_with_two_letters_is_nobodys_answer(
    context: DeliveryContext, sandbox: Sandbox
) -> None:
    other = a_communication(id="c2", identifier=[], recipient=[{"reference": "Organization/pharmacy"}])
    sandbox.load([other, task("accepted", focus={"reference": "CarePlan/plan1"})])
    enqueue_communication(context.ledger, other, NOON, channel="it")
    dispatch_letters(context)

    collect_answers(at(context, 1))

    assert outbox.count_states(context.ledger)[DeliveryState.SENT] == 2


ODD: list[JsonValue] = [
    {"status": "accepted", "meta": [1]},
    {"status": ["accepted"], "lastModified": 7},
    {"status": "rejected", "statusReason": [1], "meta": "x"},
    {"status": "rejected", "statusReason": {"coding": [{"code": {}}]}},
    [1],
    "accepted",
]


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_answer_from_a_recipients_server_keeps_nobody_elses_from_being_read(
    context: DeliveryContext, sandbox: Sandbox, odd: JsonValue
) -> None:
    admitted(sandbox.base_url, [task("accepted")])

    done = collect_answers(context, lambda _: odd)

    assert done["accepted"] + done["declined"] >= 1
