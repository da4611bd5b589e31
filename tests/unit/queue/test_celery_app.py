"""What the Celery app does to the process that it runs in."""

import gc
import io
import logging
import subprocess
import sys
from pathlib import Path

import pytest
from celery.signals import task_postrun, task_prerun, worker_init

from adapter.errors import ConfigurationFault
from mappings.valuesets import _snomed_names
from workers.bench.bench_patients import OURS
from workers.bulk import part_tasks
from workers.cli.contract.exit_codes import Exit
from workers.host.logs import set_up_logs
from workers.queue import celery_app, celery_tasks
from workers.queue.celery_app import TaskName
from workers.sandbox import Sandbox
from workers.settings.all_settings import Settings
from workers.settings.setting_variables import environment_without_settings, variable_name
from workers.settings.settings_loader import load_settings

BROKER = {"fhir_base_url": "http://127.0.0.1:1/fhir", "broker_url": "redis://127.0.0.1:1/0"}


@pytest.fixture
def handed() -> None:
    celery_app.use(load_settings({variable_name(name): value for name, value in BROKER.items()}))


def test_a_worker_leaves_what_it_loaded_to_stay_and_looks_for_garbage_less_often() -> None:
    assert celery_app.app.main == "osteo_handover"
    was = gc.get_threshold()
    try:
        gc.unfreeze()  # as a process begins, whatever a test before this one left
        gc.set_threshold(700, *was[1:])

        _snomed_names.cache_clear()
        worker_init.send(sender=None)

        assert _snomed_names.cache_info().currsize == 1  # before the first fork
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold()[0] > 700
    finally:
        gc.set_threshold(*was)


def test_the_lines_of_a_task_bear_the_id_of_its_message() -> None:
    stream = io.StringIO()
    set_up_logs("plain", stream)
    log = logging.getLogger("test")

    task_prerun.send(sender=None, task_id="7f0c")
    log.info("at work")
    task_postrun.send(sender=None, task_id="7f0c")
    log.info("at rest")

    assert ["7f0c" in line for line in stream.getvalue().splitlines()] == [True, False]


def test_what_stands_in_a_message_stays_what_it_was() -> None:
    waiting = ("review_patients", "sweep", "deliver", "queue_overdue", "feed", "assess_part")

    assert [it.value for it in TaskName] == [f"osteo_handover.{it}" for it in waiting]


@pytest.mark.usefixtures("handed")
def test_every_name_in_a_message_is_that_of_a_task() -> None:
    doorways = {celery_tasks.__name__, part_tasks.__name__}
    made = {name for name, task in celery_app.app.tasks.items() if task.__module__ in doorways}

    assert made == set(TaskName)


def test_other_settings_make_another_runtime(sandbox: Sandbox, tmp_path: Path) -> None:
    def given(site: str) -> Settings:
        own = {
            "fhir_base_url": sandbox.base_url,
            "ledger_url": f"sqlite:///{tmp_path}/ledger.sqlite",
            "site": site,
        }
        return load_settings({variable_name(name): value for name, value in (BROKER | own).items()})

    celery_app.use(given("breda"))
    first = celery_app.runtime()
    celery_app.use(given("tilburg"))
    second = celery_app.runtime()

    assert (first.settings.site, second.settings.site) == ("breda", "tilburg")
    assert celery_app.runtime() is second
    celery_app.use(given("breda"))  # closes what this test opened


@pytest.mark.usefixtures("handed")
def test_settings_that_cannot_be_used_leave_those_in_use() -> None:
    before = celery_app.settings()

    with pytest.raises(ConfigurationFault):
        celery_app.use(before.model_copy(update={"broker_url": None}))

    assert celery_app.settings() is before
    assert celery_app.app.conf.broker_url == BROKER["broker_url"]


# A worker of which a part does not begin; the broker is not there, and not needed.
BROKEN = """
from celery import bootsteps
from workers.cli import main
from workers.queue import celery_app

class Broken(bootsteps.StartStopStep):
    requires = ("celery.worker.components:Pool",)

    def start(self, worker):
        raise RuntimeError("the pool is broken")

celery_app.app.steps["worker"].add(Broken)
main(["worker", "--concurrency=1"])
"""


@pytest.mark.slow
def test_a_worker_that_ends_by_a_fault_tells_whoever_keeps_it_running(tmp_path: Path) -> None:
    nowhere = {"fhir_base_url": "http://127.0.0.1:1/fhir", "broker_url": "redis://127.0.0.1:1/0"}
    given = OURS | nowhere | {"ledger_url": f"sqlite:///{tmp_path}/ledger.sqlite"}
    environ = environment_without_settings() | {variable_name(name): it for name, it in given.items()}

    ended = subprocess.run([sys.executable, "-c", BROKEN], env=environ, capture_output=True, check=False)

    assert ended.returncode == Exit.ATTENTION
    assert b"the pool is broken" in ended.stderr
