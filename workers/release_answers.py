"""Answers for a clinician from the command line: it completes the Task as any FHIR client could."""

import getpass
import os
import socket
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, assert_never

from adapter.errors import ConfigurationFault, RecordFault
from adapter.letter.people import LONGEST
from adapter.outside_text import shown
from adapter.wire_json import Json
from mappings.codes import PLAN_KEY
from mappings.handover.plan.follow_up import OpenStep
from mappings.handover.plan.plan_summary import summary_of
from mappings.handover.propose import Proposal
from mappings.handover.release.choice import (
    CHOSEN,
    NOTE,
    OFFERED,
    TAKEN_OUT,
    ChoiceRefusal,
    Selection,
    names,
    offered,
)
from mappings.handover.release.clarification import MATTER
from mappings.handover.release.release_codes import RELEASE, code_in, concept
from mappings.handover.release.release_task import ASKS_RELEASE, INTERIM, PERSONS, RETRACTION
from mappings.handover.release.signature import Clinician
from mappings.inbound.demographics import patient_context
from mappings.inbound.resources.dates import first_day
from mappings.outbound.ids import location_of
from workers.queue.runtime import Runtime
from workers.review.batches import batches
from workers.review.directory.clinicians import known
from workers.review.patient_searches import plan_of
from workers.review.review_outcome import ReviewOutcome

URGENCY = ("stat", "asap", "urgent", "routine")
NOTHING_SAID: Final = Selection()
AT_ONCE = 50  # resources in one search


@dataclass(frozen=True, slots=True)
class WaitingRelease:
    """A question that waits for a clinician,
    with what they need to choose the next one; ``name`` only on demand.
    """

    patient: str
    task: str
    asks: str
    clarify: tuple[str, ...]
    category: str | None = field(repr=False)
    deciding: str | None = field(repr=False)  # site, value and day of the score that the class rests on
    urgency: str
    due: str | None
    days: int | None
    options: tuple[str, ...] = field(default=(), repr=False)  # of which they may choose
    words: tuple[str, ...] = ()  # what is asked and what is to be clarified, each with its code
    name: str | None = field(default=None, repr=False)


def waiting_releases(
    runtime: Runtime, patient: str | None = None, *, names: bool = False
) -> list[WaitingRelease]:
    """What waits, the most urgent first, then what is due first, then the oldest."""
    tasks = waiting_tasks(runtime, patient)
    plans = _by_location(runtime, "CarePlan", [_location(it.get("focus")) for it in tasks])
    people = _by_location(runtime, "Patient", [_location(it.get("for")) for it in tasks]) if names else {}
    today = runtime.now().date()
    rows = [
        _waiting_release(
            it, plans.get(_location(it.get("focus")), {}), people.get(_location(it.get("for"))), today
        )
        for it in tasks
    ]
    return sorted(
        rows, key=lambda it: (URGENCY.index(it.urgency), it.due or "9", -(it.days or 0), it.patient)
    )


def _waiting_release(task: Json, plan: Json, person: Json | None, today: date) -> WaitingRelease:
    said = summary_of(plan)
    score = said.deciding if said else None
    since = first_day(task.get("authoredOn"))
    urgency = str(task.get("priority"))
    return WaitingRelease(
        patient=_location(task.get("for")).rpartition("/")[2],
        task=f"Task/{task['id']}",
        asks=str(code_in(task.get("code"))),
        clarify=tuple(_input_codes(task, MATTER)),
        category=said.single.get("category") if said else None,
        deciding=f"{score.site} {score.value} ({score.on.isoformat()})" if score else None,
        urgency=urgency if urgency in URGENCY else "routine",
        due=((task.get("restriction") or {}).get("period") or {}).get("end"),
        days=(today - since).days if since else None,
        options=tuple(_input_codes(task, OFFERED)),
        words=tuple(_words_of(task)),
        name=patient_context(person).name if person else None,
    )


def _input_codes(task: Json, kind: str) -> Iterator[str]:
    """The codes of ours, or of the pathway, that a Task holds under one type of input."""
    for it in task.get("input") or ():
        codings = (it.get("valueCodeableConcept") or {}).get("coding") or ()
        if code_in(it.get("type")) == kind:
            yield from (str(coding.get("code")) for coding in codings[: None if kind == MATTER else 1])


def _words_of(task: Json) -> Iterator[str]:
    """The question and each matter, by code and in the words that the code system has."""
    matters = [it for it in task.get("input") or () if code_in(it.get("type")) == MATTER]
    for concept_asked in (task.get("code") or {}, *(it.get("valueCodeableConcept") or {} for it in matters)):
        for coding in concept_asked.get("coding") or ():
            yield f"{coding.get('code')}: {coding.get('display') or concept_asked.get('text') or ''}"


