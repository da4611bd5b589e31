"""A review that skips reading or deciding where nothing changed writes what one writes that does both.

Two hospitals have the same patient and the same clock, and the same happens in both. One remembers on what a
review rested that left nothing to do, and asks for versions before it reads; the other reads and decides
every time. After every step the same stands on both servers, in the same versions, the same letters are in
both outboxes, and the same day is noted as the next one on which something is due.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from adapter.input.wire_json import Json
from mappings.outbound.fingerprint import fingerprint
from tests.examples import examples
from tests.made_resources import a_gp, a_hip_fracture, a_patient, a_t_score
from tests.patient_care import NOON, Care
from tests.server_patients import a_runtime, admitted, reviewed, written_for
from workers.ledger import outbox
from workers.ledger.due_dates import due
from workers.review.review_outcome import OutcomeCode
from workers.sandbox import FaultEffect, Sandbox

pytestmark = pytest.mark.slow  # a history takes seconds
DOCTOR = {"resourceType": "Practitioner", "id": "doctor", "name": [{"text": "Dr A. Vermeer"}]}


@dataclass
class SharedClock:
    """One time for both hospitals and their servers; it stands still while both live through the same."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


def order(care: Care) -> Json:
    return {
        "resourceType": "MedicationRequest", "id": "order", "status": "active", "intent": "order",
        "subject": {"reference": f"Patient/{care.patient}"}, "authoredOn": "2026-10-01",
        "medicationReference": {"reference": "Medication/box"},
    }  # fmt: skip


def box(code: str) -> Json:
    return {
        "resourceType": "Medication",
        "id": "box",
        "code": {"coding": [{"system": "http://www.whocc.no/atc", "code": code}]},
    }


def answered(care: Care, code: str) -> None:
    """The clinician releases what waits, if anything does."""
    for task in care.tasks(code):
        if task["status"] == "requested":
            care.put(task, status="completed", owner={"reference": "Practitioner/doctor"})


def edited(care: Care) -> None:
    for plan in care.all("CarePlan"):
        care.put(plan, note=[{"text": "Seen by me"}])


def sent(care: Care) -> None:
    for letter in care.all("Communication"):
        if letter["status"] == "in-progress":
            care.delivered(letter)


def put(*resources: Json) -> Callable[[Care], None]:
    return lambda care: admitted(care.base, resources)


EVENTS: dict[str, Callable[[Care], None]] = {
    "nothing": put(a_gp()),
    "osteoporosis": put(a_t_score("p", -3.2)),
    "osteopenia": put(a_t_score("p", -1.8, status="amended")),
    "retracted": put(a_t_score("p", -1.8, status="entered-in-error")),
    "fracture": put(a_hip_fracture("p")),
    "order": lambda care: admitted(care.base, [box("M05BA04"), order(care)]),
    "another drug in the same box": put(box("M05BX04")),
    "another GP": put(a_gp("second"), a_patient("p", "second")),
    "the GP has another name": put(a_gp() | {"name": [{"text": "Dr Other"}]}),
    "dead": put(a_patient("p", deceasedDateTime="2026-11-01")),
    "alive": put(a_patient("p")),
    "released": lambda care: answered(care, "release_letter"),
    "retraction released": lambda care: answered(care, "release_retraction"),
    "sent": sent,
    "edited": edited,
    "the doctor has another name": put(DOCTOR | {"name": [{"text": "Dr B. Vermeer"}]}),
}
# On a patient who has a plan that nobody released, and an order for a drug.
WITHOUT_EFFECT = {"nothing", "alive", "order", "retraction released", "sent", "the doctor has another name"}
# What servers do to whoever asks them for versions alone.
SERVERS: dict[str, Callable[[Sandbox], object]] = {
    "plain": lambda _: None,
    "without versions of one type": lambda it: it.faults.add_rule(
        FaultEffect.UNVERSIONED, type="Observation"
    ),
    "says that it keeps no versions": lambda it: it.faults.add_rule(FaultEffect.NO_VERSIONING),
    "always whole": lambda it: it.faults.add_rule(FaultEffect.IGNORE_PARAMETER, "_elements"),
    "always whole without a word": lambda it: it.faults.add_rule(FaultEffect.UNSEEN_PARAMETER, "_elements"),
    "whole of one type": lambda it: it.faults.add_rule(
        FaultEffect.IGNORE_PARAMETER, "_elements", type="Observation"
    ),
    "includes nothing": lambda it: it.faults.add_rule(FaultEffect.NO_INCLUDE),
    "withholds something": lambda it: it.faults.add_rule(FaultEffect.WARNING, "suppressed", type="Condition"),
    "answers in part": lambda it: it.faults.add_rule(FaultEffect.SHORT_ANSWER, 0, type="Condition"),
    "another one's among the answers": lambda it: it.faults.add_rule(
        FaultEffect.INTRUDER, type="Observation"
    ),
}
WAYS: dict[str, dict[str, str]] = {"versions": {}, "contents": {"read_unchanged": "true"}}
LATER = st.sampled_from([0, 0, 0, 1, 30, 100, 400])
STEPS = st.tuples(st.sampled_from(sorted(EVENTS)), LATER, st.integers(1, 3))


