"""Answers for a clinician from the command line: it completes the Task as any FHIR client could."""

import getpass
import os
import socket
from collections.abc import Iterator, Sequence
from typing import Final, assert_never

from adapter.errors import ConfigurationFault, RecordFault
from adapter.input.outside_text import shown
from adapter.input.wire_json import Json
from adapter.letter.people import LONGEST
from mappings.handover.propose import Proposal
from mappings.handover.release.choice import (
    CHOSEN,
    NOTE,
    TAKEN_OUT,
    ChoiceRefusal,
    Selection,
    names,
    offered,
)
from mappings.handover.release.release_codes import code_in, release_concept
from mappings.handover.release.release_task import INTERIM, PERSONS, RETRACTION
from mappings.handover.release.signature import Clinician
from workers.queue.runtime import Runtime
from workers.release.waiting_releases import waiting_tasks
from workers.review.directory.clinicians import known
from workers.review.review_outcome import ReviewOutcome

NOTHING_SAID: Final = Selection()


def find_clinician(runtime: Runtime, by: str) -> Clinician:
    """Who ``Practitioner/id``, ``PractitionerRole/id`` or ``system|value`` is; else ConfigurationFault."""
    if "|" in by:
        system, _, value = by.rpartition("|")
        reference: Json = {"type": "Practitioner", "identifier": {"system": system, "value": value}}
    elif by.partition("/")[0] in PERSONS:
        reference = {"reference": by}
    else:
        raise ConfigurationFault("--by takes Practitioner/id, PractitionerRole/id or system|value.")
    institution = runtime.institution
    found = known(reference, runtime.client, institution, runtime.now().date())
    if found is None:
        raise ConfigurationFault(
            "--by leads to nobody who may release: it takes a Practitioner that stands on this server, has a name and is "
            "not inactive, or a PractitionerRole of one that is in force."
        )
    return found


def release(
    runtime: Runtime,
    patient: str,
    by: str,
    *,
    interim: bool = False,
    retraction: bool = False,
    selection: Selection = NOTHING_SAID,
) -> ReviewOutcome:
    """Completes the Task in this name and reviews the patient; raises RecordFault for one without plans."""
    proposal, _ = runtime.proposal_of(patient)
    if proposal.not_followed and not retraction:
        raise RecordFault(
            f"Nothing is released: this record is {proposal.not_followed}.", resource_type="Patient"
        )
    who = find_clinician(runtime, by)
    named = {**who.reference, "display": who.name}
    language = runtime.institution.texts.language
    output: list[Json] = [{"type": release_concept("released_by", language), "valueReference": named}]
    output += _selection_outputs(selection, proposal, runtime, retraction=retraction)
    if interim:
        output.append(
            {
                "type": release_concept("released_by", language),
                "valueCodeableConcept": release_concept(INTERIM, language),
            }
        )
    return _write_clinicians_answer(
        runtime, patient, retraction, {"status": "completed", "owner": named, "output": output}
    )


def _selection_outputs(
    selection: Selection, proposal: Proposal, runtime: Runtime, *, retraction: bool
) -> Iterator[Json]:
    """Choice and note as outputs of the Task; raises ConfigurationFault if they cannot be carried out."""
    options = () if retraction else proposal.decision.treatment.options
    settled = selection.among(options)
    if isinstance(settled, ChoiceRefusal):
        raise ConfigurationFault(f"Nothing is released: {_refusal_text(settled, selection, names(options))}")
    language, coded = runtime.institution.texts.language, offered(options, runtime.institution.wording)
    for kind, codes in ((CHOSEN, selection.chosen), (TAKEN_OUT, selection.taken_out)):
        yield from (
            {"type": release_concept(kind, language), "valueCodeableConcept": coded[code]} for code in codes
        )
    if settled.note:
        yield {"type": release_concept(NOTE, language), "valueString": settled.note}


def _refusal_text(why: ChoiceRefusal, selection: Selection, among: Sequence[str]) -> str:
    listing = ", ".join(among) if among else "no option at all"
    match why:
        case ChoiceRefusal.NOT_OFFERED | ChoiceRefusal.UNREADABLE:
            unknown = [code for code in (*selection.chosen, *selection.taken_out) if code not in among]
            return f"{shown(', '.join(unknown))} is not offered. Offered: {listing}."
        case ChoiceRefusal.CONTRADICTION:
            return "the same option is chosen and taken out."
        case ChoiceRefusal.NOTHING_LEFT:
            return f"no option would be left; to refuse the plan use --reject. Offered: {listing}."
        case ChoiceRefusal.NOTE_TOO_LONG:
            return f"the note is longer than {LONGEST} characters, and the letter has one line for it."
        case unreachable:
            assert_never(unreachable)


def reject(
    runtime: Runtime, patient: str, by: str, reason: str, *, retraction: bool = False, keep: bool = False
) -> ReviewOutcome:
    """Reject the Task with a reason in words; the plan is revoked unless it is to be kept."""
    who = find_clinician(runtime, by)
    coded = release_concept("keep_plan", runtime.institution.texts.language) if keep else {}
    named = {**who.reference, "display": who.name}
    return _write_clinicians_answer(
        runtime,
        patient,
        retraction,
        {"status": "rejected", "owner": named, "statusReason": {**coded, "text": reason}},
    )


def _write_clinicians_answer(
    runtime: Runtime, patient: str, retraction: bool, changes: Json
) -> ReviewOutcome:
    tasks = [
        task
        for task in waiting_tasks(runtime, patient)
        if (code_in(task.get("code")) == RETRACTION) is retraction
    ]
    if not tasks:
        what = "withdrawal" if retraction else "letter"
        raise RecordFault(f"No {what} of this patient waits for its release.", resource_type="Task")
    moment = runtime.now().isoformat(timespec="seconds")
    typed = {"authorString": _operating_user(), "time": moment, "text": "osteo-handover release --by"}
    task = {**tasks[0], **changes, "note": [*tasks[0].get("note", ()), typed], "lastModified": moment}
    version = (tasks[0].get("meta") or {}).get("versionId")
    runtime.client.update(task, if_match=str(version) if version else None)
    (outcome,) = runtime.review_now([patient])
    return outcome


def _operating_user() -> str:
    """Who was logged in where the command was given: the name behind --by is only what somebody typed."""
    try:
        return shown(f"{getpass.getuser()} on {socket.gethostname()}")
    except (OSError, KeyError):  # a user id without a name, as in many containers
        return f"user id {os.getuid()} on {shown(socket.gethostname())}"
