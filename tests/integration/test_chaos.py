"""Everything at once: workers and Redis are killed repeatedly; the server refuses and forgets to answer."""

import time
from collections import Counter
from pathlib import Path

import pytest

from tests.examples import MANY, size
from tests.integration.conftest import Hospital, wait_until
from tests.integration.outage import AS_INSTALLED, FrailRedis, Supervisor, told
from tests.made_resources import a_gp, a_patient, a_t_score
from workers.ledger import reviews
from workers.queue.runtime import Runtime
from workers.sandbox import FaultEffect

pytestmark = [pytest.mark.worker, pytest.mark.slow, pytest.mark.drill]

PATIENTS = size(few=100, full=200, many=2000)
CROWD = {f"crowd-{number:04}" for number in range(PATIENTS)}
SECONDS = size(few=16, full=20, many=60)  # that it lasts
REDIS_DIES = tuple(SECONDS * quarter // 4 for quarter in (1, 2, 3))
WORKER_DIES = 5  # seconds between two deaths, of two workers in turn
REFUSED, UNANSWERED = 0.2, 0.02  # of all requests
AFTERWARDS = 60 if MANY else 120  # seconds within which all is done; twice as many beside other tests


def test_nobody_is_lost_and_nothing_is_written_twice(hospital: Hospital, tmp_path: Path) -> None:
    hospital.sandbox.load(
        [a_gp(), *(made for it in sorted(CROWD) for made in (a_patient(it), a_t_score(it)))]
    )
    hospital.sandbox.recorder.clear()
    hospital.given = AS_INSTALLED | {"sweep_interval": "5"}
    with FrailRedis(tmp_path) as broker:
        hospital.broker = broker.url
        hospital.sandbox.faults.add_rule(FaultEffect.STATUS, 503, share=REFUSED)
        hospital.sandbox.faults.add_rule(FaultEffect.DROP, share=UNANSWERED)
        with Supervisor(hospital, ["worker", "worker", "beat"]) as staff:
            disturb(staff, broker)
            before = len(subjects_of(hospital, "CarePlan"))
            hospital.sandbox.faults.clear()
            begun = time.monotonic()
            with hospital.runtime() as runtime:
                wait_until(lambda: is_done(hospital, runtime), AFTERWARDS, "somebody is left", every=0.5)
                took = time.monotonic() - begun
                troubles = reviews.unsettled_reviews(runtime.ledger)

    told(f"{PATIENTS} patients: {before} plans when the faults stopped, the last one {took:.0f} s later")
    assert troubles == ()
    assert set(hospital.written().values()) == {1}
    for kind in ("CarePlan", "Communication"):
        assert set(subjects_of(hospital, kind).values()) == {1}


def disturb(staff: Supervisor, broker: FrailRedis) -> None:
    for second in range(1, SECONDS + 1):
        time.sleep(1)
        if second in REDIS_DIES:
            broker.restart(down=1)
        if second % WORKER_DIES == 0:
            staff.kill(second // WORKER_DIES % 2)


def is_done(hospital: Hospital, runtime: Runtime) -> bool:
    return reviews.count_unsettled(runtime.ledger) == 0 and all(
        len(subjects_of(hospital, kind)) == PATIENTS for kind in ("CarePlan", "Communication")
    )


def subjects_of(hospital: Hospital, kind: str) -> Counter[str]:
    """How many resources of a type there are about each of the crowd."""
    found = Counter(it["subject"]["reference"].rpartition("/")[2] for it in hospital.all(kind))
    return Counter({it: found[it] for it in CROWD & found.keys()})
