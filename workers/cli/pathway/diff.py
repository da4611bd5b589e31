"""`pathway diff`: what two editions say differently, and for whom that would make a difference."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from adapter.clinical.pathway.pathway import Pathway
from adapter.errors import ConfigurationFault
from mappings.pathways import load
from mappings.pathways.edition import Edit, edits
from workers.authoring.population import people_of_cases, people_of_server, shadow_institution
from workers.authoring.shadow_files import FilesShadow, shadow_of_files
from workers.authoring.shadow_run import Person, ShadowRun, run_shadow
from workers.bulk.bulk_run import OnProgress
from workers.bulk.process_pool import core_count
from workers.cli.contract.exit_codes import Exit
from workers.cli.contract.pathway_output import DiffOutput
from workers.cli.output import count_text, say, show_json
from workers.cli.pathway.target_server import client_for, reading_for
from workers.cli.progress_bar import progress_bar
from workers.cli.root import AsJson
from workers.cli.terminal import show_table
from workers.host.clock import system_clock

DECIDING = "deciding twice"
SHOWN = 100  # people listed on a screen; --json lists all


def register(group: typer.Typer) -> None:
    group.command("diff")(diff)


def diff(  # noqa: PLR0913, PLR0917 - the options of a command
    context: typer.Context,
    old: Annotated[str, typer.Argument(help="A pathway or a file.")],
    new: Annotated[str, typer.Argument(help="Another one.")],
    patients: Annotated[
        list[Path] | None, typer.Option(help="NDJSON, Bundles, or folders of them; may be repeated.")
    ] = None,
    server: Annotated[str | None, typer.Option(metavar="URL", help="Everybody on a FHIR server.")] = None,
    cases: Annotated[Path | None, typer.Option(help="A file of cases.")] = None,
    on: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="The day to decide on; else today.")
    ] = None,
    processes: Annotated[
        int | None, typer.Option(min=1, max=256, help="For --patients; all cores when not given.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Compare two pathways: what they say, and what they would decide for a population. Writes nothing."""
    before, after = load(old), load(new)
    if sum(map(bool, (patients, server, cases))) > 1:
        raise ConfigurationFault("One population at a time: --patients, --server or --cases.")
    day = _day(on)
    run = None
    if patients:
        order = FilesShadow(patients, old, new, reading_for(context), day, processes or core_count())
        run = shadow_of_files(order, _watch_files(quiet=json))
    elif cases:
        people = people_of_cases(cases, day)
        run = run_shadow(_watch_people(people, len(people), quiet=json), before, after)
    elif server:
        with client_for(context, server) as client:
            everybody = people_of_server(
                client, shadow_institution(before, reading_for(context, server)), day
            )
            run = run_shadow(_watch_people(everybody, None, quiet=json), before, after)
    if json:
        show_json(_diff_output(before, after, run))
    else:
        _show_run(edits(before, after), run)
    if run and run.unread:
        raise typer.Exit(Exit.ATTENTION)


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text) if text else system_clock().date()
    except ValueError:
        raise ConfigurationFault("--on wants a day as YYYY-MM-DD.") from None


def _watch_people(people: Iterable[Person], total: int | None, *, quiet: bool) -> Iterator[Person]:
    with progress_bar(quiet=quiet) as bar:
        yield from bar.track(people, total=total, description=DECIDING)


@contextmanager
def _watch_files(*, quiet: bool) -> Iterator[OnProgress]:
    with progress_bar(quiet=quiet) as bar:
        task = bar.add_task("index", total=None)
        yield lambda done, all_: bar.update(task, description=DECIDING, completed=done, total=all_)


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
        "not_read": [{"patient": patient, "fault": why} for patient, why in run.unread.items()],
    }


def _show_run(found: tuple[Edit, ...], run: ShadowRun | None) -> None:
    if not found:
        say("Both say the same.")
    rows = (
        (change.kind, f"{change.name} {change.part}".strip(), change.before or "-", change.after or "-")
        for change in found
    )
    show_table("What they say differently", ("kind", "what", "old", "new"), rows)
    if run is None:
        return
    show_table("People for whom something would change", ("what", "people"), run.counts.items())
    show_table("By rule", ("rule", "people"), run.rules.items())
    shown = (
        (
            person.person,
            change.kind,
            change.code,
            change.before or "-",
            change.after or "-",
            ", ".join(change.rules),
        )
        for person in run.changed[:SHOWN]
        for change in person.changes
    )
    show_table("Who, and how", ("patient", "kind", "what", "old", "new", "rules"), shown)
    if len(run.changed) > SHOWN:
        say(f"... and {len(run.changed) - SHOWN} more; --json lists all.")
    show_table("Not read (the first ones)", ("patient", "why"), [*run.unread.items()][:SHOWN])
    say(f"{len(run.changed)} of {count_text(run.people, 'person', 'people')} would get another proposal.")
