"""Workers in two processes and one ledger in PostgreSQL: nobody blocks anybody or is put aside for it."""

import pytest

from tests.integration.conftest import IN_SMALL_CHUNKS, Hospital
from tests.made_resources import a_patient, a_t_score
from tests.servers.postgres import deadlocks

pytestmark = [pytest.mark.worker, pytest.mark.slow]

PATIENTS = 600


def test_six_hundred_patients_and_no_deadlock(
    hospital: Hospital, postgres_server: str, postgres_ledger: str
) -> None:
    ids = [f"crowd-{number:03}" for number in range(PATIENTS)]
    hospital.sandbox.load([made for it in ids for made in (a_patient(it, None), a_t_score(it))])
    hospital.sandbox.recorder.clear()
    hospital.given = IN_SMALL_CHUNKS | {"ledger_url": postgres_ledger}
    before = deadlocks(postgres_server)
    hospital.worker()
    hospital.worker()

    summary = hospital.run()
    written = hospital.written()
    again = hospital.run()

    assert (summary.finished, summary.troubles) == (True, ())
    assert summary.patients >= PATIENTS
    assert len([it for it in written if it.startswith("CarePlan/")]) >= PATIENTS
    assert set(written.values()) == {1}
    assert (again.finished, again.written) == (True, {})
    assert deadlocks(postgres_server) == before
