"""What the options of `sandbox` ask of the server that it starts."""

from pathlib import Path

import pytest

from adapter.input.wire_json import write
from tests.made_resources import a_patient
from workers.cli.processes.sandbox import prepare_sandbox
from workers.sandbox import FaultEffect, Sandbox


def test_a_folder_is_loaded(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "patients.ndjson").write_bytes(write(a_patient("p1")) + b"\n")

    prepare_sandbox(sandbox, tmp_path, 0)

    assert [it["id"] for it in sandbox.current_resources("Patient")] == ["p1"]


@pytest.mark.parametrize(("delay", "waits"), [(0, []), (20, [20])])
def test_each_answer_waits_as_long_as_is_asked(sandbox: Sandbox, delay: int, waits: list[int]) -> None:
    prepare_sandbox(sandbox, None, delay)

    assert [it.value for it in sandbox.faults.rules if it.effect is FaultEffect.DELAY] == waits
    assert all(it.times is None for it in sandbox.faults.rules)
