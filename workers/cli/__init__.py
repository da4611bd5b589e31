"""The command `osteo-handover`: one module per command or group, listed in `command_table` and nowhere else.

A command is loaded when it is called: whoever asks for help does not wait for Celery, a database and the pathways.

Exit codes, the same for every command:

| code | meaning |
| --- | --- |
| 0 | done, and nothing needs attention |
| 1 | done, but something failed or needs a person |
| 2 | the command line, the settings or the server's set-up must be corrected first |
| 3 | not now: the server, the broker or another process is in the way; try again later |
"""

from workers.cli.root import call, root


def main() -> None:
    """Run the command line; faults of ours end as one line and an exit code."""
    call(root)
