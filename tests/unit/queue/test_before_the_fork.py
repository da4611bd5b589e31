"""What a worker has loaded when its processes begin, and shares with them; each holds what comes later."""

import json
import subprocess
import sys

import pytest

from workers.settings.setting_variables import environment_without_settings, variable_name

SETTINGS = {"fhir_base_url": "http://127.0.0.1:1/fhir", "broker_url": "redis://127.0.0.1:1/0"}
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


@pytest.fixture(scope="module")
def loaded() -> frozenset[str]:
    """The modules of the command `worker`, just before its processes begin."""
    environ = environment_without_settings() | {variable_name(name): it for name, it in SETTINGS.items()}
    said = subprocess.run(
        [sys.executable, "-c", LOADED], check=True, capture_output=True, text=True, env=environ
    )
    return frozenset(json.loads(said.stdout))


@pytest.mark.parametrize("unused", ["celery.bin", "prompt_toolkit", "pygments"])
def test_a_worker_does_not_load_what_only_people_at_a_terminal_use(
    loaded: frozenset[str], unused: str
) -> None:
    assert unused not in loaded
