"""`cases run FILE`: invented patients and what a clinician expects of them, by the code for real patients."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from workers.authoring.cases import (
    CaseResult,
    CaseStatus,
    CaseTable,
    TableFault,
    WorkedCase,
    read_table,
    run_cases,
)
from workers.authoring.cases.case_details import details_of
from workers.authoring.cases.expectations.comparison import KEYS
from workers.authoring.cases.expectations.differences import shown_value
from workers.cli.contract.decision_output import CaseOutput, CasesOutput
from workers.cli.contract.exit_codes import Exit
from workers.cli.output import count_text, say, show_json
from workers.cli.root import AsJson
from workers.cli.terminal import show_table
from workers.host.clock import system_clock

group = typer.Typer(help="Cases with expected decisions.", no_args_is_help=True)

Ids = Annotated[
    list[str] | None,
    typer.Option("--only", "--case", metavar="ID,...", help="Run these cases; may be repeated."),
]
Kinds = Annotated[
    list[str] | None, typer.Option("--kind", metavar="KIND,...", help="Run the cases of these kinds.")
]
Keys = Annotated[
    list[str] | None,
    typer.Option("--key", metavar="KEY,...", help="Compare these keys of `expect`, and no others."),
]
Verbose = Annotated[
    bool,
    typer.Option("--verbose", "-v", help="Also show, per case, what was expected and all that came out."),
]
CaseFile = Annotated[
    Path, typer.Argument(help="A JSON file: an object with `cases`, a list of cases, or one case.")
]


def register(root: typer.Typer) -> None:
    root.add_typer(group, name="cases")


@group.callback()
def cases() -> None:
    """Cases with expected decisions."""


@group.command("run")
def run_file(
    file: CaseFile,
    only: Ids = None,
    kind: Kinds = None,
    key: Keys = None,
    verbose: Verbose = False,
    json: AsJson = False,
) -> None:
    """Read, decide and draft for each case, and compare with what it expects.

    A case with `resources` is put on a FHIR server and read as a real patient is; one with `facts` is
    written as resources first. Ends with 1 when a case failed. A case that speaks of something unknown is
    not covered, and never passed.
    """
    table = read_table(file, system_clock().date())
    keys = frozenset(_option_values(key, "--key: no such key", _known_keys(table)))
    wanted = chosen_cases(
        table, _option_values(only, "--only: not in this file", {case.id for case in table.cases}), kind
    )
    results = list(run_cases(wanted, keys))
    if json:
        show_json(cases_output(wanted, results, verbose=verbose))
    else:
        show_results(table.title, wanted, results)
        for case, result in zip(wanted, results, strict=True) if verbose else ():
            show_case(case, result)
    failed = any(result.status is CaseStatus.FAILED for result in results)
    raise typer.Exit(Exit.ATTENTION if failed else Exit.FINE)


def _option_values(given: Sequence[str] | None, complaint: str, known: Collection[str]) -> list[str]:
    """The names given to an option, repeated or several in one; raises ``TableFault`` for an unknown one."""
    names = [name.strip() for text in given or () for name in text.split(",") if name.strip()]
    if unknown := sorted(set(names) - set(known)):
        raise TableFault(f"{complaint}: {', '.join(unknown)}; there are {', '.join(known)}")
    return names


def _known_keys(table: CaseTable) -> list[str]:
    """Those of this product first; one that nobody knows would let every case pass."""
    return [*KEYS, *sorted({key for case in table.cases for key in case.expect} - KEYS.keys())]


def chosen_cases(table: CaseTable, ids: Collection[str], kinds: Sequence[str] | None) -> list[WorkedCase]:
    """The named cases of the named kinds, or all.

    Raises ``TableFault`` for a kind that the file does not have.
    """
    named = _option_values(
        kinds, "--kind: not in this file", sorted({case.kind for case in table.cases} - {""})
    )
    return [case for case in table.cases if (not ids or case.id in ids) and (not named or case.kind in named)]


def cases_output(cases: Sequence[WorkedCase], results: Sequence[CaseResult], *, verbose: bool) -> CasesOutput:
    """The one object that `--json` prints."""
    counts = _status_counts(results)
    return {
        "total": len(results),
        "passed": counts[CaseStatus.PASSED],
        "failed": counts[CaseStatus.FAILED],
        "not_covered": counts[CaseStatus.NOT_COVERED],
        "kinds": _counts_by_kind(cases, results),
        "cases": [
            _case_row(case, result, verbose=verbose) for case, result in zip(cases, results, strict=True)
        ],
    }


def _case_row(case: WorkedCase, result: CaseResult, *, verbose: bool) -> CaseOutput:
    row: CaseOutput = {"id": result.id, "status": result.status, "differences": [*result.differences]}
    if case.kind:
        row["kind"] = case.kind
    if verbose:
        row["expect"], row["got"] = {**case.expect}, {**_details_of(result)}
    return row


def _status_counts(results: Sequence[CaseResult]) -> dict[str, int]:
    found = Counter(result.status for result in results)
    return {status.value: found[status] for status in CaseStatus}


def _counts_by_kind(cases: Sequence[WorkedCase], results: Sequence[CaseResult]) -> dict[str, dict[str, int]]:
    kinds: dict[str, list[CaseResult]] = {}
    for case, result in zip(cases, results, strict=True):
        if case.kind:
            kinds.setdefault(case.kind, []).append(result)
    return {kind: _status_counts(held) for kind, held in sorted(kinds.items())}


def show_results(title: str, cases: Sequence[WorkedCase], results: Sequence[CaseResult]) -> None:
    """Every case in a table, its differences beside it, and the counts below."""
    rows = (
        (result.id, result.pathway, result.status.replace("_", " "), "\n".join(result.differences))
        for result in results
    )
    show_table(title, ("case", "pathway", "result", "differences"), rows)
    kinds = _counts_by_kind(cases, results)
    columns = ("kind", *(status.replace("_", " ") for status in CaseStatus))
    show_table("By kind", columns, ((kind, *counts.values()) for kind, counts in kinds.items()))
    counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in _status_counts(results).items())
    say(f"{count_text(len(results), 'case')}: {counts}.")


def show_case(case: WorkedCase, result: CaseResult) -> None:
    """What was expected, what differs, and what came out."""
    say(f"\n{case.id} under {case.pathway} on {case.as_of}: {case.title}".rstrip(": "))
    for title, lines in (
        ("expected", _detail_lines(case.expect)),
        ("different", iter(result.differences)),
        ("got", _detail_lines(_details_of(result))),
    ):
        say(f"  {title}")
        for line in lines:
            say(f"    {line}")


def _details_of(result: CaseResult) -> Mapping[str, object]:
    return details_of(result.proposal) if result.proposal else {}


def _detail_lines(held: Mapping[str, object]) -> Iterator[str]:
    for name, value in held.items():
        text = shown_value(value)
        yield f"{name}:" if "\n" in text else f"{name}: {text}"
        yield from (f"  | {line}" for line in text.splitlines() if "\n" in text)
