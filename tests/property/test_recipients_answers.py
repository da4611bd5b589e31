"""Whatever a recipient answers, bytes over MLLP or odd resources: an outcome, and nobody else waits."""

import json
import socket
from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapter.fhir import FhirClient
from adapter.input.wire_json import Json, JsonValue
from mappings.hl7v2 import control_id
from tests.examples import examples
from tests.property.damaged_files import ODD, chance_of, changed_at, places
from tests.property.test_wire import VALUES
from tests.unit.delivery.letters import NOON, PATIENT, PLAN, SECRETS, a_communication, a_message
from tests.unit.delivery.test_answer_source import GP, HERE, Takes, reply, task
from workers.delivery import DeliveryContext, collect_answers, dispatch_letters, enqueue_communication
from workers.delivery.channels.mllp_channel import MAX_ACK, MllpChannel
from workers.delivery.letter_store import LetterStore
from workers.delivery.message import Receipt, SendOutcome, is_code
from workers.ledger import open_ledger, outbox
from workers.ledger.outbox import DeliveryState
from workers.sandbox import Sandbox
from workers.sandbox.wire import RequestRefused, dump_json

pytestmark = pytest.mark.slow

OURS = control_id(a_message().message_id).encode()
PIECES = st.sampled_from([
    b"\x0b", b"\x1c\x0d", b"\x1c", b"\r", b"\n", b"MSH|^~\\&|HIS|GP|OH||20260105||ACK|1|P|2.5.1\r", b"MSH|", b"MSH|||||\r",
    b"MSA|AA|", b"MSA|CA|", b"MSA|AE|", b"MSA|AR|", b"MSA|ZZ|", b"MSA|", b"ERR|||205|E\r", b"ERR|||101|F\r", b"ERR|||207\r", b"ERR|",
    OURS, b"SOMEBODYELSES", b"|", b"^", b"~", b"\\", b"&", b"\xff", b"\x00", b"|" * 300, b"9" * 5000, SECRETS[0].encode(),
])  # fmt: skip
BYTES = st.lists(PIECES | st.binary(max_size=6), max_size=14).map(b"".join)


def answered_with(raw: bytes) -> Receipt:
    """The receipt for a letter whose receiver answers these bytes and closes."""
    ours, theirs = socket.socketpair()
    with theirs, pytest.MonkeyPatch.context() as patched:
        theirs.sendall(raw)
        theirs.shutdown(socket.SHUT_WR)
        patched.setattr(socket, "create_connection", lambda *_: ours)
        return MllpChannel("gp.example", 2575, read_timeout=5).send(a_message())


@settings(max_examples=examples(600), deadline=None)
@given(raw=BYTES | st.binary(max_size=400))
@example(raw=b"")
@example(raw=b"\x0b" * MAX_ACK)
def test_any_bytes_over_mllp_are_a_receipt_and_only_our_own_acknowledgement_is_one_of_arrival(
    raw: bytes,
) -> None:
    receipt = answered_with(raw)

    assert receipt.outcome in SendOutcome
    assert is_code(receipt.reason)
    assert SECRETS[0] not in repr(receipt)
    if receipt.outcome in (SendOutcome.RECEIVED, SendOutcome.DUPLICATE):
        assert OURS in raw
        assert b"MSA" in raw
    if OURS not in raw:
        assert receipt.outcome is SendOutcome.TRANSIENT, "nothing was said about this letter"


TWO = "0e9a5c3e-0000-5000-8000-0000000000c2"


def two_letters(server: Sandbox) -> Iterator[DeliveryContext]:
    """Two letters to the same recipient, both sent and neither answered."""
    first = a_communication()
    second = a_communication(id="c2", identifier=[{**first["identifier"][0], "value": TWO}], basedOn=[])
    server.load([PATIENT, PLAN, first, second, *HERE])
    ledger = open_ledger("sqlite://", "scope")
    with FhirClient(server.base_url) as client:
        made = DeliveryContext(
            ledger, client, {"it": Takes()}, LetterStore(client).load, lambda: NOON + timedelta(hours=1)
        )
        for letter in (first, second):
            enqueue_communication(ledger, letter, NOON, channel="it")
        dispatch_letters(made)
        yield made
    ledger.close()


def odd_answer(seed: int) -> Json:
    """A Task or reply about the first letter with values of another kind; its type stays."""
    chance = chance_of(str(seed))
    whole = chance.choice(
        [task(GP), reply(GP), task(GP, status="rejected", statusReason={"coding": [{"code": "x"}]})]
    )
    whole = json.loads(json.dumps(whole))
    for _ in range(chance.randint(1, 4)):
        place = chance.choice([it for it in places(whole) if it])
        changed = changed_at(deepcopy(whole), place, chance)
        whole = changed if stored(changed) else whole  # what no server keeps cannot come from one
    return {
        **whole,
        "resourceType": "Task" if whole.get("id") == "t1" else "Communication",
        "id": f"odd{seed}",
    }


def stored(resource: Json) -> bool:
    """Whether the sandbox would keep it."""
    try:
        return bool(dump_json(resource))
    except RequestRefused:
        return False


@pytest.mark.parametrize("seed", range(examples(60)))
def test_an_answer_of_any_shape_on_our_own_server_keeps_no_other_from_being_read(seed: int) -> None:
    with Sandbox() as server:
        for context in two_letters(server):
            server.load([odd_answer(seed), task(GP, id="t2", focus={"reference": "Communication/c2"})])

            collect_answers(context)

            states = {
                it.communication: it.state
                for it in outbox.deliveries_in_state(context.ledger, *DeliveryState)
            }
            assert states["c2"] is DeliveryState.ACCEPTED
            assert states["c1"] in (DeliveryState.SENT, DeliveryState.ACCEPTED, DeliveryState.DECLINED)


@settings(max_examples=examples(150), deadline=None)
@given(said=VALUES | st.sampled_from(ODD))
def test_a_task_of_any_shape_at_the_recipient_keeps_no_other_from_being_read(
    at_home: DeliveryContext, said: object
) -> None:
    odd = (
        said
        if isinstance(said, dict)
        else {"resourceType": "Task", "status": said, "statusReason": said, "meta": said}
    )

    def task_at_recipient(entry: outbox.Delivery) -> JsonValue:
        return odd if entry.communication == "c1" else {"resourceType": "Task", "status": "accepted"}

    collect_answers(at_home, task_at_recipient)

    states = {it.communication: it.state for it in outbox.deliveries_in_state(at_home.ledger, *DeliveryState)}
    assert states["c2"] is DeliveryState.ACCEPTED


@pytest.fixture(scope="module")
def at_home() -> Iterator[DeliveryContext]:
    with Sandbox() as server:
        yield from two_letters(server)
