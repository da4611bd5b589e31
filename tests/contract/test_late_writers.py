"""Who stalled beyond their lease writes over nobody: neither over their successor nor over a clinician."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapter.errors import VersionConflict
from adapter.fhir import FhirClient
from adapter.fhir.bundles import Entry, EntryResult
from adapter.fhir.write_result import Written
from adapter.input.wire_json import Json
from tests.made_resources import a_gp, a_patient, a_t_score
from tests.server_patients import a_runtime, admitted, after, reviewed, written_for
from workers.host.clock import system_clock
from workers.ledger import leases, reviews
from workers.queue.runtime import Runtime
from workers.review.review import review
from workers.review.review_outcome import ReviewOutcome
from workers.review.write import write
from workers.sandbox import Sandbox


class Careless(FhirClient):
    """A server that does not know `If-None-Match` on a PUT."""

    def transaction(self, entries: Sequence[Entry], **how: Any) -> list[EntryResult]:
        return super().transaction([replace(it, if_none_match=False) for it in entries], **how)

    def update(self, resource: Json, *, if_none_match: bool = False, **how: Any) -> Written:  # noqa: ARG002 - that is its carelessness
        return super().update(resource, **how)


@pytest.fixture
def ward(sandbox: Sandbox) -> Sandbox:
    admitted(sandbox.base_url, [a_gp(), a_patient("p"), a_t_score("p")])
    return sandbox


def written_late(ward: Sandbox, server: FhirClient, runtime: Runtime) -> ReviewOutcome:
    """Read and decided, then overtaken: a successor writes, and a clinician sets the plan to active."""
    proposal, _ = runtime.proposal_of("p")
    reviewed(runtime, "p")
    (plan,) = written_for(ward.base_url, "p")["CarePlan"]
    runtime.client.update({**plan, "status": "active"}, if_match=plan["meta"]["versionId"])
    (outcome,) = write([proposal], server, runtime.institution)
    return outcome


@pytest.mark.parametrize("kind", [FhirClient, Careless])
def test_a_plan_that_a_clinician_made_active_stays_active(ward: Sandbox, kind: type[FhirClient]) -> None:
    with a_runtime(ward.base_url) as runtime, kind(ward.base_url) as server:
        outcome = written_late(ward, server, runtime)
    (plan,) = written_for(ward.base_url, "p")["CarePlan"]

    assert isinstance(outcome.fault, VersionConflict)
    assert plan["status"] == "active"


@pytest.mark.parametrize("kind", [FhirClient, Careless])
def test_an_old_normal_does_not_stand_over_the_corrected_osteoporosis(
    ward: Sandbox, kind: type[FhirClient]
) -> None:
    admitted(ward.base_url, [a_t_score("p", -1.2)])
    with a_runtime(ward.base_url) as runtime, kind(ward.base_url) as server:
        old, _ = runtime.proposal_of("p")
        admitted(ward.base_url, [a_t_score("p", -2.9)])
        reviewed(runtime, "p")
        before = written_for(ward.base_url, "p")
        (outcome,) = write([old], server, runtime.institution)
        now = written_for(ward.base_url, "p")

    assert isinstance(outcome.fault, VersionConflict)
    texts = [it["Communication"][0]["payload"][0]["contentString"] for it in (before, now)]
    assert texts[0] == texts[1]
    assert "-2.9" in texts[1] or "-2,9" in texts[1]


def test_eight_who_write_at_once_make_no_version_too_many(ward: Sandbox) -> None:
    with a_runtime(ward.base_url) as runtime:
        proposal, _ = runtime.proposal_of("p")
        ward.recorder.clear()
        for _ in range(8):
            write([proposal], runtime.client, runtime.institution)

    assert {it.version for it in ward.recorder.writes} == {1}


def test_nothing_is_written_about_a_patient_whose_turn_is_over(ward: Sandbox) -> None:
    with a_runtime(ward.base_url) as runtime:
        done = review(["p"], runtime.client, runtime.institution, runtime.now(), holds=lambda _: ())

    assert done == ()
    assert "CarePlan" not in {it.type for it in ward.recorder.writes}


def test_a_lease_holds_for_as_long_as_it_is_renewed_and_for_one_turn_only(ward: Sandbox) -> None:
    lease = timedelta(seconds=10)
    with a_runtime(ward.base_url) as runtime:
        now = runtime.clock()
        reviews.request_reviews(runtime.ledger, ["p"], now)
        (mine,) = reviews.begin_reviews(runtime.ledger, ["p"], now, lease, 5)
        leases.renew_leases(runtime.ledger, [mine], now + 3 * lease)
        assert reviews.begin_reviews(runtime.ledger, ["p"], now + 2 * lease, lease, 5) == ()
        assert leases.held_patients(runtime.ledger, [mine]) == {"p"}

        (theirs,) = reviews.begin_reviews(runtime.ledger, ["p"], now + 4 * lease, lease, 5)
        leases.renew_leases(runtime.ledger, [mine], now + 9 * lease)

        assert leases.held_patients(runtime.ledger, [mine, theirs]) == {"p"}
        assert leases.held_patients(runtime.ledger, [mine]) == set()
        assert reviews.claim_patients(runtime.ledger, now + 6 * lease, lease, 5, 5) != ()


def test_a_lease_that_a_wrong_clock_took_ends(ward: Sandbox) -> None:
    lease = timedelta(seconds=10)
    with a_runtime(ward.base_url) as runtime:
        ahead = after(system_clock, hours=3)()
        reviews.request_reviews(runtime.ledger, ["p"], ahead)
        reviews.begin_reviews(runtime.ledger, ["p"], ahead, lease, 5)

        assert reviews.claim_patients(runtime.ledger, system_clock(), lease, 5, 5) != ()
        assert len(reviews.begin_reviews(runtime.ledger, ["p"], system_clock(), lease, 5)) == 1
