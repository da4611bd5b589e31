"""Files decided about by workers that share a folder: what one machine alone writes, whoever dies."""

import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from pydantic import SecretStr

from adapter.errors import ConfigurationFault, SoftwareFault, TryAgainLater
from adapter.input.wire_json import write
from tests.integration.conftest import REPOSITORY, Hospital
from tests.integration.outage import FrailRedis
from tests.integration.test_privacy import a_canary, everything_in_redis, found_in
from tests.made_resources import a_gp, a_patient, a_t_score
from workers.bulk.bulk_folder import INDEX, NOTE, OUTCOMES, RESOURCES, BulkProgress
from workers.bulk.bulk_run import BulkOrder, BulkWorkers, assess_files, processes_here
from workers.bulk.parts_dispatch import DispatchPace, assess_parts_by_workers
from workers.queue import celery_app
from workers.queue.broker_calls import broker_calls
from workers.queue.task_messages import publish_parts
from workers.settings.settings_loader import load_settings

pytestmark = [pytest.mark.worker, pytest.mark.slow]

DAY = date(2026, 11, 20)
PEOPLE = [f"person-{number:03}" for number in range(400)]
RESULTS = (RESOURCES, OUTCOMES, NOTE)
# A part counts as lost within a second; on a busy machine a worker has longer to answer.
PACE = DispatchPace(answer=3, quiet=1)
FEW = 4  # parts ahead, where a worker might otherwise have done them all before the test does its part


def by_broker(pace: DispatchPace) -> BulkWorkers:
    return BulkWorkers(partial(assess_parts_by_workers, broker_calls, pace=pace))


IN_HASTE = by_broker(PACE)


@pytest.fixture
def order(hospital: Hospital, tmp_path: Path) -> BulkOrder:
    """Many small parts, among them a record that must not be believed."""
    people = [it for key in PEOPLE for it in (a_patient(key), a_t_score(key))]
    lines = [write(it) for it in (a_gp(), *people, *a_canary("canary-1"))]
    lines.append(write(a_t_score("person-004", id="twice")).replace(b'"id"', b'"id":"x","id"'))
    (tmp_path / "in.ndjson").write_bytes(b"\n".join(lines))
    settings = load_settings(hospital.environ)
    return BulkOrder((tmp_path / "in.ndjson",), tmp_path / "out", settings, DAY, processes=1, chunk=10)


def held(order: BulkOrder) -> dict[str, bytes]:
    return {name: (order.target / name).read_bytes() for name in RESULTS}


def alone(order: BulkOrder) -> dict[str, bytes]:
    here = replace(order, target=order.target.with_name("alone"))
    with processes_here(here) as workers:
        assess_files(here, lambda *_: None, workers)
    assert {it.name for it in here.target.iterdir()} == {it.name for it in order.target.iterdir()}
    return held(here)


def at(moment: int, act: Callable[[], object]) -> Callable[[int, int], None]:
    """Do something once, when so many are done."""
    waiting = [act]

    def watch(done: int, _total: int) -> None:
        if done >= moment and waiting:
            waiting.pop()()

    return watch


def test_a_worker_dies_in_the_middle_and_nothing_is_lost_or_twice(
    hospital: Hospital, order: BulkOrder
) -> None:
    dies = hospital.worker()

    def another() -> None:
        hospital.kill(dies)
        hospital.worker()

    progress = assess_files(order, at(10, another), IN_HASTE)

    assert (progress.done, progress.finished) == (len(PEOPLE) + 1, True)
    assert held(order) == alone(order)
    assert progress.counts["failed:-"] == 1
    assert {it.stat().st_mode & 0o777 for it in order.target.iterdir()} == {0o600}


