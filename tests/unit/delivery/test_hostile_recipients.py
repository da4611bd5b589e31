"""A recipient's server may answer anything: its own letter gets an outcome, and no other one waits."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, given, settings

from adapter.fhir import FhirClient, HttpOptions
from adapter.input.wire_json import Json
from tests.examples import examples
from tests.property.test_wire import ANSWERS, REDIRECTS
from tests.server_patients import admitted
from tests.unit.delivery.letters import NOON, PATIENT, PLAN, a_communication
from tests.unit.fhir.server import Answer, FakeServer, fake_server
from workers.delivery import (
    DeliveryContext,
    LetterMessage,
    Receipt,
    SendOutcome,
    dispatch_letters,
    enqueue_communication,
)
from workers.delivery.channels.endpoints import EndpointDirectory
from workers.delivery.channels.fhir_channel import FhirChannel
from workers.delivery.channels.recipient_circuit import RecipientCircuit
from workers.delivery.letter_store import LetterStore
from workers.ledger import open_ledger, outbox
from workers.ledger.deliveries import DeliveryState
from workers.sandbox import Sandbox

pytestmark = pytest.mark.slow  # two servers, and an examination of many answers


class Kind:
    """A channel to somebody whose system works."""

    def send(self, message: LetterMessage) -> Receipt:
        return Receipt(SendOutcome.RECEIVED, reference=message.message_id)


class Crashing:
    """A channel with a mistake in it."""

    def send(self, message: LetterMessage) -> Receipt:
        raise TypeError(message.text)


@pytest.fixture(scope="module")
def home() -> Iterator[Sandbox]:
    with Sandbox(port=0, path=":memory:") as server:
        admitted(server.base_url, [PATIENT, PLAN])
        yield server


@pytest.fixture(scope="module")
def gp() -> Iterator[FakeServer]:
    with fake_server() as server:
        yield server


@contextmanager
def two_letters(home: Sandbox, gp_base: str, names: Sequence[str]) -> Iterator[DeliveryContext]:
    """Two letters wait: the first for the GP of the test, the second for somebody whose system works."""
    ledger = open_ledger("sqlite://", "scope")
    admitted(home.base_url, [a_communication(id=f"c{it}", identifier=[]) for it in range(4)])
    with FhirClient(home.base_url) as client, FhirClient(gp_base, http=HttpOptions(total_timeout=2)) as at_gp:
        directory = EndpointDirectory(client, {"Organization/gp": gp_base})
        circuit = RecipientCircuit(ledger, lambda: NOON)
        channels = {"gp": FhirChannel(directory, lambda _: at_gp, home.base_url, circuit=circuit)}
        context = DeliveryContext(
            ledger,
            client,
            {**channels, "kind": Kind(), "crash": Crashing()},
            LetterStore(client).load,
            lambda: NOON,
        )
        for number, name in enumerate(names):
            assert enqueue_communication(
                ledger, client.read("Communication", f"c{number}"), NOON, channel=name
            )
        yield context
    ledger.close()


@settings(
    max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(answers=ANSWERS | REDIRECTS)
def test_whatever_a_recipient_answers_the_next_letter_goes(
    home: Sandbox, gp: FakeServer, answers: Json
) -> None:
    gp.forget()
    gp.will_answer(*[Answer(**answers)] * 6)

    with two_letters(home, gp.base, ["gp", "kind"]) as context:
        dispatch_letters(context)

        assert len(outbox.deliveries_in_state(context.ledger, DeliveryState.RECEIVED)) >= 1
        (strange,) = [
            it for it in outbox.deliveries_in_state(context.ledger, *DeliveryState) if it.channel == "gp"
        ]
        assert strange.state is not DeliveryState.QUEUED or strange.reason


@pytest.mark.parametrize(
    "body", [{"status": "accepted", "meta": [1]}, {"resourceType": "Task", "id": 7, "meta": [1]}, []]
)
def test_the_answers_that_once_ended_all_delivery_do_so_no_more(
    home: Sandbox, gp: FakeServer, body: object
) -> None:
    gp.forget()
    gp.will_answer(*[Answer(200, json.dumps(body).encode())] * 6)

    with two_letters(home, gp.base, ["gp", "kind"]) as context:
        assert dispatch_letters(context)["received"] == 1


def test_a_mistake_of_ours_puts_one_letter_before_a_human_and_lets_the_others_go(
    home: Sandbox, gp: FakeServer
) -> None:
    with two_letters(home, gp.base, ["crash", "kind"]) as context:
        done = dispatch_letters(context)

        assert done == {"refused": 1, "received": 1}
        (refused,) = outbox.deliveries_in_state(context.ledger, DeliveryState.REFUSED)
        assert refused.reason == "software"


def test_a_recipients_server_that_is_down_is_not_waited_for_by_letter_after_letter(
    home: Sandbox, gp: FakeServer
) -> None:
    gp.forget()
    with two_letters(home, gp.base, ["gp", "gp", "gp", "gp"]) as context:
        dispatch_letters(context)

        asked = len(gp.asked)
        assert RecipientCircuit(context.ledger, lambda: NOON).may_ask(gp.base) is False
    assert asked == 3, "three in a row, and then no more"
