"""What a worker has loaded when its processes begin, and shares with them; each holds what comes later."""

import json
import subprocess
import sys

import pytest

from adapter.input.wire_json import JsonValue
from workers.bench.bench_patients import OURS
from workers.settings.setting_variables import environment_without_settings, variable_name

ADDRESSES = {"fhir_base_url": "http://127.0.0.1:1/fhir", "broker_url": "redis://127.0.0.1:1/0"}
LEDGERS = {"sqlite": "sqlite:///ledger.sqlite", "postgresql": "postgresql://nobody@127.0.0.1:1/ledger"}
# Of the command `worker`, just before its processes begin: the modules that are loaded.
LOADED = """
import json, os, sys
from celery.signals import worker_init
from workers.cli import main
from workers.queue import celery_app  # connects what it does before the fork

@worker_init.connect
def tell(**_):
    print(json.dumps(list(sys.modules)), flush=True)
    os._exit(0)

main(["worker"])
"""
# What a process of a worker does then, and the modules and tables that it loads for that.
LATER = """
import json, os, sys
from datetime import date
from celery.platforms import set_pdeathsig
from celery.signals import worker_init
from mappings.valuesets import concept_map, table
from workers.assessment.record_assessment import assess_resources
from workers.bench.bench_patients import bench_records
from workers.cli import main
from workers.queue import celery_app

def tables_read():
    return table.cache_info().misses + concept_map.cache_info().misses

@worker_init.connect
def tell(**_):
    modules, tables = set(sys.modules), tables_read()
    set_pdeathsig("SIGKILL")
    institution = celery_app.institution_of(celery_app.settings())
    for record in bench_records("x", 60):
        assess_resources(record, institution, date(2026, 11, 30))
    print(json.dumps([sorted(set(sys.modules) - modules), tables_read() - tables]), flush=True)
    os._exit(0)

main(["worker"])
"""


def told_by_a_worker(program: str, **own: str) -> JsonValue:
    environ = environment_without_settings() | {
        variable_name(name): it for name, it in (OURS | ADDRESSES | own).items()
    }
    said = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, env=environ
    )
    told: JsonValue = json.loads(said.stdout)
    return told


@pytest.mark.parametrize("spoken", LEDGERS)
def test_a_worker_loads_what_speaks_to_its_ledger_and_nothing_for_people_at_a_terminal(spoken: str) -> None:
    loaded = told_by_a_worker(LOADED, ledger_url=LEDGERS[spoken])

    assert isinstance(loaded, list)
    assert {it for it in LEDGERS if f"sqlalchemy.dialects.{it}" in loaded} == {spoken}
    assert not {"celery.bin", "prompt_toolkit", "pygments"}.intersection(map(str, loaded))


def test_a_process_of_a_worker_loads_no_module_and_no_table_for_its_reviews() -> None:
    assert told_by_a_worker(LATER) == [[], 0]
