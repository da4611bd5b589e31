"""Whatever a server sends as a hint: the right patients become work, or a sweep looks; nothing else."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.made_resources import a_gp, a_patient, a_t_score
from tests.server_patients import a_runtime
from tests.unit.server.notifications import event, topic
from workers.broker.broker_fault import BrokerAway
from workers.host.clock import system_clock
from workers.ledger import Ledger, open_ledger, reviews
from workers.sandbox import Sandbox
from workers.server.admission import Admission
from workers.server.hint_receiver import HintReceiver
from workers.server.notification import Notification, notification_of

BASE = "https://fhir.example/r4"


@pytest.mark.parametrize(
    ("body", "patients", "unnamed"),
    [
        (b"", (), True),
        (b"<xml/>", (), True),
        (json.dumps(a_t_score("p1")).encode(), ("p1",), False),
        (json.dumps(a_patient("p1")).encode(), ("p1",), False),
        (b'{"resourceType": "Observation"}', (), True),
        (b'{"resourceType": "Patient", "id": "../x"}', (), True),
        (b'{"resourceType": "Bundle", "entry": [7]}', (), True),
        (topic("handshake", 0), (), False),
        (topic("heartbeat", 0), (), False),
        (topic("event-notification", 1, event(1, f"{BASE}/Patient/p1")), ("p1",), False),
        (topic("event-notification", 1, event(1, "Patient/p1")), ("p1",), False),
        (topic("event-notification", 1, event(1, "https://other.example/Patient/p1")), (), True),
        (topic("event-notification", 1, event(1, f"{BASE}/Observation/p1-spine")), (), True),
        (
            topic("event-notification", 1, event(1, f"{BASE}/Observation/p1-spine"), resources=[a_t_score("p1")]),
            ("p1",),
            False,
        ),
        (topic("event-notification", 1), (), True),
    ],
)  # fmt: skip
def test_a_notification_names_patients_or_asks_for_a_sweep(
    body: bytes, patients: tuple[str, ...], unnamed: bool
) -> None:
    notice = notification_of(body, BASE)

    assert (notice.patients, notice.unnamed) == (patients, unnamed)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "resourceType",
                    "entry",
                    "resource",
                    "parameter",
                    "part",
                    "name",
                    "subject",
                    "id",
                    "valueReference",
                    "reference",
                    "valueCode",
                    "valueString",
                ]
            ),
            inner
            | st.sampled_from(
                ["Bundle", "Parameters", "Patient", "focus", "subscription", "notification-event"]
            ),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_nothing_that_is_sent_stops_the_reader(document: object) -> None:
    assert isinstance(notification_of(json.dumps(document).encode(), BASE), Notification)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    held = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}", "scope")
    yield held
    held.close()


def receiver_for(ledger: Ledger, tmp_path: Path, asked: list[bool]) -> HintReceiver:
    return HintReceiver(
        Admission({}, 1000, 10),
        lambda: open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}", "scope"),
        system_clock,
        BASE,
        asked.append,
    )


def test_a_number_that_was_left_out_asks_for_a_sweep(ledger: Ledger, tmp_path: Path) -> None:
    receiver = receiver_for(ledger, tmp_path, [])

    def take_event(number: int) -> bool:
        return receiver.take_hint(topic("event-notification", number, event(number, "Patient/p1")))

    assert [take_event(number) for number in (7, 8, 8, 7, 10, 11)] == [True, False, False, False, True, False]
    assert receiver.take_hint(topic("heartbeat", 12))  # the twelfth never came
    assert not receiver.take_hint(topic("heartbeat", 12))


def test_many_hints_ask_for_one_sweep(ledger: Ledger, tmp_path: Path) -> None:
    asked: list[bool] = []
    receiver = receiver_for(ledger, tmp_path, asked)

    for _ in range(20):
        receiver.begin_work(receiver.take_hint(b""))

    assert asked == [True] + [False] * 19


def test_a_broker_that_is_away_costs_nothing(ledger: Ledger, tmp_path: Path) -> None:
    def away(_: bool) -> None:
        raise BrokerAway("The broker does not answer.")

    receiver = receiver_for(ledger, tmp_path, [])
    receiver.follow_up = away
    receiver.begin_work(receiver.take_hint(json.dumps(a_patient("p1")).encode()))

    claim = reviews.claim_patients(ledger, system_clock(), system_clock() - system_clock(), 10, 5)
    assert claim is not None
    assert claim == ("p1",)


def test_a_hint_brings_the_plan_and_a_hundred_more_write_nothing() -> None:
    with Sandbox() as server, a_runtime(server.base_url) as runtime:
        server.load([a_gp(), a_patient("p1"), a_t_score("p1")])
        notice = notification_of(json.dumps(a_t_score("p1")).encode(), server.base_url)

        (first,) = runtime.review_now(notice.patients)
        written = len(server.recorder.writes)
        for _ in range(3):
            runtime.review_now(notice.patients)

        assert first.fault is None
        assert any(it.type == "CarePlan" for it in server.recorder.writes)
        assert len(server.recorder.writes) == written
