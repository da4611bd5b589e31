"""Medicines taken now or before, from requests and statements, by ATC group, RxNorm and SNOMED CT.

Only what is or was meant to be taken counts: no proposals, no drafts, nothing cancelled before the first dose. The status
decides whether it is active; dates never overrule it. A medicine coded in ATC, RxNorm or SNOMED CT that no value set
holds is ``OTHER``; one in words only, or in a system that we do not read, could be anything and is for a human.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from adapter.clinical.model import (
    Adherence,
    ConditionKind,
    Medicine,
    MedicineKind,
    Reason,
    Rejected,
    Standing,
)
from mappings.codes import ATC, INTAKE, RXNORM, SNOMED
from mappings.inbound.intake.intake_questions import ADHERENCE
from mappings.inbound.resources.codings import Concept, by_coding, concept, concepts, disagree, local, within
from mappings.inbound.resources.compartment import Compartment, SourceResource, contained
from mappings.inbound.resources.datatypes import choice, obj, objs, reference, text
from mappings.inbound.resources.dates import first_day
from mappings.inbound.resources.observations import Measurement
from mappings.inbound.resources.refusals import MEDICINE
from mappings.valuesets import table

READ_SYSTEMS = frozenset({ATC, RXNORM, SNOMED})
_INTENDED = frozenset({"plan", "order", "original-order", "reflex-order", "filler-order", "instance-order"})
# Active or not; a status that is absent here was never taken, one that means unknown is refused.
_REQUEST = {"active": True, "on-hold": True, "completed": False, "stopped": False}
_STATEMENT = {"active": True, "on-hold": True, "completed": False, "stopped": False}
_NOT_TAKEN = frozenset({"draft", "cancelled", "entered-in-error", "intended", "not-taken"})
_ORAL = frozenset({MedicineKind.ALENDRONATE, MedicineKind.RISEDRONATE, MedicineKind.RALOXIFENE})
_NOT_ORAL = frozenset(
    {MedicineKind.ZOLEDRONATE, MedicineKind.DENOSUMAB, MedicineKind.TERIPARATIDE, MedicineKind.ROMOSOZUMAB}
)


def medicines(
    chart: Compartment, adherences: Mapping[str, Adherence], on: date
) -> tuple[tuple[Medicine, ...], tuple[Rejected, ...]]:
    """All medicines, by reference, and what could not be read."""
    stock = {e.place: e for e in chart.of("Medication")}
    found: list[Medicine] = []
    rejected: list[Rejected] = []
    for entry in (*chart.of("MedicationRequest"), *chart.of("MedicationStatement")):
        match _read(entry, stock, adherences, on):
            case Medicine() as medicine:
                found.append(medicine)
            case Rejected() as rejection:
                rejected.append(rejection)
            case None:
                pass
    return tuple(found), tuple(rejected)


def adherences(measured: Iterable[Measurement], on: date) -> dict[str, Adherence]:
    """What intake Observations say of adherence, newest first, by the medicine in focus."""
    said: dict[str, tuple[date, str]] = {}
    for one in measured:
        asked = any(c.system == INTAKE and c.key == ADHERENCE for c in one.code.codes)
        if not asked or one.problem(on) or one.standing is not Standing.VALID or one.on is None:
            continue
        for word in local(one.value[1], INTAKE):
            for focus in objs(one.body.get("focus")):
                if word in set(Adherence):
                    place = reference(focus)  # of two on one day "poor" comes last and counts
                    said[place] = max(said.get(place, (one.on, word)), (one.on, word))
    return {place: Adherence(word) for place, (_, word) in said.items()}


def kinds_of(said: Concept) -> frozenset[MedicineKind]:
    """Every kind that any coding stands for."""
    found = by_coding(said.codes, table("medicine"))
    return frozenset(MedicineKind(name.replace("-", "_")) for names in found for name in names)


def _read(
    entry: SourceResource, stock: Mapping[str, SourceResource], adherences: Mapping[str, Adherence], on: date
) -> Medicine | Rejected | None:
    status = text(entry.body.get("status"))
    request = entry.body["resourceType"] == "MedicationRequest"
    if status in _NOT_TAKEN or entry.body.get("doNotPerform") is True:
        return None
    if request and text(entry.body.get("intent")) not in _INTENDED:
        return None
    said, evidence = _product(entry, stock), entry.evidence
    active = (_REQUEST if request else _STATEMENT).get(status)
    if reason := _problem(entry, said, active):
        return Rejected(reason, MEDICINE, evidence)
    start, last = _dates(entry.body, on)
    kinds = kinds_of(said) or frozenset({MedicineKind.OTHER})
    return Medicine(
        kinds=kinds,
        active=bool(active),
        start=start,
        last_dose=last,
        oral=_oral(entry.body, kinds),
        adherence=adherences.get(entry.place),
        stopped_for=_stopped_for(entry.body),
        evidence=evidence,
    )


def _problem(entry: SourceResource, said: Concept, active: bool | None) -> Reason | None:
    if entry.body.get("modifierExtension"):
        return Reason.MODIFIER_EXTENSION
    if active is None:
        return Reason.STATUS_UNUSABLE
    if not said.coded:
        return Reason.UNCODED
    if not any(c.system in READ_SYSTEMS for c in said.codes):
        return Reason.UNKNOWN_CODE
    return Reason.CODES_DISAGREE if disagree(by_coding(said.codes, table("medicine"))) else None


def _product(entry: SourceResource, stock: Mapping[str, SourceResource]) -> Concept:
    """The coded product, or the one of the Medication referred to, inside or beside the resource."""
    coded = concept(entry.body.get("medicationCodeableConcept"))
    if coded.coded or coded.text:
        return coded
    named = reference(entry.body.get("medicationReference"))
    inside = {f"#{e.body['id']}": e for e in contained(entry, "Medication")}
    found = inside.get(named) or stock.get("/".join(named.split("/")[-2:]))
    return concept(found.body.get("code")) if found else Concept()


def _dates(body: Mapping[str, Any], on: date) -> tuple[date | None, date | None]:
    """Start (first possible day) and last dose given up to ``on``."""
    kind, effective = choice(dict(body), "effective")
    period = obj(effective) if kind == "Period" else {}
    dosages = objs(body.get("dosage")) or objs(body.get("dosageInstruction"))
    timings = [obj(d.get("timing")) for d in dosages]
    bounds = [obj(obj(t.get("repeat")).get("boundsPeriod")) for t in timings]
    starts = [period.get("start"), effective, *(b.get("start") for b in bounds), body.get("authoredOn")]
    start = next((day for s in starts if (day := first_day(s))), None)
    events = [event for timing in timings for event in _list(timing.get("event"))]
    given = [day for e in (*events, period.get("end")) if (day := first_day(e)) and day <= on]
    return start, max(given, default=None)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _oral(body: Mapping[str, Any], kinds: frozenset[MedicineKind]) -> bool | None:
    """The coded route, else the only route that the substance has."""
    dosages = objs(body.get("dosage")) or objs(body.get("dosageInstruction"))
    if any(within(d.get("route"), "route-oral") for d in dosages):
        return True
    if any(within(d.get("route"), "route-not-oral") for d in dosages) or kinds & _NOT_ORAL:
        return False
    return True if kinds & _ORAL else None


def _stopped_for(body: Mapping[str, Any]) -> ConditionKind | None:
    """The coded reason of the status, as a kind of condition."""
    reasons = [c for said in concepts(body.get("statusReason")) for c in said.codes]
    names = sorted(name for c in reasons for name in table("condition").names(c))
    return ConditionKind(names[0].replace("-", "_")) if names else None
