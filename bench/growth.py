"""What `osteo-handover run` takes for few and for many: processor time for each patient, and memory.

    python bench/growth.py [few] [many]

One process of ours, with as many threads as the default says; the sandbox is another one, whose time is not
counted. The start is measured on an empty server and taken off. First everybody is decided and written;
then a run finds our own writes, looks at everybody again and writes nothing; the last one finds nobody.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.process_cost import Spent, spent
from workers.bench.bench_patients import admit_patients, run_sandbox
from workers.cli.scale.bench import OURS
from workers.settings.setting_variables import environment_without_settings, variable_name

AT_ONCE = 1000  # patients that are made together


def run_of(base: str, ledger: Path) -> Spent:
    """One `run` to its end. Raises SystemExit when it does not end well."""
    given = OURS | {"fhir_base_url": base, "ledger_url": f"sqlite:///{ledger}"}
    environ = environment_without_settings() | {variable_name(name): value for name, value in given.items()}
    return spent(["run", "--json"], environ)


def measure(patients: int) -> None:
    """Prints what the first run and the next ones took."""
    with tempfile.TemporaryDirectory() as folder, run_sandbox() as base:
        start = run_of(base, Path(folder) / "empty.sqlite")
        for first in range(0, patients, AT_ONCE):
            admit_patients(base, f"g{first}", min(AT_ONCE, patients - first))
        for name in ("first time", "after our writes", "nobody changed"):
            took = run_of(base, Path(folder) / "ledger.sqlite")
            each = (took.processor - start.processor) / patients * 1000
            print(
                f"{patients:6} patients, {name:16} {each:6.2f} ms of processor time each, peak {took.peak:.1f} MiB",
                flush=True,
            )


if __name__ == "__main__":
    few, many = (*sys.argv[1:], *("2000", "32000")[len(sys.argv) - 1 :])
    for count in (int(few), int(many)):
        measure(count)
