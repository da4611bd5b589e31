"""The command `osteo-handover`: one module per command or group, listed in `command_table` and nowhere else.

A command is loaded when it is called: whoever asks for help does not wait for Celery,
a database and the pathways.

    root, command_settings               what holds for all commands; their settings
    command_table, processes             their names; what runs until it is stopped
    run, explain, letter, replay         the work, and one patient of it (`patient_name`)
    doctor, settings, demo, cases        whether it works, and trying it
    plans, pathway, connections, scale   groups of commands
    contract, output, terminal, progress_bar     what programs may rely on, and what people see

Exit codes, the same for every command:

| code | meaning |
| --- | --- |
| 0 | done |
| 1 | done, and somebody should look (a failed case, a difference, an unusable record, a mistake of ours) |
| 2 | something has to be corrected first: settings, rights, a file, a word of the command |
| 3 | may succeed later: the server, the broker or the ledger did not serve |
"""

import sys
from collections.abc import Sequence

from workers.cli.root import call, root


def main(words: Sequence[str] | None = None) -> None:
    """Run the command line on these words, else on those of the shell.

    Faults of ours end as one line and an exit code.
    """
    call(root, sys.argv[1:] if words is None else words)
