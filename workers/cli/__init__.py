"""The command `osteo-handover`: one module per command or group, listed here and nowhere else.

Exit codes, the same for every command:

| code | meaning |
| --- | --- |
| 0 | done, and nothing needs attention |
| 1 | done, but something failed or needs a person |
| 2 | the command line, the settings or the server's set-up must be corrected first |
| 3 | not now: the server, the broker or another process is in the way; try again later |
"""

from workers.cli import (
    cases,
    deliveries,
    demo,
    doctor,
    due,
    explain,
    letter,
    pathway,
    processes,
    release,
    replay,
    run,
    settings,
)
from workers.cli.root import call, root

for module in (
    demo,
    run,
    explain,
    doctor,
    cases,
    pathway,
    replay,
    letter,
    release,
    deliveries,
    due,
    processes,
    settings,
):
    module.register(root)


def main() -> None:
    """Run the command line; faults of ours end as one line and an exit code."""
    call(root)