@contextmanager
def hospital(clock: SharedClock, server: str = "plain", **given_: Any) -> Iterator[Care]:
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(clock=clock))
        base = sandbox.base_url
        admitted(base, [a_gp(), DOCTOR, a_patient("p"), a_t_score("p"), a_t_score("q")])
        SERVERS[server](sandbox)
        wanted = {"pathway": "antonius", "delivery": '{"channel": "fhir"}'} | given_
        yield Care(base, "p", "gp", "doctor", stack.enter_context(a_runtime(base, clock, **wanted)))


def standing(care: Care) -> object:
    """Everything that a review may leave behind."""
    here = [it for held in written_for(care.base, "p").values() for it in held]
    with care.runtime.ledger.transaction() as connection:
        days = [tuple(it) for it in connection.execute(select(due.c.patient, due.c.on))]
    queued = sorted(
        (it.communication, state.value)
        for state in outbox.DeliveryState
        for it in outbox.deliveries_in_state(care.runtime.ledger, state)
    )
    return sorted((it["id"], it["meta"]["versionId"], fingerprint(it)) for it in here), days, queued


def lived(care: Care, event: str, times: int) -> list[OutcomeCode]:
    EVENTS[event](care)
    return [it.code for _ in range(times) for it in reviewed(care.runtime, "p")]


# Not made smaller: each try of that lives a whole history again.
@settings(
    max_examples=examples(25),
    phases=(Phase.generate,),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    st.sampled_from(sorted(SERVERS)), st.sampled_from(sorted(WAYS)), st.lists(STEPS, min_size=2, max_size=6)
)
def test_the_short_way_leaves_what_the_long_way_leaves(
    server: str, way: str, history: list[tuple[str, int, int]]
) -> None:
    clock = SharedClock()
    with (
        hospital(clock, server, **WAYS[way]) as short,
        hospital(clock, server, decide_unchanged="true") as long,
    ):
        for event, later, times in history:
            clock.now += timedelta(days=later, seconds=1)
            lived(short, event, times)
            assert OutcomeCode.AS_BEFORE not in lived(long, event, times)
            assert standing(short) == standing(long)


@pytest.mark.parametrize("server", sorted(SERVERS))
def test_each_server_is_read_as_ever(server: str) -> None:
    clock = SharedClock()
    with hospital(clock, server) as short, hospital(clock, server, decide_unchanged="true") as long:
        for event in ("order", "another drug in the same box", "osteopenia"):
            clock.now += timedelta(seconds=1)
            lived(short, event, 3)
            lived(long, event, 1)
            assert standing(short) == standing(long), event


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_each_event_is_seen_by_a_hospital_that_had_nothing_to_do(event: str) -> None:
    clock = SharedClock()
    with hospital(clock) as short, hospital(clock, decide_unchanged="true") as long:
        codes = lived(short, "order", 3)
        lived(long, "order", 3)
        assert codes[-1] is OutcomeCode.AS_BEFORE
        clock.now += timedelta(seconds=1)
        (code,) = lived(short, event, 1)
        lived(long, event, 1)
        assert standing(short) == standing(long)
        assert (code is OutcomeCode.AS_BEFORE) is (event in WITHOUT_EFFECT)