def test_a_command_that_was_killed_goes_on(hospital: Hospital, order: BulkOrder, tmp_path: Path) -> None:
    hospital.worker()
    (tmp_path / "killed.py").write_text(
        "import os, signal; from datetime import date; from functools import partial; from pathlib import Path\n"
        "from workers.bulk.bulk_run import BulkOrder, BulkWorkers, assess_files\n"
        "from workers.bulk.parts_dispatch import assess_parts_by_workers\n"
        "from workers.queue.broker_calls import broker_calls; from workers.settings.settings_loader import settings_of_process\n"
        f"order = BulkOrder((Path({str(order.paths[0])!r}),), Path({str(order.target)!r}), settings_of_process(),"
        " date(2026, 11, 20), 1, 10)\n"
        "kill = lambda done, _: done == 50 and os.kill(os.getpid(), signal.SIGKILL)\n"
        "assess_files(order, kill, BulkWorkers(partial(assess_parts_by_workers, broker_calls)))\n"
    )
    killed = subprocess.run(
        [sys.executable, tmp_path / "killed.py"], cwd=REPOSITORY, env=python_path(hospital), check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert (order.target / "parts").exists()
    begun: list[int] = []

    assess_files(order, lambda done, _: begun.append(done), IN_HASTE)

    assert begun[0] == 50
    assert held(order) == alone(order)


def python_path(hospital: Hospital) -> dict[str, str]:
    return hospital.environ | {"PYTHONPATH": str(REPOSITORY)}


def test_no_patient_is_in_the_broker(hospital: Hospital, order: BulkOrder) -> None:
    celery_app.use(order.settings)
    publish_parts(str(order.target), range(0, len(PEOPLE), order.chunk))
    waiting = everything_in_redis(hospital)
    hospital.worker()

    during: list[str] = []
    assess_files(order, lambda *_: during.append(everything_in_redis(hospital)), IN_HASTE)

    assert str(order.target) in waiting
    said = "".join((waiting, *during, hospital.log))
    assert found_in(said) == []
    assert not [it for it in (*PEOPLE, "canary-1", order.paths[0].name) if it in said]


@pytest.mark.parametrize("hidden", ["results", "records"])
def test_a_worker_that_does_not_see_the_folders_is_named(
    hidden: str, hospital: Hospital, order: BulkOrder, tmp_path: Path
) -> None:
    """Below the folder in which a process runs, each process sees a path as its own."""
    mine = Path("/proc/self/cwd")
    hospital.worker()
    given = (
        replace(order, target=mine / "out")
        if hidden == "results"
        else replace(order, paths=(mine / "in.ndjson",))
    )

    told = r"^The worker celery@\S+ does not .*: let all machines share it"
    with contextlib.chdir(tmp_path), pytest.raises(ConfigurationFault, match=told):
        assess_files(given, lambda *_: None, IN_HASTE)


def test_without_a_worker_the_command_says_so_at_once(hospital: Hospital, order: BulkOrder) -> None:
    said = subprocess.run(
        [
            sys.executable,
            "-m",
            "workers",
            "assess",
            order.paths[0],
            "--out",
            order.target,
            "--through-broker",
            "--json",
        ],
        cwd=REPOSITORY,
        env=hospital.environ,
        capture_output=True,
        check=False,
    )

    assert said.returncode == 3
    assert json.loads(said.stdout)["error"]["message"].startswith("No worker listens")


def test_redis_may_lose_everything_in_the_middle(
    hospital: Hospital, order: BulkOrder, tmp_path: Path
) -> None:
    with FrailRedis(tmp_path) as broker:
        given = replace(
            order, settings=order.settings.model_copy(update={"broker_url": SecretStr(broker.url)})
        )
        hospital.broker = broker.url
        hospital.worker()

        progress = assess_files(given, at(10, lambda: broker.restart(down=1)), IN_HASTE)

    assert progress.finished
    assert held(order) == alone(order)


def test_a_worker_for_files_only_needs_no_server(hospital: Hospital, order: BulkOrder) -> None:
    hospital.given = {"fhir_base_url": ""}
    hospital.worker("--files-only")

    assert assess_files(order, lambda *_: None, IN_HASTE).finished


def test_a_part_that_no_worker_comes_through_with_ends_the_run(hospital: Hospital, order: BulkOrder) -> None:
    hospital.worker()
    twice = by_broker(replace(PACE, ahead=FEW, most_tries=2))
    index = order.target / INDEX

    with pytest.raises(SoftwareFault, match="the log of the workers says why"):
        assess_files(order, at(10, lambda: index.rename(index.with_suffix(".gone"))), twice)
    index.with_suffix(".gone").rename(index)

    assert assess_files(order, lambda *_: None, IN_HASTE).finished
    assert held(order) == alone(order)


def test_workers_that_all_leave_are_waited_for_and_then_given_up(
    hospital: Hospital, order: BulkOrder
) -> None:
    only = hospital.worker()
    pace = DispatchPace(answer=3, quiet=0.5, without_workers=1, ahead=FEW)
    ended: list[BulkProgress] = []

    with pytest.raises(TryAgainLater, match="goes on from there"):
        assess_files(
            order,
            at(10, lambda: hospital.kill(only)),
            by_broker(pace),
        )
    hospital.worker()
    ended.append(assess_files(order, lambda *_: None, IN_HASTE))

    assert ended[0].finished
    assert held(order) == alone(order)
