"""`pathway diff`: what two editions say differently, and for whom that would make a difference."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from adapter.clinical.language.pathway import Pathway
from adapter.errors import ConfigurationFault
from mappings.lifecycle.institution import Institution
from mappings.pathways import load
from mappings.pathways.edition import Edit, edits
from mappings.texts import load as texts_of
from workers.authoring.population import of_cases, of_files, of_server
from workers.authoring.shadow_run import Person, ShadowRun, shadow_run
from workers.cli.contract.pathway_output import DiffOutput
from workers.cli.output import say, show_json
from workers.cli.pathway.target_server import client_for, reading_for
from workers.cli.root import AsJson
from workers.cli.terminal import errors, show_table
from workers.clock import system_clock

SHOWN = 100  # people listed on a screen; --json lists all


def register(group: typer.Typer) -> None:
    group.command("diff")(diff)


def diff(  # noqa: PLR0913, PLR0917 - the options of a command
    old: Annotated[str, typer.Argument(help="A pathway or a file.")],
    new: Annotated[str, typer.Argument(help="Another one.")],
    patients: Annotated[
        list[Path] | None, typer.Option(help="NDJSON with FHIR resources, or a folder; may be repeated.")
    ] = None,
    server: Annotated[str | None, typer.Option(metavar="URL", help="Everybody on a FHIR server.")] = None,
    cases: Annotated[Path | None, typer.Option(help="A file of cases.")] = None,
    on: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="The day to decide on; else today.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Compare two pathways by what they say, and by what they would decide about a population. Writes nothing."""
    before, after = load(old), load(new)
    if sum(map(bool, (patients, server, cases))) > 1:
        raise ConfigurationFault("One population at a time: --patients, --server or --cases.")
    day = _day(on)
    run = None
    if patients or cases:
        people = of_cases(cases, day) if cases else of_files(patients or (), reading_for(), day)
        run = shadow_run(_watched(people, len(people), quiet=json), before, after)
    elif server:
        with client_for(server) as client:
            everybody = of_server(client, _institution(server, before), day)
            run = shadow_run(_watched(everybody, None, quiet=json), before, after)
    if json:
        show_json(_diff_output(before, after, run))
    else:
        _show(edits(before, after), run)


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text) if text else system_clock().date()
    except ValueError:
        raise ConfigurationFault("--on wants a day as YYYY-MM-DD.") from None


def _institution(server: str, pathway: Pathway) -> Institution:
    return Institution("shadow", "", pathway, reading_for(server), texts_of("en"))


def _watched(people: Iterable[Person], total: int | None, *, quiet: bool) -> Iterator[Person]:
    columns = (TextColumn("deciding twice"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True, disable=quiet or not errors.is_terminal) as bar:
        yield from bar.track(people, total=total)


def _diff_output(old: Pathway, new: Pathway, run: ShadowRun | None) -> DiffOutput:
    output: DiffOutput = {"old": old.ref, "new": new.ref, "edits": [*edits(old, new)]}
    if run is None:
        return output
    return {
        **output,
        "people": run.people,
        "would_change": len(run.changed),
        "counts": {**run.counts},
        "by_rule": {**run.rules},
        "changed": [*run.changed],
    }


def _show(found: tuple[Edit, ...], run: ShadowRun | None) -> None:
    if not found:
        say("Both say the same.")
    rows = ((it.kind, f"{it.name} {it.part}".strip(), it.before or "-", it.after or "-") for it in found)
    show_table("What they say differently", ("kind", "what", "old", "new"), rows)
    if run is None:
        return
    show_table("People for whom something would change", ("what", "people"), run.counts.items())
    show_table("By rule", ("rule", "people"), run.rules.items())
    shown = (
        (one.person, it.kind, it.code, it.before or "-", it.after or "-", ", ".join(it.rules))
        for one in run.changed[:SHOWN]
        for it in one.changes
    )
    show_table("Who, and how", ("patient", "kind", "what", "old", "new", "rules"), shown)
    if len(run.changed) > SHOWN:
        say(f"... and {len(run.changed) - SHOWN} more; --json lists all.")
    say(f"{len(run.changed)} of {run.people} people would get another proposal.")
