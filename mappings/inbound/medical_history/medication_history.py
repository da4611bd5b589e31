"""Medicines now or before: orders, statements, administrations, dispenses, prohibitions, each with its days.

One entry says one thing: a course that runs, rests, ended or was stopped; a dose that was given or was not; a
supply; an order not to give. What a drug does today is judged from all of them (C-65). What was only
proposed, planned in draft or entered in error never was. A completed order of a drug that is injected is a
dose that was given, and so is a completed procedure or service of which it is the matter, by its code, by
what was used or ordered, or by its name. Of what was administered or dispensed only what a rule acts on is
kept; what could be such a drug and cannot be read is for a human.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from adapter.clinical.model import (
    Adherence,
    ConditionKind,
    Medicine,
    MedicineKind,
    MedicineStatus,
    Reason,
    Rejected,
)
from adapter.input.wire_json import ReadOnlyJson
from mappings.inbound.medical_history import dosages
from mappings.inbound.medical_history.dosages import Dosages, Timings
from mappings.inbound.medical_history.medicinal_products import (
    kinds_of,
    medicine_concerned,
    product,
    unreadable,
)
from mappings.inbound.medical_history.screening import deprives, names_bone_drug, weakens_bone, words_of
from mappings.inbound.questionnaire.patient_questions import ADHERENCE
from mappings.inbound.resources.codings import Concept, concept_of, concepts
from mappings.inbound.resources.compartment import Compartment, SourceResource
from mappings.inbound.resources.datatypes import choice, obj, objs, reference, text
from mappings.inbound.resources.dates import first_day, last_day
from mappings.inbound.resources.observations import Measurement
from mappings.inbound.resources.problem_state import state_of
from mappings.inbound.resources.refusals import MEDICINE
from mappings.inbound.resources.resource_status import flag_unread

S = MedicineStatus
_INTENDED = frozenset({"plan", "order", "original-order", "reflex-order", "filler-order", "instance-order"})
# Our own proposals come back as such orders, and must not count as treatment.
_ONLY_OFFERED = frozenset({"proposal", "option"})
_COURSE = {"active": S.ACTIVE, "on-hold": S.ON_HOLD, "completed": S.ENDED, "stopped": S.STOPPED}
# By resource type: what a status says. A status that is not listed here says nothing that can be used.
STATUSES: Mapping[str, Mapping[str, MedicineStatus]] = {
    "MedicationRequest": _COURSE,
    "MedicationStatement": {**_COURSE, "not-taken": S.NOT_GIVEN},
    "MedicationAdministration": {
        "completed": S.GIVEN,
        "in-progress": S.GIVEN,
        "stopped": S.GIVEN,  # begun, and broken off
        "not-done": S.NOT_GIVEN,
    },
    "MedicationDispense": {"completed": S.DISPENSED, "in-progress": S.DISPENSED},
}
# An injection as a procedure or as a service that was ordered.
INJECTIONS: Mapping[str, Mapping[str, MedicineStatus]] = {
    "Procedure": {"completed": S.GIVEN, "in-progress": S.GIVEN, "stopped": S.GIVEN, "not-done": S.NOT_GIVEN},
    "ServiceRequest": {
        "active": S.ACTIVE,
        "on-hold": S.ON_HOLD,
        "completed": S.GIVEN,
        "revoked": S.STOPPED,
    },
}
# What never was, or is not yet.
_NEVER: Mapping[str, frozenset[str]] = {
    "MedicationRequest": frozenset({"draft", "cancelled", "entered-in-error"}),
    # R4 `intended`: it may be taken at some time in the future.
    "MedicationStatement": frozenset({"intended", "entered-in-error"}),
    "MedicationAdministration": frozenset({"entered-in-error"}),
    # R4 `stopped`: halted before all was handed over, so some may have been.
    "MedicationDispense": frozenset({"preparation", "cancelled", "declined", "entered-in-error"}),
    "Procedure": frozenset({"preparation", "entered-in-error"}),
    "ServiceRequest": frozenset({"draft", "entered-in-error"}),
}
_ORDERS = frozenset({"MedicationRequest", "ServiceRequest"})
_WHEN = {"Procedure": "performed", "ServiceRequest": "occurrence"}
_SINGLE = frozenset({"MedicationAdministration", "MedicationDispense"})
_CLAIMING = frozenset({S.ACTIVE, S.ON_HOLD})
_ONCE = frozenset({S.GIVEN, S.NOT_GIVEN, S.DISPENSED})
_WITHOUT_DOSE = frozenset({S.NOT_GIVEN, S.PROHIBITED})
_OF_NO_RULE = frozenset({MedicineKind.OTHER})


def medicines(
    chart: Compartment, adherences: Mapping[str, Adherence], on: date
) -> tuple[tuple[Medicine, ...], tuple[Rejected, ...]]:
    """All medicines, by reference, and what could not be read."""
    stock = {e.location: e for e in chart.of("Medication")}
    found: list[Medicine] = []
    rejected: list[Rejected] = []
    for entry in [*[e for kind in STATUSES for e in chart.of(kind)], *_told_elsewhere(chart, stock)]:
        match _medicine_or_refusal(entry, stock, on):
            case Medicine() as medicine:
                told = adherences.get(entry.location)
                found.append(replace(medicine, adherence=told) if told else medicine)
                if reason := _half_read(medicine, entry):
                    rejected.append(Rejected(reason, MEDICINE, entry.evidence))
            case Rejected() as rejection:
                rejected.append(rejection)
            case None:
                pass
    return tuple(found), tuple(rejected)


def _half_read(medicine: Medicine, entry: SourceResource) -> Reason | None:
    """Why an entry of a drug that rules use tells less than it could: a dose or supply may be lost."""
    if medicine.kinds == _OF_NO_RULE:
        return None
    if dosages.spoilt(entry.body):
        return Reason.UNREADABLE
    undated = medicine.status in {S.GIVEN, S.DISPENSED} and medicine.start is None
    # Of those it is asked (C-65).
    return Reason.NO_DATE if undated and not medicine.kinds & dosages.NOT_ORAL else None


def adherences(measured: Iterable[Measurement], on: date) -> dict[str, Adherence]:
    """What intake Observations say of adherence, newest first, by the medicine in focus."""
    said: dict[str, tuple[date, str]] = {}
    for result in measured:
        if ADHERENCE not in result.code.ours or result.unusable(on) or result.on is None:
            continue
        for word in concept_of(result.value[1]).ours:
            for focus in objs(result.body.get("focus")):
                if word in set(Adherence):
                    location = reference(focus)  # of two on one day "poor" comes last and counts
                    said[location] = max(said.get(location, (result.on, word)), (result.on, word))
    return {location: Adherence(word) for location, (_, word) in said.items()}


@dataclass(slots=True, eq=False)
class _Entry:
    """One resource about a medicine, with what it names."""

    source: SourceResource
    said: Concept
    kinds: frozenset[MedicineKind]
    on: date

    # Asked for by every step.
    body: ReadOnlyJson = field(init=False)
    type: str = field(init=False)
    state: str = field(init=False)  # its status
    dosages: Dosages = field(init=False)
    timings: Timings = field(init=False)

    def __post_init__(self) -> None:
        """What the resource says in one step."""
        self.body = self.source.body
        self.type = self.body["resourceType"]
        self.state = text(self.body.get("status"))
        self.dosages = dosages.dosages_of(self.body)
        self.timings = dosages.timings_of(self.dosages)


def _medicine_or_refusal(
    source: SourceResource, stock: Mapping[str, SourceResource], on: date
) -> Medicine | Rejected | None:
    said = _product_or_matter(source, stock)
    entry = _Entry(source, said, kinds_of(said), on)
    if _never_was(entry) or _none_known(entry):
        return None
    reason = unreadable(said)
    if entry.type in _SINGLE and not entry.kinds and not (reason and _may_matter(reason, said)):
        return None
    status = _status(entry)
    if source.body.get("modifierExtension"):
        reason = Reason.MODIFIER_EXTENSION
    elif status is None or _order_unread(entry):
        reason = Reason.STATUS_UNUSABLE
    if reason or status is None:
        return Rejected(reason or Reason.STATUS_UNUSABLE, MEDICINE, source.evidence)
    return _medicine(entry, status)


def _product_or_matter(source: SourceResource, stock: Mapping[str, SourceResource]) -> Concept:
    named = product if source.body["resourceType"] in STATUSES else medicine_concerned
    return named(source, stock)


def _none_known(entry: _Entry) -> bool:
    """Whether it says that there is no medicine, which is none."""
    said = "no-medicines" in entry.said.names("empty") and len(entry.said.codes) == 1
    return said and _status(entry) is S.ACTIVE and not entry.body.get("modifierExtension")


def _never_was(entry: _Entry) -> bool:
    if entry.type in _NEVER and entry.state in _NEVER[entry.type]:
        return True
    return entry.type in _ORDERS and text(entry.body.get("intent")) in _ONLY_OFFERED


def _order_unread(entry: _Entry) -> bool:
    """An order that does not say whether it was meant may have been, and so may one not to give it."""
    if entry.type not in _ORDERS:
        return False
    return text(entry.body.get("intent")) not in _INTENDED or flag_unread(entry.body.get("doNotPerform"))


def _may_matter(reason: Reason, said: Concept) -> bool:
    """Of doses and packs in words, those without any or that may be a drug for or against bone."""
    words = words_of(said)
    return reason in {Reason.BONE_DRUG_LIKE, Reason.CODES_DISAGREE} or not words or weakens_bone(words)


def _status(entry: _Entry) -> MedicineStatus | None:
    if entry.body.get("doNotPerform") is True:
        return S.PROHIBITED
    if entry.type in INJECTIONS:
        done = INJECTIONS[entry.type].get(entry.state)
        lasting = done is S.GIVEN and entry.type == "Procedure" and not entry.kinds & dosages.NOT_ORAL
        return S.ACTIVE if lasting else done
    if entry.type not in STATUSES:
        return S.ACTIVE if state_of(entry.source).active else S.ENDED
    status = STATUSES[entry.type].get(entry.state)
    # Seen in the field: hospitals record an injection as an order that was completed (C-65).
    once = status is S.ENDED and entry.type == "MedicationRequest" and not dosages.bounds(entry.timings)
    return S.GIVEN if once and dosages.oral(entry.dosages, entry.kinds) is False else status


def _medicine(entry: _Entry, status: MedicineStatus) -> Medicine:
    start, ended = _period(entry)
    day = _day(entry, status, start)
    glucocorticoid = MedicineKind.SYSTEMIC_GLUCOCORTICOID in entry.kinds
    return Medicine(
        kinds=entry.kinds or _OF_NO_RULE,
        active=status in _CLAIMING,
        start=start or day,
        last_dose=_last_dose(entry, status, day),
        oral=dosages.oral(entry.dosages, entry.kinds),
        stopped_for=_stopped_for(entry.body),
        evidence=entry.source.evidence,
        status=status,
        ended=ended,
        supplied_until=dosages.supplied_until(entry.body, day) if status is S.DISPENSED else None,
        text=entry.said.label,
        dose=dosages.described(entry.dosages),
        prednisone_mg_per_day=dosages.prednisone_mg_per_day(entry.said, entry.dosages)
        if glucocorticoid
        else None,
    )


def _period(entry: _Entry) -> tuple[date | None, date | None]:
    """The first possible day of a course, and the last possible one of its end."""
    kind, when = choice(entry.body, _WHEN.get(entry.type, "effective"))
    period = obj(when) if kind == "Period" else {}
    bounds = dosages.bounds(entry.timings)
    start = first_day(period.get("start"), when, bounds.get("start"), entry.body.get("authoredOn"))
    return start, last_day(period.get("end"), bounds.get("end"))


def _day(entry: _Entry, status: MedicineStatus, start: date | None) -> date | None:
    """The day of a single dose or supply; a partial date's first, as the next is due from there."""
    if status not in _ONCE:
        return None
    return first_day(entry.body.get("whenHandedOver"), entry.body.get("whenPrepared")) or start


