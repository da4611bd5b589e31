"""`explain PATIENT`: why this patient gets what is proposed."""

import textwrap
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from mappings.stored_decision import dump
from workers.cli.command_settings import settings_of
from workers.cli.output import count_text, say, show_json
from workers.cli.patient_name import find_patient
from workers.cli.root import AsJson
from workers.cli.terminal import console, show_table
from workers.explanation.explanation_output import (
    DecidingScore,
    Explanation,
    ExplanationOutput,
    NobodyFollowed,
    ReasonOutput,
    ReleasedOutput,
    WriteOutput,
    has_plan,
)
from workers.explanation.patient_explanation import explanation_of, released_letters, stored_decision_of
from workers.host.private_files import write_private
from workers.queue.runtime import set_up


def register(root: typer.Typer) -> None:
    root.command()(explain)


def explain(
    context: typer.Context,
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

    Writes nothing to the server. A file made by --save holds what is known of this
    patient's bones, without a name.
    """
    with set_up(settings_of(context)) as runtime:
        proposal, record = runtime.proposal_of(find_patient(runtime, patient))
        found = explanation_of(proposal, runtime.institution.pathway, released_letters(record))
        if save:
            write_private(save, dump(stored_decision_of(runtime, proposal)), anew=True)
    if json:
        show_json(found)
        return
    (show_full if full else show_short)(found)
    for text in _letter_texts(found) if letter else ():
        say("\n" + text)


def _letter_texts(found: Explanation) -> Iterable[str]:
    """What was released as it stands, then what would be said today."""
    for letter in found["released"] if has_plan(found) else ():
        yield f"{letter_heading(letter)}\n\n{letter['text']}"
    yield from found["letters"]


def letter_heading(letter: ReleasedOutput) -> str:
    """Which letter was released, when, by whom, and what was taken out of it."""
    without = f", without {', '.join(letter['taken_out'])}" if letter["taken_out"] else ""
    return f"Released on {letter['on']} by {letter['by']}: {letter['letter']}{without}."


LABEL, SHORT = 15, 100  # columns of a heading at the left, and of the whole short form


def show_short(found: Explanation) -> None:
    """What matters on one screen: each decision with the rules behind it, the rest by name."""
    if not has_plan(found):
        _show_nobody_followed(found)
        return
    why = {reason["output"]: reason for reason in found["reasons"]}
    say(f"Patient {found['patient']}, {_years_text(found)}, on {found['on']}, by {_pathway_text(found)}")
    for letter in found["released"]:
        say(letter_heading(letter))
    _say("Class", f"{found['class']}{_deciding_text(found['deciding'])}")
    _reason_text(why[f"class {found['class']}"])
    diagnosis = found["diagnosis"]
    _say("Diagnosis", f"{diagnosis['status']} {' '.join(diagnosis['routes'])}".rstrip())
    _reason_text(why[f"diagnosis {diagnosis['status']}"])
    _say("Treatment", found["treatment"]["decision"])
    _reason_text(why[f"treatment {found['treatment']['decision']}"])
    for kind, label in NAMED.items():
        _say(label, ", ".join(output.removeprefix(kind) for output in why if output.startswith(kind)))
    _say("Not proposed", ", ".join(reason["output"].partition(":")[0] for reason in found["not_proposed"]))
    _say("Not used", _counts_text(unused["reason"] for unused in found["rejected"]))
    _say("Unknown", ", ".join(found["unknown"]))
    for label in dict.fromkeys(WRITES.values()):
        written = (write["resource"] for write in found["writes"] if WRITES[write["action"]] == label)
        _say(label, _counts_text(location.partition("/")[0] for location in written))
    say(f"\nAll rules with sources and evidence: osteo-handover explain {found['patient']} --full")


WRITES = {"create": "Would create", "update": "Would update", "unchanged": "Stands", "respect": "Stands", "released": "Stands"}  # fmt: skip
# the beginning of an output, and how the short form heads those that have it
NAMED = {"option ": "Options", "goal ": "Goals", "activity ": "Activities", "follow-up ": "Follow-ups", "flag ": "Flags", "handover to ": "Handover to"}  # fmt: skip


def _say(label: str, text: str) -> None:
    """A heading and what belongs to it, wrapped beside it; nothing where there is nothing."""
    if text:
        width = min(console.width, SHORT) - LABEL
        first, *more = textwrap.wrap(text, width, break_on_hyphens=False)
        say("\n".join([f"{label:{LABEL}}{first}", *(f"{'':{LABEL}}{line}" for line in more)]))


def _reason_text(reason: ReasonOutput) -> None:
    for rule in reason["rules"]:
        _say("", f"{rule['id']}: {rule['says']}" if rule.get("says") else rule["id"])


def _counts_text(names: Iterable[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in Counter(names).items())


def _years_text(found: ExplanationOutput) -> str:
    return count_text(found["age"], "year") if found["age"] is not None else "of unknown age"


def _pathway_text(found: ExplanationOutput) -> str:
    return f"{found['pathway']['id']} {found['pathway']['version']} ({found['pathway']['title']})"


def show_full(found: Explanation) -> None:
    """The whole explanation for people."""
    if not has_plan(found):
        _show_nobody_followed(found)
        return
    say(f"Patient {found['patient']}, {_years_text(found)}, on {found['on']}")
    for letter in found["released"]:
        say(letter_heading(letter))
    if found["released"]:
        say("What follows is decided by today's record; the released letter stands as it is.")
    say(f"Pathway {_pathway_text(found)}")
    say(f"Class: {found['class']}{_deciding_text(found['deciding'])}")
    say(f"Diagnosis: {found['diagnosis']['status']} {' '.join(found['diagnosis']['routes'])}".rstrip())
    say(f"Treatment: {found['treatment']['decision']} ({found['treatment']['basis']})")
    say(f"Outcome: {found['outcome']}")
    show_table("Why", ("output", "rules", "sources", "evidence"), _reason_rows(found["reasons"]))
    show_table(
        "Not proposed",
        ("what, and why not", "rules", "sources", "evidence"),
        _reason_rows(found["not_proposed"]),
    )
    refused = ((unused["reason"], unused["concerns"], unused["evidence"]) for unused in found["rejected"])
    show_table("Inputs that were not used", ("reason", "concerns", "resource"), refused)
    _show_writes(found["writes"])
    if found["unknown"]:
        say(f"Unknown: {', '.join(found['unknown'])}")


def _show_nobody_followed(found: NobodyFollowed) -> None:
    say(f"Patient {found['patient']}: nobody makes a plan, this record is {found['outcome']}.")
    _show_writes(found["writes"])


def _show_writes(writes: Iterable[WriteOutput]) -> None:
    rows = ((write["action"], write["resource"]) for write in writes)
    show_table("What would be written", ("action", "resource"), rows)


def _deciding_text(score: DecidingScore | None) -> str:
    if score is None:
        return ", no T-score decides"
    side = f" {score['side']}" if score["side"] else ""
    assumed = " (site assumed by the settings)" if score["site_assumed"] else ""
    return f", decided by {score['site']}{side} T {score['t_score']} of {score['on']}{assumed}, {score['evidence']}"


def _reason_rows(reasons: Iterable[ReasonOutput]) -> Iterable[tuple[str, str, str, str]]:
    for reason in reasons:
        rules, cited = (
            [rule["id"] for rule in reason["rules"]],
            [c for rule in reason["rules"] for c in rule.get("cite", ())],
        )
        yield (
            reason["output"],
            ", ".join(rules),
            "; ".join(dict.fromkeys(cited)),
            ", ".join(reason["evidence"]),
        )
