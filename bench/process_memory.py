"""What the processes of a session hold, for the benchmarks that start commands of ours."""

import os
from pathlib import Path


def held(session: int) -> float:
    """Megabytes of all of them; what they share counts once (proportional set size)."""
    return sum(_held_by(it, session) for it in Path("/proc").iterdir() if it.name.isdigit())


def _held_by(process: Path, session: int) -> float:
    """None for a process of somebody else's, or one that just ended."""
    try:
        if os.getsid(int(process.name)) != session:
            return 0.0
        rows = (process / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(it.split()[1]) for it in rows if it.startswith("Pss:")) / 1024
