"""What a command of ours takes: time, and memory of all its processes."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapter.errors import SoftwareFault

ROOT = Path(__file__).parents[2]  # where `workers` is found
LOOK = 0.1  # seconds between two looks at the memory


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds on the wall and of all processors, and megabytes at most."""

    wall: float
    processor: float
    peak: float


def spent(command: Sequence[str], environ: Mapping[str, str] | None = None) -> Spent:
    """One command to its end. Raises SoftwareFault when it does not end well.

    The memory is looked at while it runs. What the system notes of a process that ended (`ru_maxrss`)
    begins with what its parent held.
    """
    before, begun, peak = _processor(), time.monotonic(), 0.0
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "workers", *command],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    while process.poll() is None:
        peak = max(peak, held(process.pid))
        time.sleep(LOOK)
    if process.returncode:
        raise SoftwareFault(f"{command[0]} ended with {process.returncode}, so the figures say nothing.")
    return Spent(time.monotonic() - begun, _processor() - before, peak)


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def held(session: int) -> float:
    """Megabytes of all of them, whatever else runs on the machine.

    What they share counts once, and of the files that they map, such as libraries, what one of them maps. By
    proportional set size a process held 6 MB less while other programs ran, which map some of the same.
    """
    rows = [_rows(it, session) for it in Path("/proc").iterdir() if it.name.isdigit()]
    mine = [it for it in rows if it]
    return sum(it["Pss_Anon"] for it in mine) + max((it["Rss"] - it["Anonymous"] for it in mine), default=0.0)


def _rows(process: Path, session: int) -> Mapping[str, float]:
    """Megabytes by name; empty for a process of somebody else's, or one that just ended."""
    try:
        if os.getsid(int(process.name)) != session:
            return {}
        _, *rows = (process / "smaps_rollup").read_text().splitlines()
    except OSError:
        return {}
    return {name: int(size) / 1024 for name, size in (row.removesuffix(" kB").split(":") for row in rows)}
