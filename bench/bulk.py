"""Everybody in files, by `assess` and `pathway diff`: rate on one and on all cores, memory, and orjson.

    python bench/bulk.py [patients] [rounds]

One way after the other in each round, and of each the best round: other work on the machine makes a round
slower and none faster. Processor time is that of all processes, memory the largest sum of what they held,
looked at four times a second.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import orjson

sys.path.insert(0, str(Path(__file__).parents[1]))

from adapter.input.wire_json import write
from workers.bench.bench_patients import bench_records
from workers.bench.process_cost import Spent, spent
from workers.bulk.process_pool import core_count

AT_ONCE = 500  # patients that are made together


def make(file: Path, patients: int) -> None:
    """Copies of the bundled patients under new ids, resource by resource."""
    with file.open("wb") as target:
        for start in range(0, patients, AT_ONCE):
            for one in bench_records(f"b{start:08}", min(AT_ONCE, patients - start)):
                target.writelines(write(it) + b"\n" for it in one)


def parsed(file: Path) -> Spent:
    """Orjson on every line, in this process: what no way from a file can do without."""
    with file.open("rb") as lines:
        begun, start = time.process_time(), time.monotonic()
        for line in lines:
            orjson.loads(line)
        return Spent(time.monotonic() - start, time.process_time() - begun, 0)


def main() -> None:
    patients, rounds = (int(it) for it in (*sys.argv[1:], *("1000", "3")[len(sys.argv) - 1 :]))
    seen: dict[str, list[Spent]] = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "records.ndjson"
        make(file, patients)
        for number in range(rounds):
            for processes in (1, core_count()):
                many = f"--processes={processes}"
                out = Path(folder) / f"{number}-{processes}"
                commands = {
                    "assess": f"assess {file} --out {out}",
                    "pathway diff": f"pathway diff etz antonius --patients {file}",
                }
                for name, command in commands.items():
                    took = spent([*command.split(), "--on=2026-11-20", many])
                    seen.setdefault(f"{name}, {processes} of {core_count()}", []).append(took)
            seen.setdefault("orjson.loads", []).append(parsed(file))
    bare = min(it.processor for it in seen["orjson.loads"])
    for name, them in seen.items():
        wall, processor = min(it.wall for it in them), min(it.processor for it in them)
        print(
            f"{name:24} {patients / wall:8.0f} patients/s {processor / patients * 1000:7.2f} ms of processor time each,"
            f" {processor / bare:6.1f} x orjson, {max(it.peak for it in them):5.0f} MB"
        )
    print(json.dumps({"patients": patients, "rounds": rounds, "cores": core_count()}))


if __name__ == "__main__":
    main()
