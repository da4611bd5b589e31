"""Eight who review the same patients at once, each with a ledger of their own, write everything once."""

import threading
from collections import Counter
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


def settled(runtime: Runtime, patients: list[str], wrote: Counter[str]) -> set[OutcomeCode]:
    """What the reviews come to; whoever met the others too often is brought again, as the queue does it."""
    codes: set[OutcomeCode] = set()
    for _ in range(TIMES):
        done = reviewed(runtime, *patients)
        codes |= {it.code for it in done} - {OutcomeCode.RETRY}
        wrote.update(place for it in done for place in it.written)
        patients = [it.patient for it in done if it.code is OutcomeCode.RETRY]
        if not patients:
            return codes
    return codes | {OutcomeCode.RETRY}


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

    def one_writer(wrote: Counter[str]) -> set[OutcomeCode]:
        with a_runtime(fhir_server, site=site) as runtime:
            runtime.client.capabilities()
            together.wait()
            return settled(runtime, patients, wrote)

    wrote = [Counter[str]() for _ in range(WRITERS)]
    with ThreadPoolExecutor(WRITERS) as pool:
        codes = set().union(*pool.map(one_writer, wrote))
    written = [written_for(fhir_server, it) for it in patients]
    versions = {place: int(version) for it in written for place, version in versions_of(it).items()}

    assert codes <= {OutcomeCode.PLANNED, OutcomeCode.UNCHANGED}
    assert [len(it["CarePlan"]) for it in written] == [1] * len(patients)
    assert len(versions) >= 3 * len(patients)
    # Whoever has seen a resource stand writes it no more.
    assert {place: times for one in wrote for place, times in one.items() if times > 1} == {}
    # HAPI ignores `If-None-Match` on a PUT: whoever looked before the first was done writes too. So each
    # version is that of another writer; elsewhere the first version is the only one.
    most = sum(wrote, Counter[str]()) if kind == "hapi" else Counter(dict.fromkeys(versions, 1))
    assert {place: count for place, count in versions.items() if count > most[place]} == {}


def kind_of(base_url: str) -> str:
    with FhirClient(base_url) as client:
        return "hapi" if "hapi" in str(client.capabilities().software).lower() else "sandbox"
