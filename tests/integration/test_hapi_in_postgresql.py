"""A HAPI server with its data in PostgreSQL, workers in two processes, and a ledger there as well."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapter.fhir import FhirClient
from adapter.input.wire_json import Json
from tests.examples import size
from tests.integration.conftest import IN_SMALL_CHUNKS, Hospital
from tests.made_resources import a_gp, a_patient, a_t_score
from tests.server_patients import admitted
from tests.servers.fixtures import missing
from tests.servers.hapi_in_postgresql import hapi_in
from tests.servers.postgres import deadlocks

pytestmark = [pytest.mark.worker, pytest.mark.slow, pytest.mark.hapi, pytest.mark.drill]

PATIENTS = size(few=20, full=60, many=300)
AT_ONCE = 50


@pytest.fixture
def hapi_in_postgresql(
    postgres_server: str, unique_id: Callable[[str], str], tmp_path: Path
) -> Iterator[str]:
    """The base URL of a server of its own, whose database is new."""
    if shutil.which("java") is None or shutil.which("mvn") is None:
        missing("HAPI FHIR is not tested: Java 17 and Maven are needed")
    name = unique_id("hapi").replace("-", "_")
    with hapi_in(postgres_server, name, tmp_path / "hapi.log") as base_url:
        yield base_url


def test_nobody_is_lost_and_nobody_has_two_of_anything(
    hospital: Hospital, hapi_in_postgresql: str, postgres_server: str, postgres_ledger: str
) -> None:
    base = hapi_in_postgresql
    crowd = [f"crowd-{number:03}" for number in range(PATIENTS)]
    admitted(base, [a_gp()])
    for first in range(0, PATIENTS, AT_ONCE):
        some = crowd[first : first + AT_ONCE]
        admitted(base, [made for it in some for made in (a_patient(it), a_t_score(it))])
    hospital.given = IN_SMALL_CHUNKS | {"fhir_base_url": base, "ledger_url": postgres_ledger}
    before = deadlocks(postgres_server)
    hospital.worker()
    hospital.worker()

    summary = hospital.run()
    again = hospital.run()

    assert (summary.finished, summary.troubles) == (True, ())
    assert summary.patients == PATIENTS
    for kind in ("CarePlan", "Communication", "Task"):
        found = everything(base, kind)
        subject = "for" if kind == "Task" else "subject"
        about = Counter(it[subject]["reference"].rpartition("/")[2] for it in found)
        assert about == dict.fromkeys(crowd, 1)
        assert {it["meta"]["versionId"] for it in found} == {"1"}
    assert (again.finished, again.written) == (True, {})
    assert deadlocks(postgres_server) == before


def everything(base: str, kind: str) -> list[Json]:
    with FhirClient(base) as client:
        return list(client.search(kind).matches)
