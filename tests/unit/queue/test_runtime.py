"""Find work, do it, and leave a server alone that has failed too often."""

from datetime import timedelta

import pytest

from mappings.inbound import queries
from tests.made_resources import a_gp, a_patient, a_t_score
from tests.server_patients import settings_for
from tests.servers.without_http import BASE, LocalServer, SetClock
from tests.unit.queue.runtime_in_memory import DOCTOR, release, runtime_in_memory
from workers.ledger import outbox, reviews
from workers.queue.runtime import ANSWERED, OUR_PLANS, WHOSE, Runtime, sweep_targets
from workers.review.review_outcome import OutcomeCode

FEW = "Patient,Observation,Task,CarePlan"


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def server(clock: SetClock) -> LocalServer:
    made = LocalServer(clock)
    made.load(a_gp(), DOCTOR, *(it for one in "ab" for it in (a_patient(one), a_t_score(one))))
    return made


@pytest.fixture
def runtime(server: LocalServer, clock: SetClock) -> Runtime:
    return runtime_in_memory(server, clock, sweep_types=FEW, delivery='{"channel": "fhir"}')


def swept(runtime: Runtime) -> set[str]:
    """Who was found by a sweep; all of them are reviewed."""
    runtime.sweep()
    claimed = runtime.claim(10)
    runtime.review(claimed)
    return set(claimed)


def test_everybody_is_found_once_and_then_whoever_changed(
    runtime: Runtime, server: LocalServer, clock: SetClock
) -> None:
    assert swept(runtime) == {"a", "b"}
    clock.move(hours=1)
    swept(runtime)  # the seconds before the last sweep are looked at again
    clock.move(hours=1)
    assert swept(runtime) == set()

    server.load(a_t_score("b", -1.8, status="amended"))
    clock.move(minutes=1)

    assert swept(runtime) == {"b"}
    assert reviews.count_unsettled(runtime.ledger) == 0


def test_a_review_is_settled_in_the_ledger_with_what_was_written(runtime: Runtime) -> None:
    (outcome,) = runtime.review_now(["a"])

    assert outcome.code is OutcomeCode.PLANNED
    assert reviews.written_versions(runtime.ledger, "a") == outcome.written
    assert [it.code for it in runtime.review_now(["a"])] == [OutcomeCode.UNCHANGED]
    assert [it.code for it in runtime.review_now(["a"])] == [OutcomeCode.AS_BEFORE]


def test_whoever_is_not_due_is_not_reviewed(runtime: Runtime, server: LocalServer) -> None:
    assert runtime.review(["a"]) == []
    assert server.all("CarePlan") == []


def test_looking_writes_nothing(runtime: Runtime, server: LocalServer) -> None:
    proposal, record = runtime.proposal_of("a")
    seen = dict(runtime.looked_at(["a", "b"]))

    assert (record.patient, bool(proposal.changes)) == ("a", True)
    assert list(seen) == ["a", "b"]
    assert server.all("CarePlan") == []


def test_a_released_letter_is_in_the_outbox_when_its_review_is_done(
    runtime: Runtime, server: LocalServer
) -> None:
    runtime.review_now(["a"])
    assert list(outbox.deliveries_in_state(runtime.ledger, outbox.DeliveryState.QUEUED)) == []
    release(server)

    (outcome,) = runtime.review_now(["a"])

    queued = outbox.deliveries_in_state(runtime.ledger, outbox.DeliveryState.QUEUED)
    (letter,) = server.all("Communication")
    assert outcome.fault is None
    assert [it.communication for it in queued] == [letter["id"]]


def test_a_server_that_failed_three_times_is_left_alone_and_says_until_when(
    runtime: Runtime, server: LocalServer, clock: SetClock
) -> None:
    runtime.client.capabilities()
    server.busy = lambda: 503
    for _ in range(3):
        runtime.review_now(["a"])
    until, asked = runtime.left_alone_until, server.asked

    result = runtime.sweep()

    assert until is not None
    assert until > clock()
    assert (result.current, result.notes, server.asked) == (None, (runtime.why_left_alone,), asked)
    server.busy = lambda: None
    clock.now = until + timedelta(seconds=1)
    assert "b" in swept(runtime)  # a, who was tried meanwhile, waits a time that is drawn by chance


def test_the_time_is_that_on_the_wall_of_the_institution(runtime: Runtime) -> None:
    assert runtime.now() == runtime.clock()
    assert runtime.now().utcoffset() == timedelta(hours=1)  # Amsterdam in November


def test_letting_go_twice_does_nothing(runtime: Runtime) -> None:
    with runtime:
        runtime.close()


# --- what is swept ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ("Patient", {"Patient"}),
        ("Observation", {"Observation"}),
        ("Patient,Task,CarePlan", {"Patient", "Task", "CarePlan"}),
        ("Task", {"Task"}),
    ],
)
def test_only_the_types_of_the_settings_are_swept(runtime: Runtime, types: str, expected: set[str]) -> None:
    found = sweep_targets(settings_for(BASE, sweep_types=types), runtime.institution.reading)

    assert {it.type for it in found} == expected


def test_a_sweep_asks_for_everybody_what_a_review_asks_about_somebody(runtime: Runtime) -> None:
    found = sweep_targets(settings_for(BASE), runtime.institution.reading)
    asked = {it.type for it in queries(["x"], runtime.institution.reading) if it.news}

    named = {name.partition(":")[0] for it in found for name, _ in it.params}
    assert named & WHOSE == set()
    assert not any(name.startswith("_") for name in named)
    assert {it.type for it in found} - {"Task", "CarePlan"} <= asked
    assert OUR_PLANS in found
    assert [it.params for it in found if it.type == "Task"] == [ANSWERED]