def _last_dose(entry: _Entry, status: MedicineStatus, day: date | None) -> date | None:
    """The last dose up to today that this entry tells of; the end of a course is no dose."""
    if status in _WITHOUT_DOSE:
        return None
    days = dosages.doses(entry.timings, entry.on)
    if day and day <= entry.on and (status is S.GIVEN or entry.kinds & dosages.NOT_ORAL):
        days.append(day)
    return max(days, default=None)


def _stopped_for(body: ReadOnlyJson) -> ConditionKind | None:
    """The coded reason of the status, as a kind of condition."""
    if "statusReason" not in body:
        return None
    names = {name for said in concepts(body["statusReason"]) for name in said.names("condition")}
    return ConditionKind(min(names).replace("-", "_")) if names else None


def _told_elsewhere(chart: Compartment, stock: Mapping[str, SourceResource]) -> Iterator[SourceResource]:
    """Problems and operations with a code for a medicine, and injections as procedures and services.

    Both testes out work as a medicine that deprives of androgens does, for good (C-68): no
    code says which of the two were.
    """
    for entry in chart.of("Condition"):
        if kinds_of(entry.code) and not state_of(entry).never:
            yield entry
    for entry in (*chart.of("Procedure"), *chart.of("ServiceRequest")):
        said = medicine_concerned(entry, stock)
        words = words_of(said)
        if kinds_of(said) or names_bone_drug(words) or deprives(words):
            yield entry
