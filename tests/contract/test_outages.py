"""A server in trouble is nobody else's fault: it is left alone, and no patient is put aside for it."""

from datetime import timedelta

import pytest

from tests.made_resources import a_gp, a_patient, a_t_score
from tests.server_patients import a_runtime, admitted
from workers.host.clock import system_clock
from workers.ledger import ReviewState, reviews
from workers.queue.runtime import Runtime
from workers.sandbox import FaultEffect, Sandbox

PATIENTS = [f"patient-{number:03}" for number in range(120)]


@pytest.fixture
def filled(sandbox: Sandbox) -> Sandbox:
    admitted(sandbox.base_url, [a_gp(), *map(a_patient, PATIENTS), *map(a_t_score, PATIENTS)])
    sandbox.recorder.clear()
    return sandbox


def states_of(runtime: Runtime) -> set[ReviewState]:
    return {it.state for it in reviews.unsettled_reviews(runtime.ledger)}


OUTAGES = {
    "500": (FaultEffect.STATUS, 500),
    "400": (FaultEffect.STATUS, 400),
    "404": (FaultEffect.STATUS, 404),
    "503": (FaultEffect.STATUS, 503),
    "a login page": (FaultEffect.HTML, 200),
    "cut answers": (FaultEffect.TRUNCATE, None),
}


@pytest.mark.parametrize("outage", OUTAGES)
@pytest.mark.parametrize("method", [None, "POST"])
def test_an_outage_puts_nobody_aside_and_is_not_asked_into_the_ground(
    filled: Sandbox, outage: str, method: str | None
) -> None:
    effect, value = OUTAGES[outage]
    now = [system_clock()]
    with a_runtime(filled.base_url, lambda: now[0], batch_size=10) as runtime:
        runtime.client.capabilities()
        filled.recorder.clear()
        filled.faults.add_rule(effect, value, method=method)
        reviews.request_reviews(runtime.ledger, PATIENTS, now[0])
        runtime.review(PATIENTS)

        assert filled.recorder.requests.total() < len(PATIENTS)
        assert states_of(runtime) <= {ReviewState.WAITING}
        assert reviews.count_unsettled(runtime.ledger) == len(PATIENTS)

        filled.faults.clear()
        for _ in range(10):
            now[0] += timedelta(seconds=10)
            runtime.review(PATIENTS)
            if not reviews.count_unsettled(runtime.ledger):
                break
        assert reviews.count_unsettled(runtime.ledger) == 0
        assert reviews.unsettled_reviews(runtime.ledger) == ()


def test_writes_that_fail_for_everybody_are_the_servers(filled: Sandbox) -> None:
    filled.faults.add_rule(FaultEffect.STATUS, 500, method="PUT")
    filled.faults.add_rule(FaultEffect.THROTTLED_ENTRY, 500, method="PUT")
    with a_runtime(filled.base_url) as runtime:
        reviews.request_reviews(runtime.ledger, PATIENTS, runtime.clock())
        runtime.review(PATIENTS)

        assert states_of(runtime) <= {ReviewState.WAITING}


def test_one_who_cannot_be_read_is_put_aside_while_the_others_are_served(filled: Sandbox) -> None:
    with a_runtime(filled.base_url) as runtime:
        reviews.request_reviews(runtime.ledger, ["gone", *PATIENTS[:20]], runtime.clock())
        runtime.review(["gone", *PATIENTS[:20]])

        found = [(it.patient, it.state) for it in reviews.unsettled_reviews(runtime.ledger)]
    assert found == [("gone", ReviewState.QUARANTINED)]
