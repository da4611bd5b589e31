"""What `osteo-handover run` takes for so many patients: processor time for each, and memory at its peak.

One process of ours, with as many threads as the default says; the sandbox is another one and not counted.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workers.bench.bench_patients import OURS, admit_patients, run_sandbox
from workers.bench.process_cost import Spent, spent
from workers.settings.setting_variables import environment_without_settings, variable_name

AT_ONCE = 1000  # patients that are made together
START = "empty server"


@dataclass(frozen=True, slots=True)
class RunCost:
    """One `run` to its end: ms of processor time for each patient without the start, and MiB at most."""

    name: str
    patients: int
    processor: float
    peak: float


def run_costs(patients: int, names: Sequence[str]) -> Iterator[RunCost]:
    """First a run on an empty server, whose processor time is taken off; then one run for each name.

    Raises SoftwareFault when one of them does not end well.
    """
    with tempfile.TemporaryDirectory() as folder, run_sandbox() as base:
        start = _run(base, Path(folder) / "empty.sqlite")
        yield RunCost(START, 0, 0.0, start.peak)
        for first in range(0, patients, AT_ONCE):
            admit_patients(base, f"g{first}", min(AT_ONCE, patients - first))
        for name in names:
            took = _run(base, Path(folder) / "ledger.sqlite")
            each = (took.processor - start.processor) / patients * 1000
            yield RunCost(name, patients, each, took.peak)


def _run(base: str, ledger: Path) -> Spent:
    given = OURS | {"fhir_base_url": base, "ledger_url": f"sqlite:///{ledger}"}
    environ = environment_without_settings() | {variable_name(name): value for name, value in given.items()}
    return spent(["run", "--json"], environ)
