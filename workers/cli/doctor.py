"""`doctor`: what works, what does not, and what to do."""

from typing import Annotated

import typer

from workers.cli.command_settings import settings_of
from workers.cli.contract.exit_codes import Exit
from workers.cli.contract.operation_output import DoctorOutput
from workers.cli.output import say, show_json
from workers.cli.root import AsJson
from workers.cli.terminal import console
from workers.doctor.examination import examine
from workers.doctor.findings import Finding, FindingState

MARKS = {
    FindingState.WORKS: "[green]works[/]  ",
    FindingState.LIMITED: "[yellow]limited[/]",
    FindingState.BROKEN: "[red]broken[/] ",
}


def register(root: typer.Typer) -> None:
    root.command()(doctor)


def doctor(
    context: typer.Context,
    quick: Annotated[
        bool, typer.Option("--quick", help="Only whether server, broker and ledger answer.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Connect to everything; say what works, what does not and what to do. Ends with 2 if any is broken."""
    findings = []
    for finding in examine(settings_of(context), quick=quick):
        findings.append(finding)
        if not json:
            show_finding(finding)
    broken = any(finding.state is FindingState.BROKEN for finding in findings)
    if json:
        show_json(DoctorOutput(works=not broken, findings=findings))
    raise typer.Exit(Exit.CORRECT_FIRST if broken else Exit.FINE)


def show_finding(finding: Finding) -> None:
    """One finding for people."""
    console.print(MARKS[finding.state], end="  ")
    say(f"{finding.what}: {finding.says}" + (f"; to do: {finding.do}" if finding.do else ""))
