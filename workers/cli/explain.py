"""`explain PATIENT`: why this patient gets what is proposed."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from adapter.wire_json import Json
from mappings.stored_decision import dump
from workers.cli.output import say, show_json, show_table
from workers.cli.root import AsJson
from workers.explanation import explained, released, stored
from workers.private_files import write_private
from workers.queue.bootstrap import set_up
from workers.settings import settings_of_process


def register(root: typer.Typer) -> None:
    root.command()(explain)


def explain(
    patient: Annotated[str, typer.Argument(help="The id of the Patient on the server.")],
    letter: Annotated[bool, typer.Option("--letter", help="Show the letter too.")] = False,
    save: Annotated[
        Path | None, typer.Option(help="Keep the decision and its inputs here, for `replay`.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Show class, deciding site, reasons with their sources, refused inputs and what would be written.

    Writes nothing to the server. A file made by --save holds what is known of this patient's bones, without a name.
    """
    with set_up(settings_of_process()) as place:
        proposal, record = place.proposal_of(patient.removeprefix("Patient/"))
        told = explained(proposal, place.institution.pathway, released(record))
        if save:
            write_private(save, dump(stored(place, proposal)), anew=True)
    if json:
        show_json(told)
        return
    show(told)
    for text in _letters(told) if letter else ():
        say("\n" + text)


def _letters(told: Json) -> Iterable[str]:
    """What was released as it stands, then what would be said today."""
    for one in told.get("released", ()):
        yield f"{heading(one)}\n\n{one['text']}"
    yield from told["letters"]


def heading(one: Json) -> str:
    """Which letter was released, when, by whom, and what was taken out of it."""
    without = f", without {', '.join(one['taken_out'])}" if one["taken_out"] else ""
    return f"Released on {one['on']} by {one['by']}: {one['letter']}{without}."


def show(told: Json) -> None:
    """The explanation for people."""
    if "class" not in told:
        say(f"Patient {told['patient']}: nobody makes a plan, this record is {told['outcome']}.")
        _show_writes(told)
        return
    pathway = told["pathway"]
    say(
        f"Patient {told['patient']}, {told['age'] if told['age'] is not None else 'unknown'} years, on {told['on']}"
    )
    for one in told["released"]:
        say(heading(one))
    if told["released"]:
        say("What follows is decided by today's record; the released letter stands as it is.")
    say(f"Pathway {pathway['id']} {pathway['version']}: {pathway['title']}")
    say(f"Class: {told['class']}{_deciding(told['deciding'])}")
    say(f"Diagnosis: {told['diagnosis']['status']} {' '.join(told['diagnosis']['routes'])}".rstrip())
    say(f"Treatment: {told['treatment']['decision']} ({told['treatment']['basis']})")
    say(f"Outcome: {told['outcome']}")
    show_table("Why", ("output", "rules", "sources", "evidence"), _rows(told["reasons"]))
    show_table(
        "Not proposed", ("what, and why not", "rules", "sources", "evidence"), _rows(told["not_proposed"])
    )
    refused = ((it["reason"], it["concerns"], it["evidence"]) for it in told["rejected"])
    show_table("Inputs that were not used", ("reason", "concerns", "resource"), refused)
    _show_writes(told)
    if told["unknown"]:
        say(f"Unknown: {', '.join(told['unknown'])}")


def _show_writes(told: Json) -> None:
    writes = ((it["action"], it["resource"]) for it in told["writes"])
    show_table("What would be written", ("action", "resource"), writes)


def _deciding(score: Json | None) -> str:
    if score is None:
        return ", no T-score decides"
    side = f" {score['side']}" if score["side"] else ""
    assumed = " (site assumed by the settings)" if score["site_assumed"] else ""
    return f", decided by {score['site']}{side} T {score['t_score']} of {score['on']}{assumed}, {score['evidence']}"


def _rows(reasons: list[Json]) -> Iterable[tuple[str, str, str, str]]:
    for it in reasons:
        rules, cited = (
            [rule["id"] for rule in it["rules"]],
            [c for rule in it["rules"] for c in rule.get("cite", ())],
        )
        yield it["output"], ", ".join(rules), "; ".join(dict.fromkeys(cited)), ", ".join(it["evidence"])
