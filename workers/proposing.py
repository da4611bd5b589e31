"""Classify, pathway, handover: from a folder to what would be written. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from adapter.clinical import Decision, decide
from adapter.handover import People, letter, render_text
from mappings.inbound import PatientContext, Reading, read_record
from mappings.outbound import Action, Drafts, Subject, Write, WriteContext, drafts, reconcile
from workers.practice import Practice
from workers.reading import Folder

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What was read and decided about one patient, and what has to be written for it to stand on the server."""

    patient: str
    reading: Reading = field(repr=False)
    decision: Decision = field(repr=False)
    writes: tuple[Write, ...] = field(repr=False)
    letters: tuple[str, ...] = field(default=(), repr=False)
    alarms: tuple[str, ...] = ()
    fingerprint: str = ""

    @property
    def changes(self) -> tuple[Write, ...]:
        """The writes that the server will see."""
        return tuple(it for it in self.writes if it.changes)

    @property
    def applicable(self) -> bool:
        """Whether this is somebody to make a plan for at all."""
        return followed(self.reading.patient)


def propose(folder: Folder, practice: Practice, now: datetime, ours: Mapping[str, str]) -> Proposal:
    """Decide for one patient, and compare with what stands on the server already."""
    reading = read_record(folder.resource, folder.resources, practice.reading, on=now.date())
    decision = decide(reading.record, practice.pathway, now.date())
    writes, letters = _as_dated(folder, reading, decision, practice, now, ours)
    alarms = ("foreign_data",) if folder.strays or reading.foreign else ()
    inputs = "\n".join((*sorted(reading.sources), decision.pathway.fingerprint))
    digest = sha256(inputs.encode()).hexdigest()
    return Proposal(folder.patient, reading, decision, writes, letters, alarms, digest)


def followed(patient: PatientContext) -> bool:
    """Nobody makes a plan for the dead, for a record that is closed, or for one that another record replaced."""
    return patient.active and not patient.deceased and patient.replaced_by is None


def _as_dated(
    folder: Folder, reading: Reading, decision: Decision, practice: Practice, now: datetime, ours: Mapping[str, str]
) -> tuple[tuple[Write, ...], tuple[str, ...]]:  # fmt: skip
    """A letter keeps its dates for as long as it says the same: otherwise every day would bring a new version."""
    for day in (*sorted(_letter_days(folder.existing, now)), now.date()):
        letters = _letters(folder, reading, replace(decision, on=day), practice)
        drawn = _drafts(folder, reading, decision, practice, now, letters)
        writes = reconcile(drawn, folder.existing, ours)
        if not any(it.action is Action.UPDATE and it.draft.type == "Communication" for it in writes):
            break
    return writes, letters


def _letter_days(existing: Mapping[str, Json], now: datetime) -> set[date]:
    stamps = ((it.get("meta") or {}).get("lastUpdated") for it in existing.values() if _is_letter(it))
    return {
        datetime.fromisoformat(stamp).astimezone(now.tzinfo).date()
        for stamp in stamps
        if isinstance(stamp, str)
    }


def _is_letter(resource: Json) -> bool:
    return resource.get("resourceType") == "Communication"


def _letters(folder: Folder, reading: Reading, decision: Decision, practice: Practice) -> tuple[str, ...]:
    """One letter per recipient; none about somebody to whom this does not apply."""
    if not decision.warranted or not followed(reading.patient):
        return ()
    known = _people(reading.patient, practice, decision.on)
    people = [replace(known, recipient=it.get("display")) for it in folder.recipients]
    return tuple(
        render_text(letter(decision, reading.record, it, practice.texts)) for it in people or [known]
    )


def _people(patient: PatientContext, practice: Practice, day: date) -> People:
    return People(
        letter_date=day.isoformat(),
        patient_name=patient.name,
        birth_date=patient.birth_date,
        patient_identifier=patient.identifiers[0][1] if patient.identifiers else None,
        organisation=practice.organization_name,
        contacts=practice.contacts,
        software_version=practice.release,
    )


def _drafts(
    folder: Folder, reading: Reading, decision: Decision, practice: Practice, now: datetime, letters: tuple[str, ...]
) -> Drafts:  # fmt: skip
    subject = Subject(
        reading.patient.reference,
        reading.sources,
        reading.needs_human,
        reading.foreign,
        reading.patient.managing_organization,
    )
    context = WriteContext(
        practice.site,
        practice.release,
        now.isoformat(timespec="seconds"),
        organization=practice.organization,
        gp=folder.recipients,
        letters=dict(enumerate(letters)),
        language=practice.texts.language,
    )
    if followed(reading.patient):
        return drafts(subject, decision, context)
    # What stands open is withdrawn, and nothing is asked: the class stays in the outcome for whoever looks.
    nothing = drafts(subject, replace(decision, warranted=False), context)
    return replace(nothing, tasks=())
