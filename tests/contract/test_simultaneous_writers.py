"""Eight who review the same patients at once, each with a ledger of their own, write everything once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from adapter.fhir import FhirClient
from tests.examples import size
from tests.made_resources import a_gp, a_patient, a_t_score
from tests.server_patients import a_runtime, admitted, reviewed, versions_of, written_for
from workers.queue.runtime import Runtime
from workers.review.review_outcome import OutcomeCode

WRITERS, TIMES = 8, 5
PATIENTS = {"sandbox": size(few=5, full=20, many=70), "hapi": size(few=3, full=6, many=20)}
# Versions beyond the first, of one resource. HAPI ignores `If-None-Match` in a transaction: whoever looked
# before the first writer was done writes too, so it is bounded by how many write at once, and here by half.
SUPERFLUOUS = {"sandbox": 0, "hapi": WRITERS // 2}


def settled(runtime: Runtime, patients: list[str]) -> set[OutcomeCode]:
    """What the reviews come to; whoever met the others too often is brought again, as the queue does it."""
    verdicts: set[OutcomeCode] = set()
    for _ in range(TIMES):
        done = reviewed(runtime, *patients)
        verdicts |= {it.verdict for it in done} - {OutcomeCode.RETRY}
        patients = [it.patient for it in done if it.verdict is OutcomeCode.RETRY]
        if not patients:
            return verdicts
    return verdicts | {OutcomeCode.RETRY}


@pytest.mark.drill
def test_hardly_a_version_is_superfluous_when_eight_write_at_once(
    fhir_server: str, unique_id: Callable[[str], str]
) -> None:
    kind = kind_of(fhir_server)
    gp, site = unique_id("gp"), unique_id("site")
    patients = [unique_id("patient") for _ in range(PATIENTS[kind])]
    admitted(
        fhir_server, [a_gp(gp), *(made for it in patients for made in (a_patient(it, gp), a_t_score(it)))]
    )
    together = threading.Barrier(WRITERS, timeout=60)

    def one_writer(_: int) -> set[OutcomeCode]:
        with a_runtime(fhir_server, site=site) as runtime:
            runtime.client.capabilities()
            together.wait()
            return settled(runtime, patients)

    with ThreadPoolExecutor(WRITERS) as pool:
        verdicts = set().union(*pool.map(one_writer, range(WRITERS)))
    written = [written_for(fhir_server, it) for it in patients]
    versions = {place: int(version) for it in written for place, version in versions_of(it).items()}

    assert verdicts <= {OutcomeCode.PLANNED, OutcomeCode.UNCHANGED}
    assert [len(it["CarePlan"]) for it in written] == [1] * len(patients)
    assert len(versions) >= 3 * len(patients)
    assert {it: count for it, count in versions.items() if count > 1 + SUPERFLUOUS[kind]} == {}


def kind_of(base_url: str) -> str:
    with FhirClient(base_url) as client:
        return "hapi" if "hapi" in str(client.capabilities().software).lower() else "sandbox"
