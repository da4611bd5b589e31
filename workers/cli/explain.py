"""`explain PATIENT`: why this patient gets what is proposed."""

import textwrap
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from adapter.wire_json import Json
from mappings.stored_decision import dump
from workers.cli.output import say, show_json
from workers.cli.patient_name import patient_named
from workers.cli.root import AsJson
from workers.cli.terminal import console, show_table
from workers.explanation import explained, released, stored
from workers.private_files import write_private
from workers.queue.bootstrap import set_up
from workers.settings import settings_of_process


def register(root: typer.Typer) -> None:
    root.command()(explain)


def explain(
    patient: Annotated[str, typer.Argument(help="The id of the Patient on the server.")],
    full: Annotated[
        bool,
        typer.Option("--full", help="Every rule with its source and evidence, and what would be written."),
    ] = False,
    letter: Annotated[bool, typer.Option("--letter", help="Show the letter too.")] = False,
    save: Annotated[
        Path | None, typer.Option(help="Keep the decision and its inputs here, for `replay`.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Show class, deciding site, reasons with their sources, refused inputs and what would be written.

    Writes nothing to the server. A file made by --save holds what is known of this patient's bones, without a name.
    """
    with set_up(settings_of_process()) as runtime:
        proposal, record = runtime.proposal_of(patient_named(runtime, patient))
        told = explained(proposal, runtime.institution.pathway, released(record))
        if save:
            write_private(save, dump(stored(runtime, proposal)), anew=True)
    if json:
        show_json(told)
        return
    (show if full else show_short)(told)
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


LABEL, SHORT = 15, 100  # columns of a heading at the left, and of the whole short form


def show_short(told: Json) -> None:
    """What matters on one screen: each decision with the rules behind it, the rest by name."""
    if "class" not in told:
        show(told)
        return
    why = {it["output"]: it for it in told["reasons"]}
    say(f"Patient {told['patient']}, {_years(told)}, on {told['on']}, by {_pathway(told)}")
    for one in told["released"]:
        say(heading(one))
    _say("Class", f"{told['class']}{_deciding(told['deciding'])}")
    _because(why[f"class {told['class']}"])
    diagnosis = told["diagnosis"]
    _say("Diagnosis", f"{diagnosis['status']} {' '.join(diagnosis['routes'])}".rstrip())
    _because(why[f"diagnosis {diagnosis['status']}"])
    _say("Treatment", told["treatment"]["decision"])
    _because(why[f"treatment {told['treatment']['decision']}"])
    for kind, label in NAMED.items():
        _say(label, ", ".join(it.removeprefix(kind) for it in why if it.startswith(kind)))
    _say("Not proposed", ", ".join(it["output"].partition(":")[0] for it in told["not_proposed"]))
    _say("Not used", _counts(it["reason"] for it in told["rejected"]))
    _say("Unknown", ", ".join(told["unknown"]))
    for label in dict.fromkeys(WRITES.values()):
        mine = (it["resource"] for it in told["writes"] if WRITES[it["action"]] == label)
        _say(label, _counts(it.partition("/")[0] for it in mine))
    say(f"\nAll rules with sources and evidence: osteo-handover explain {told['patient']} --full")


WRITES = {"create": "Would create", "update": "Would update", "unchanged": "Stands", "respect": "Stands", "released": "Stands"}  # fmt: skip
# the beginning of an output, and how the short form heads those that have it
NAMED = {"option ": "Options", "goal ": "Goals", "activity ": "Activities", "follow-up ": "Follow-ups", "flag ": "Flags", "handover to ": "Handover to"}  # fmt: skip


def _say(label: str, text: str) -> None:
    """A heading and what belongs to it, wrapped beside it; nothing where there is nothing."""
    if text:
        width = min(console.width, SHORT) - LABEL
        first, *more = textwrap.wrap(text, width, break_on_hyphens=False)
        say("\n".join([f"{label:{LABEL}}{first}", *(f"{'':{LABEL}}{line}" for line in more)]))


def _because(reason: Json) -> None:
    for rule in reason["rules"]:
        _say("", f"{rule['id']}: {rule['says']}" if rule.get("says") else rule["id"])


def _counts(names: Iterable[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in Counter(names).items())


def _years(told: Json) -> str:
    return f"{told['age']} years" if told["age"] is not None else "of unknown age"


def _pathway(told: Json) -> str:
    return f"{told['pathway']['id']} {told['pathway']['version']} ({told['pathway']['title']})"


def show(told: Json) -> None:
    """The whole explanation for people."""
    if "class" not in told:
        say(f"Patient {told['patient']}: nobody makes a plan, this record is {told['outcome']}.")
        _show_writes(told)
        return
    say(f"Patient {told['patient']}, {_years(told)}, on {told['on']}")
    for one in told["released"]:
        say(heading(one))
    if told["released"]:
        say("What follows is decided by today's record; the released letter stands as it is.")
    say(f"Pathway {_pathway(told)}")
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
