"""`cases run FILE`: invented patients with what a clinician expects of them, through everything that serves real ones."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from workers.cases import CaseResult, CaseStatus, CaseTable, WorkedCase, read_table, run
from workers.cases.case_table import TableFault
from workers.cases.expectations.comparison import KEYS
from workers.cli.output import say, show_json, show_table
from workers.cli.root import Exit, Json
from workers.clock import system_clock

group = typer.Typer(help="Cases with expected decisions.", no_args_is_help=True)

Only = Annotated[str, typer.Option(metavar="KEY,...", help="Compare these keys of `expect`, and no others.")]
Ids = Annotated[
    list[str] | None, typer.Option("--case", metavar="ID", help="Run this case; may be repeated.")
]


def register(root: typer.Typer) -> None:
    root.add_typer(group, name="cases")


@group.callback()
def cases() -> None:
    """Cases with expected decisions."""


@group.command("run")
def run_file(
    file: Annotated[
        Path, typer.Argument(help="A JSON file: an object with `cases`, a list of cases, or one case.")
    ],
    only: Only = "",
    case: Ids = None,
    json: Json = False,
) -> None:
    """Turn each case into FHIR resources, read, decide and draft, and compare with what it expects.

    Ends with 1 when a case failed. A case that speaks of something unknown is not covered, and never passed.
    """
    table = read_table(file, system_clock().date())
    keys = keys_of(only, table)
    results = [run(one, keys) for one in chosen(table, case or ())]
    if json:
        show_json(as_json(results))
    else:
        show(table.title, results)
    raise typer.Exit(Exit.ATTENTION if any(one.status is CaseStatus.FAILED for one in results) else Exit.FINE)


def keys_of(only: str, table: CaseTable) -> frozenset[str]:
    """The keys to compare; one that nobody knows would let every case pass. Raises ``TableFault``."""
    wanted = {key.strip() for key in only.split(",")} - {""}
    strangers = sorted(wanted - KEYS.keys() - {key for case in table.cases for key in case.expect})
    if strangers:
        raise TableFault(f"--only: no such key: {', '.join(strangers)}; there are {', '.join(KEYS)}")
    return frozenset(wanted)


def chosen(table: CaseTable, ids: Sequence[str]) -> list[WorkedCase]:
    """The named cases, or all. Raises ``TableFault`` for a name that the file does not have."""
    strangers = sorted(set(ids) - {case.id for case in table.cases})
    if strangers:
        raise TableFault(f"--case: not in this file: {', '.join(strangers)}")
    return [case for case in table.cases if not ids or case.id in ids]


def as_json(results: Sequence[CaseResult]) -> dict[str, Any]:
    """The one object that `--json` prints."""
    return {
        "total": len(results),
        **_counts(results),
        "cases": [{"id": it.id, "status": it.status, "differences": list(it.differences)} for it in results],
    }


def _counts(results: Sequence[CaseResult]) -> dict[str, int]:
    found = Counter(result.status for result in results)
    return {status.value: found[status] for status in CaseStatus}


def show(title: str, results: Sequence[CaseResult]) -> None:
    """Every case in a table, its differences beside it, and the counts below."""
    shown = ((it.id, it.profile, it.status.replace("_", " "), "\n".join(it.differences)) for it in results)
    show_table(title, ("case", "pathway", "result", "differences"), shown)
    counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in _counts(results).items())
    say(f"{len(results)} cases: {counts}.")
