"""What `osteo-handover run` takes for few and for many: processor time for each patient, and memory.

    python bench/growth.py [few] [many]

First everybody is decided and written; then a run finds our own writes, looks at everybody again and writes
nothing; the last one finds nobody.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from workers.bench.memory_growth import run_costs

RUNS = ("first time", "after our writes", "nobody changed")


def measure(patients: int) -> None:
    """Prints what the first run and the next ones took."""
    for run in run_costs(patients, RUNS):
        print(
            f"{run.patients:6} patients, {run.name:16} {run.processor:6.2f} ms of processor time each, peak {run.peak:.1f} MiB",
            flush=True,
        )


if __name__ == "__main__":
    few, many = (*sys.argv[1:], *("2000", "32000")[len(sys.argv) - 1 :])
    for count in (int(few), int(many)):
        measure(count)
