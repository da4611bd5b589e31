"""`pathway coverage` and `pathway docs`: what proves each rule, and the pages that a clinician signs."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from adapter.errors import ConfigurationFault
from adapter.input.input_files import text_of
from workers.authoring.cases import WorkedCase, read_table
from workers.authoring.pathway_pages import pathway_pages
from workers.authoring.rule_coverage import Coverage, CoveredRule, count_tests, coverage_of, proofs
from workers.authoring.spec_tables import AS_OF
from workers.cli.contract.exit_codes import Exit
from workers.cli.contract.pathway_output import CoverageOutput, CoveredRow
from workers.cli.output import count_text, say, show_json, tell
from workers.cli.root import AsJson
from workers.cli.terminal import errors, show_table
from workers.host.private_files import make_folder_named, write_private

IN_A_CHECKOUT = Path(__file__).parents[3] / "tests" / "data" / "cases" / "acceptance_cases.json"
Cases = Annotated[
    list[Path] | None,
    typer.Option(help="Files of cases that count besides the tables; in a checkout, the acceptance cases."),
]


def register(group: typer.Typer) -> None:
    group.command("coverage")(show_coverage)
    group.command()(docs)


def show_coverage(
    cases: Cases = None,
    every: Annotated[bool, typer.Option("--all", help="Settlements and guideline rules as well.")] = False,
    json: AsJson = False,
) -> None:
    """Run every table and case; list for each rule the tests that fire it, or why nothing follows from it.

    Ends with 1 when a rule has neither, or when a test failed.
    """
    found = _run_coverage(_cases_of(cases), quiet=json, every=every)
    if json:
        show_json(CoverageOutput(rules=[_covered_row(rule) for rule in found.rules]))
    else:
        _show_coverage(found)
    _tell_gaps(found)
    raise typer.Exit(_exit_of(found))


def docs(
    cases: Cases = None,
    out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("docs/pathways"),
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail when a page is not up to date.")
    ] = False,
) -> None:
    """Write the pages: each table, each pathway, and the coverage. Ends with 1 where `coverage` does."""
    found = _run_coverage(_cases_of(cases), quiet=False, every=False)
    made = pathway_pages(found)
    held = {file.name: text_of(file) for file in sorted(out.glob("*.md"))}
    stale = sorted(name for name in made.keys() | held.keys() if made.get(name) != held.get(name))
    if check:
        for name in stale:
            tell(f"{out / name}: not up to date; run `osteo-handover pathway docs`")
        if stale:
            raise typer.Exit(Exit.ATTENTION)
        _tell_gaps(found)
        raise typer.Exit(_exit_of(found))
    make_folder_named(out)
    for name in stale:
        if name in made:
            write_private(out / name, made[name].encode())
        else:
            (out / name).unlink()
    say(f"{count_text(len(made), 'page')} in {out}, {len(stale)} of them new, changed or gone.")
    _tell_gaps(found)
    raise typer.Exit(_exit_of(found))


def _tell_gaps(found: Coverage) -> None:
    """What failed and what is left open, on the side where it does not disturb a program."""
    for proof in found.failed:
        for difference in proof.differences:
            tell(f"{proof.id}: {proof.status}: {difference}")
    for rule in found.gaps:
        tell(f"{rule}: neither a test that passes nor a reason")


def _exit_of(found: Coverage) -> Exit:
    return Exit.ATTENTION if found.gaps or found.failed else Exit.FINE


def _cases_of(files: list[Path] | None) -> list[WorkedCase]:
    chosen = files if files is not None else [IN_A_CHECKOUT] if IN_A_CHECKOUT.is_file() else []
    found = [case for file in chosen for case in read_table(file, AS_OF).cases]
    if len({case.id for case in found}) < len(found):
        raise ConfigurationFault("Two of these cases have the same id.")
    return found


def _run_coverage(cases: list[WorkedCase], *, quiet: bool, every: bool) -> Coverage:
    total = count_tests() + len(cases)
    shown = not quiet and errors.is_terminal
    running = track(proofs(cases), "running tests", total, console=errors, transient=True, disable=not shown)
    return coverage_of(running, leaflets_only=not every)


def _covered_row(rule: CoveredRule) -> CoveredRow:
    return {"id": rule.id, "mode": rule.mode, "tests": [*rule.tests], "reason": rule.reason}


def _show_coverage(found: Coverage) -> None:
    rows = (
        (rule.id, rule.mode, ", ".join(rule.tests) or rule.reason or "NEITHER TEST NOR REASON")
        for rule in found.rules
    )
    show_table("Rules and what proves them", ("rule", "mode", "tests, or why nothing follows"), rows)
    proved = sum(1 for rule in found.rules if rule.tests)
    explained = sum(1 for rule in found.rules if rule.reason is not None)
    rules = count_text(len(found.rules), "rule")
    say(f"{rules}: {proved} proved, {explained} explained, {len(found.gaps)} with neither.")