def _location(reference: object) -> str:
    return location_of(str(reference.get("reference") or "")) if isinstance(reference, dict) else ""


def _by_location(runtime: Runtime, kind: str, wanted: Iterable[str]) -> dict[str, Json]:
    """The resources of one type at these places, some at a time."""
    ids = sorted({it.partition("/")[2] for it in wanted if it.startswith(f"{kind}/")})
    found: dict[str, Json] = {}
    for some in batches(ids, AT_ONCE):
        for it in runtime.client.search(kind, [("_id", ",".join(some))]).matches:
            found[f"{kind}/{it['id']}"] = it
    return found


def waiting_tasks(runtime: Runtime, patient: str | None = None) -> list[Json]:
    """The Tasks that wait for a clinician, of one patient or of everybody."""
    codes = ",".join(f"{RELEASE}|{code}" for code in sorted(ASKS_RELEASE))
    asked = [("code", codes), ("status", "requested,received,accepted,in-progress")]
    if patient:
        asked.append(("group-identifier", f"{PLAN_KEY}|{plan_of(patient, runtime.institution)}"))
    found = runtime.client.search("Task", asked).matches
    return [it for it in found if any(i.get("system") == PLAN_KEY for i in it.get("identifier") or ())]


def clinician(runtime: Runtime, by: str) -> Clinician:
    """Who ``Practitioner/id``, ``PractitionerRole/id`` or ``system|value`` is;
    raises ConfigurationFault when nobody.
    """
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
    """Complete the Task in this name and review the patient at once;
    RecordFault for a record that nobody plans for.
    """
    proposal, _ = runtime.proposal_of(patient)
    if proposal.not_followed and not retraction:
        raise RecordFault(
            f"Nothing is released: this record is {proposal.not_followed}.", resource_type="Patient"
        )
    who = clinician(runtime, by)
    named = {**who.reference, "display": who.name}
    language = runtime.institution.texts.language
    output: list[Json] = [{"type": concept("released_by", language), "valueReference": named}]
    output += _selected(selection, proposal, runtime, retraction=retraction)
    if interim:
        output.append(
            {"type": concept("released_by", language), "valueCodeableConcept": concept(INTERIM, language)}
        )
    return _answer(runtime, patient, retraction, {"status": "completed", "owner": named, "output": output})


def _selected(
    selection: Selection, proposal: Proposal, runtime: Runtime, *, retraction: bool
) -> Iterator[Json]:
    """The choice and the note as outputs of the Task;
    raises ConfigurationFault for what cannot be carried out.
    """
    options = () if retraction else proposal.decision.treatment.options
    settled = selection.among(options)
    if isinstance(settled, ChoiceRefusal):
        raise ConfigurationFault(f"Nothing is released: {_refusal_text(settled, selection, names(options))}")
    language, coded = runtime.institution.texts.language, offered(options, runtime.institution.wording)
    for kind, codes in ((CHOSEN, selection.chosen), (TAKEN_OUT, selection.taken_out)):
        yield from ({"type": concept(kind, language), "valueCodeableConcept": coded[it]} for it in codes)
    if settled.note:
        yield {"type": concept(NOTE, language), "valueString": settled.note}


def _refusal_text(why: ChoiceRefusal, selection: Selection, among: Sequence[str]) -> str:
    listing = ", ".join(among) if among else "no option at all"
    match why:
        case ChoiceRefusal.NOT_OFFERED | ChoiceRefusal.UNREADABLE:
            unknown = [it for it in (*selection.chosen, *selection.taken_out) if it not in among]
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
    who = clinician(runtime, by)
    coded = concept("keep_plan", runtime.institution.texts.language) if keep else {}
    named = {**who.reference, "display": who.name}
    return _answer(
        runtime,
        patient,
        retraction,
        {"status": "rejected", "owner": named, "statusReason": {**coded, "text": reason}},
    )


def _answer(runtime: Runtime, patient: str, retraction: bool, changes: Json) -> ReviewOutcome:
    tasks = [
        it for it in waiting_tasks(runtime, patient) if (code_in(it.get("code")) == RETRACTION) is retraction
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


def open_steps_of(runtime: Runtime, patients: list[str]) -> list[tuple[str, OpenStep]]:
    """What is open about these patients, computed now; what is due first stands first."""
    reviewed = runtime.looked_at(patients)
    steps = [(patient, step) for patient, composed in reviewed for step in composed.steps]
    return sorted(steps, key=lambda it: (it[1].due, it[0], it[1].code))
