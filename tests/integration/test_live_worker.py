"""What a hospital can count on: everybody is reviewed once, whatever happens to the workers and to Redis."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import redis

from tests.integration.conftest import Hospital, wait_until
from tests.made_resources import a_hip_fracture, a_patient, a_t_score
from tests.patient_care import admit
from tests.server_patients import a_runtime, admitted, reviewed, written_for
from workers.broker.child_process import free_port, run_process
from workers.broker.embedded_redis import server_programs
from workers.demo import patients
from workers.host.clock import system_clock
from workers.ledger import due_dates, reviews
from workers.queue import celery_app, task_messages
from workers.queue.runtime import set_up
from workers.sandbox import FaultEffect, Sandbox
from workers.settings.settings_loader import load_settings

pytestmark = [pytest.mark.worker, pytest.mark.slow]

IDS = [it["id"] for it in patients() if it["resourceType"] == "Patient"]
SMALL = {"chunk_size": "8", "batch_size": "4", "threads": "1"}  # so that something is always under way


@pytest.fixture(scope="module")
def undisturbed() -> set[str]:
    """What an undisturbed run leaves behind; the ids are the same on every server, in every run."""
    with Sandbox() as sandbox:
        sandbox.load(patients())
        sandbox.recorder.clear()
        with a_runtime(sandbox.base_url, forearm_code_site="total_hip", site="ward") as runtime:
            reviewed(runtime, *IDS)
        return {f"{it.type}/{it.id}" for it in sandbox.recorder.writes}


def test_everybody_is_reviewed_once(hospital: Hospital, undisturbed: set[str]) -> None:
    hospital.worker()

    first = hospital.run()
    written = hospital.written()
    second = hospital.run()

    assert (first.patients, first.finished, first.troubles) == (len(IDS), True, ())
    assert written == dict.fromkeys(undisturbed, 1)
    assert (second.finished, second.written) == (True, {})
    assert hospital.written() == written


def test_killing_workers_changes_nothing_about_the_end(hospital: Hospital, undisturbed: set[str]) -> None:
    hospital.given = SMALL
    slow = hospital.sandbox.faults.add_rule(FaultEffect.DELAY, 60, method="POST")
    with hospital.shift() as shift:
        for already in (0, 8, 16):
            worker = hospital.worker()
            wait_until(lambda seen=already: shift.settled > seen, 60, "nobody was settled")  # type: ignore[misc] # bound now
            hospital.kill(worker)
        assert slow in hospital.sandbox.faults.rules
        hospital.sandbox.faults.clear()
        hospital.worker()
    again = hospital.run()

    assert (shift.summary.finished, shift.summary.troubles) == (True, ())
    assert hospital.written() == dict.fromkeys(undisturbed, 1)
    assert (again.finished, again.written) == (True, {})


def test_redis_may_lose_everything_half_way(
    hospital: Hospital, undisturbed: set[str], tmp_path: Path
) -> None:
    port = free_port()
    hospital.given, hospital.broker = SMALL, f"redis://127.0.0.1:{port}/0"
    hospital.sandbox.faults.add_rule(FaultEffect.DELAY, 60, method="POST")
    with ExitStack() as first, ExitStack() as second:
        first.enter_context(an_empty_redis(port, tmp_path))
        worker = hospital.worker()
        with hospital.shift() as shift:
            wait_until(lambda: shift.settled > 8, 60, "nobody was settled")
            first.close()
            second.enter_context(an_empty_redis(port, tmp_path))
            hospital.sandbox.faults.clear()
        still_works = worker.poll() is None

    assert still_works
    assert (shift.summary.finished, shift.summary.troubles) == (True, ())
    assert hospital.written() == dict.fromkeys(undisturbed, 1)


@contextmanager
def an_empty_redis(port: int, folder: Path) -> Iterator[None]:
    command = [*next(server_programs()).command, str(port)]
    with run_process(command, folder / "redis.txt"), redis.Redis(port=port) as client:
        wait_until(lambda: answers(client), 10, "Redis did not start")
        yield


def answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


def test_beat_and_worker_do_it_all_by_themselves(hospital: Hospital, undisturbed: set[str]) -> None:
    hospital.given = {"sweep_interval": "2"}
    hospital.worker()
    hospital.process("beat")
    wait_until(lambda: hospital.written().keys() >= undisturbed, 60, "nobody came to sweep")
    hospital.sandbox.load([a_patient("newcomer", None), a_t_score("newcomer")])

    def about_the_newcomer() -> Sequence[object]:
        return written_for(hospital.sandbox.base_url, "newcomer")["CarePlan"]

    wait_until(lambda: len(about_the_newcomer()) == 1, 60, "the newcomer was not found")


def test_beat_brings_the_released_letter_and_wakes_whom_something_is_overdue(
    hospital: Hospital, tmp_path: Path, unique_id: Callable[[str], str]
) -> None:
    engine = tmp_path / "engine"
    broken = (system_clock() - timedelta(days=200)).date().isoformat()
    care = admit(hospital.sandbox.base_url, unique_id)
    care.runtime.close()
    admitted(care.base, [a_hip_fracture(care.patient, onsetDateTime=broken)])
    hospital.given = {
        "pathway": "antonius",
        "pathway_params": '{"fls_marks_weeks": {"fls_12_weeks": 12}}',
        "site": care.patient,
        "sweep_interval": "2",
        "delivery_interval": "1",
        "overdue_interval": "1",
        "delivery": f'{{"channel": "folder", "folder": "{engine}"}}',
    }
    with set_up(load_settings(hospital.environ)) as care.runtime:
        care.review()
        assert care.tasks("follow_up_overdue") == []  # of what nobody released nobody is reminded
        care.release()
        assert due_dates.late_patients(care.runtime.ledger, care.runtime.now().date()) == (care.patient,)
    assert care.letter("in-progress")

    hospital.worker()
    hospital.process("beat")

    wait_until(lambda: bool([*engine.glob("*/*/manifest.json")]), 60, "the letter was not brought")
    assert {it.name for it in engine.glob("*/*/*")} >= {"letter.pdf", "document.json", "message.hl7"}
    wait_until(lambda: bool(care.tasks("follow_up_overdue")), 60, "nobody was reminded")
    # The first sweep reminds as well; that the patient is due for a review is noted by queue_overdue alone.
    with hospital.runtime() as runtime:
        wait_until(
            lambda: due_dates.late_patients(runtime.ledger, runtime.now().date()) == (),
            30,
            "nobody was queued",
        )


def test_a_task_that_is_delivered_eight_times_is_done_once(hospital: Hospital) -> None:
    hospital.given = {"concurrency": "4"}
    with hospital.runtime() as runtime:
        celery_app.use(runtime.settings)
        reviews.request_reviews(runtime.ledger, ["demo-b"], runtime.clock())
        for _ in range(8):
            task_messages.publish(("demo-b",))
        hospital.worker()
        wait_until(lambda: task_messages.waiting() == 0, 30, "the queue was not emptied")
        wait_until(
            lambda: bool(reviews.written_versions(runtime.ledger, "demo-b")),
            30,
            "nobody reviewed the patient",
        )

    kinds = Counter(place.partition("/")[0] for place in hospital.written())
    assert (kinds["CarePlan"], kinds["Communication"]) == (1, 1)
    assert set(hospital.written().values()) == {1}
