"""Sending what is due: with real sandbox, listener and ledger, killed between any two steps."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from adapter.errors import ConfigurationFault, OsteoHandoverError, RecordFault, SoftwareFault, TryAgainLater
from adapter.fhir import FhirClient
from adapter.input.wire_json import Json
from tests.unit.delivery.letters import NOON, PATIENT, PLAN, SECRETS, a_communication, a_message
from tests.unit.delivery.listener import listening
from workers.delivery import (
    Channel,
    DeliveryContext,
    DeliveryPolicy,
    LetterMessage,
    Receipt,
    SendOutcome,
    dispatch_letters,
    enqueue_communication,
)
from workers.delivery.channels.mllp_channel import MllpChannel
from workers.delivery.letter_store import LetterStore
from workers.delivery.message import receipt_of
from workers.ledger import open_ledger, outbox
from workers.ledger.deliveries import delivery
from workers.ledger.outbox import DeliveryState
from workers.sandbox import Sandbox


class Hands:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time

    def move(self, by: timedelta) -> None:
        self.time += by


class Answering:
    """A channel that gives these receipts, the last one for ever, and remembers what it was given."""

    def __init__(self, *receipts: Receipt | OsteoHandoverError) -> None:
        self.receipts, self.messages = list(receipts), list[LetterMessage]()

    def send(self, message: LetterMessage) -> Receipt:
        self.messages.append(message)
        receipt = self.receipts.pop(0) if len(self.receipts) > 1 else self.receipts[0]
        if isinstance(receipt, OsteoHandoverError):
            raise receipt
        return receipt


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def context_with(sandbox: Sandbox, clock: Hands) -> Iterator[Callable[[Channel], DeliveryContext]]:
    """A delivery whose server holds one released letter, and one channel of that name."""
    sandbox.load([PATIENT, PLAN, a_communication()])
    ledger = open_ledger("sqlite://", "scope")
    with FhirClient(sandbox.base_url) as client:
        yield lambda channel: DeliveryContext(
            ledger, client, {"it": channel}, LetterStore(client).load, clock
        )
    ledger.close()


def put(context: DeliveryContext, **changes: Any) -> str | None:
    return enqueue_communication(context.ledger, a_communication(**changes), context.clock(), channel="it")


def on_server(context: DeliveryContext, name: str = "c1") -> Json:
    return context.records.read("Communication", name)


def tasks(context: DeliveryContext) -> list[Json]:
    return context.records.search("Task").matches


def state(context: DeliveryContext) -> DeliveryState:
    (entry,) = outbox.deliveries_in_state(context.ledger, *DeliveryState)
    return entry.state


@pytest.mark.parametrize(
    ("receipt", "stands", "status", "asked"),
    [
        (Receipt(SendOutcome.SENT), DeliveryState.SENT, "in-progress", []),
        (Receipt(SendOutcome.RECEIVED), DeliveryState.RECEIVED, "completed", []),
        (Receipt(SendOutcome.DUPLICATE), DeliveryState.RECEIVED, "completed", []),
        (Receipt(SendOutcome.TRANSIENT, reason="no-ack"), DeliveryState.QUEUED, "preparation", []),
        (Receipt(SendOutcome.REFUSED, reason="AR"), DeliveryState.REFUSED, "not-done", ["delivery_failed"]),
        (TryAgainLater("busy", retry_after=30), DeliveryState.QUEUED, "preparation", []),
        (ConfigurationFault("token"), DeliveryState.QUEUED, "preparation", []),
        (RecordFault("refused"), DeliveryState.REFUSED, "not-done", ["delivery_failed"]),
    ],
)
def test_every_outcome_ends_in_one_truth(
    context_with: Callable[[Channel], DeliveryContext],
    receipt: Receipt | OsteoHandoverError,
    stands: DeliveryState,
    status: str,
    asked: list[str],
) -> None:
    context = context_with(Answering(receipt))
    put(context)

    dispatch_letters(context)
    dispatch_letters(context)

    assert state(context) is stands
    assert on_server(context)["status"] == status
    assert [it["code"]["coding"][0]["code"] for it in tasks(context)] == asked


@pytest.mark.parametrize(
    ("fault", "outcome", "reason"),
    [
        (TryAgainLater("x", status=503), SendOutcome.TRANSIENT, "unavailable-503"),
        (ConfigurationFault("x", status=401), SendOutcome.TRANSIENT, "configuration-401"),
        (RecordFault("x", status=422), SendOutcome.REFUSED, "rejected-422"),
        (SoftwareFault("x"), SendOutcome.REFUSED, "software"),
    ],
)
def test_a_fault_of_the_wire_is_a_receipt_by_who_must_act(
    fault: OsteoHandoverError, outcome: SendOutcome, reason: str
) -> None:
    assert (receipt_of(fault).outcome, receipt_of(fault).reason) == (outcome, reason)


def test_tries_are_further_and_further_apart_and_then_a_human_is_asked(
    context_with: Callable[[Channel], DeliveryContext], clock: Hands
) -> None:
    channel = Answering(Receipt(SendOutcome.TRANSIENT, reason="no-ack"))
    context = replace(context_with(channel), policy=DeliveryPolicy(max_attempts=7))
    put(context)
    waits = []
    (entry,) = outbox.deliveries_in_state(context.ledger, *DeliveryState)
    while entry.state is DeliveryState.QUEUED:
        dispatch_letters(context)
        (entry,) = outbox.deliveries_in_state(context.ledger, *DeliveryState)
        if entry.state is DeliveryState.QUEUED:
            waits.append((entry.next_attempt_at - clock()).total_seconds() / 60)
            clock.time = entry.next_attempt_at

    assert waits == [1, 5, 15, 60, 240, 240]
    assert entry.reason == "gave-up:no-ack"
    assert len({it.message_id for it in channel.messages}) == 1
    assert len(tasks(context)) == 1
    assert on_server(context)["status"] == "not-done"


def test_a_receiver_may_say_when_to_try_again_within_reason(
    context_with: Callable[[Channel], DeliveryContext], clock: Hands
) -> None:
    context = context_with(
        Answering(*(Receipt(SendOutcome.TRANSIENT, retry_after=s) for s in (90.0, -5.0, 10.0**9)))
    )
    put(context)
    waits = []
    for _ in range(3):
        dispatch_letters(context)
        (entry,) = outbox.deliveries_in_state(context.ledger, *DeliveryState)
        waits.append((entry.next_attempt_at - clock()).total_seconds())
        clock.time = entry.next_attempt_at

    assert waits == [90, 1, 4 * 3600]


def test_a_refused_letter_that_is_sent_again_by_hand_ends_as_completed(
    context_with: Callable[[Channel], DeliveryContext],
) -> None:
    context = context_with(
        Answering(Receipt(SendOutcome.REFUSED, reason="no-endpoint"), Receipt(SendOutcome.RECEIVED))
    )
    message = put(context) or ""
    dispatch_letters(context)

    assert outbox.retry_letter(context.ledger, message, NOON)
    dispatch_letters(context)

    assert on_server(context)["status"] == "completed"
    assert "statusReason" not in on_server(context)


@pytest.mark.parametrize(
    ("changed", "reason", "asked"),
    [
        ({**PLAN, "status": "revoked"}, "plan-revoked", []),
        ({**PLAN, "status": "entered-in-error"}, "plan-revoked", []),
        (a_communication(status="entered-in-error"), "communication-closed", []),
        (a_communication(status="stopped"), "communication-closed", []),
        (a_communication("changed after its release"), "content-changed", ["delivery_content_changed"]),
    ],
)
def test_what_may_not_go_any_more_does_not_go(
    context_with: Callable[[Channel], DeliveryContext],
    sandbox: Sandbox,
    changed: Json,
    reason: str,
    asked: list[str],
) -> None:
    channel = Answering(Receipt(SendOutcome.RECEIVED))
    context = context_with(channel)
    put(context)
    sandbox.load([changed])

    dispatch_letters(context)

    (entry,) = outbox.deliveries_in_state(context.ledger, *DeliveryState)
    assert (entry.state, entry.reason) == (DeliveryState.CANCELLED, reason)
    assert channel.messages == []
    assert [it["code"]["coding"][0]["code"] for it in tasks(context)] == asked


def test_a_retraction_goes_though_the_plan_is_revoked(
    context_with: Callable[[Channel], DeliveryContext], sandbox: Sandbox
) -> None:
    channel = Answering(Receipt(SendOutcome.RECEIVED))
    context = context_with(channel)
    sandbox.load([{**PLAN, "status": "revoked"}])
    enqueue_communication(context.ledger, a_communication(), NOON, channel="it", retraction=True)

    assert dispatch_letters(context) == {"received": 1}


def test_somebody_elses_change_of_the_communication_survives(
    context_with: Callable[[Channel], DeliveryContext], sandbox: Sandbox
) -> None:
    context = context_with(Answering(Receipt(SendOutcome.RECEIVED)))
    put(context)
    raced = Racing(context.records, sandbox)

    dispatch_letters(replace(context, records=raced))

    told = on_server(context)
    assert (told["status"], told["note"]) == ("completed", [{"text": "called the practice"}])


class Racing:
    """Our server, on which somebody else writes between our reading and our writing, once."""

    def __init__(self, records: Any, sandbox: Sandbox) -> None:
        self._records, self._sandbox, self._raced = records, sandbox, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._records, name)

    def read(self, kind: str, name: str) -> Json:
        found: Json = self._records.read(kind, name)
        if kind == "Communication" and not self._raced:
            self._raced = True
            self._sandbox.load([{**found, "note": [{"text": "called the practice"}]}])
        return found


def test_two_dispatchers_never_send_the_same_letter(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.sqlite"
    letters = {f"c{n}": a_communication(id=f"c{n}", identifier=[], basedOn=[]) for n in range(30)}
    sent: Counter[str] = Counter()
    together = threading.Barrier(2)

    class Counting:
        def send(self, message: LetterMessage) -> Receipt:
            sent[message.message_id] += 1
            return Receipt(SendOutcome.RECEIVED)

    def work() -> None:
        ledger = open_ledger(url, "scope")
        nowhere = FhirClient("http://127.0.0.1:9")  # telling is not the matter here, and fails
        load = lambda entry: a_message(letters[entry.communication])  # noqa: E731 - two lines would say no more
        together.wait()
        dispatch_letters(DeliveryContext(ledger, nowhere, {"it": Counting()}, load, lambda: NOON))
        ledger.close()

    with_letters = open_ledger(url, "scope")
    for letter in letters.values():
        enqueue_communication(with_letters, letter, NOON, channel="it")
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(sent) == 30
    assert set(sent.values()) == {1}
    with_letters.close()


class Killed(BaseException):
    """As kill -9: nobody catches it."""


class Fuse:
    """Kills the process at the nth thing that it does; 0: never."""

    def __init__(self, left: int) -> None:
        self.left = left

    def burn(self, *_: object) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed


class Fused:
    """Something whose every call is a moment to be killed before it, and one after it."""

    def __init__(self, held: object, fuse: Fuse) -> None:
        self._held, self._fuse = held, fuse

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any, **named: Any) -> Any:
            self._fuse.burn()
            given = getattr(self._held, name)(*args, **named)
            self._fuse.burn()
            return given

        return call


def lives_through(context: DeliveryContext, letter: Json, at: int) -> bool:
    """One life from release to receipt that is killed at that step; False when there was no such step."""
    fuse = Fuse(at)
    engine = context.ledger.engine
    records: Any = Fused(context.records, fuse)
    channels: Any = {name: Fused(it, fuse) for name, it in context.channels.items()}
    watched = replace(context, records=records, channels=channels, load=LetterStore(records).load)
    for moment in ("begin", "commit"):
        event.listen(engine, moment, fuse.burn)
    try:
        enqueue_communication(watched.ledger, letter, NOON, channel="it")
        dispatch_letters(watched)
    except Killed:
        return True
    finally:
        for moment in ("begin", "commit"):
            event.remove(engine, moment, fuse.burn)
    return False


@pytest.mark.parametrize("answers", [("AA",), ("AR",)], ids=["received", "refused"])
def test_killed_at_any_step_the_letter_arrives_at_least_once_and_as_the_same_one(
    sandbox: Sandbox, answers: tuple[str, ...]
) -> None:
    deaths = 0
    while outlived(sandbox, answers[0], deaths + 1):
        deaths += 1
    assert deaths >= 15


def outlived(sandbox: Sandbox, answer: str, at: int) -> bool:
    """Die at that step, go on six minutes later, and look; whether anybody died."""
    letter = a_communication(id=f"c{at}", identifier=[])
    sandbox.load([PATIENT, PLAN, letter])
    ledger = open_ledger("sqlite://", "scope")
    with listening(answer) as listener, FhirClient(sandbox.base_url) as client:
        channel = MllpChannel("127.0.0.1", listener.port)
        context = DeliveryContext(ledger, client, {"it": channel}, LetterStore(client).load, lambda: NOON)
        died = lives_through(context, letter, at)

        enqueue_communication(ledger, letter, NOON, channel="it")
        dispatch_letters(replace(context, clock=lambda: NOON + timedelta(minutes=6)))

        assert len(set(listener.messages)) == 1
        assert len(listener.messages) <= 2
        assert on_server(context, f"c{at}")["status"] == {"AA": "completed", "AR": "not-done"}[answer]
        asked = [it for it in tasks(context) if it["focus"]["reference"] == f"Communication/c{at}"]
        assert len(asked) == {"AA": 0, "AR": 1}[answer]
    ledger.close()
    return died


def test_nothing_of_the_patient_is_in_the_outbox_or_the_log(
    context_with: Callable[[Channel], DeliveryContext], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with listening("AE+207", "AR") as listener:
        context = context_with(MllpChannel("127.0.0.1", listener.port))
        put(context)
        dispatch_letters(context)
        dispatch_letters(replace(context, clock=lambda: NOON + timedelta(hours=1)))

    with context.ledger.transaction() as connection:
        rows = repr(connection.execute(select(delivery)).all())
    assert state(context) is DeliveryState.REFUSED
    assert not any(secret in rows + caplog.text for secret in (*SECRETS, "not one of ours"))
    assert not any(secret in str(tasks(context)) for secret in SECRETS)
