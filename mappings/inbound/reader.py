"""A patient's resources, read into the facts of the core."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from adapter.clinical.model import BoneRecord, Certainty, Rejected
from adapter.wire_json import Json
from mappings.inbound.config import ReadingConfig
from mappings.inbound.demographics import PatientContext, born, patient_context, sex
from mappings.inbound.demographics import problems as patient_problems
from mappings.inbound.densitometry.scans import Densitometry, densitometry
from mappings.inbound.densitometry.vfa import assessment
from mappings.inbound.former_records import left_behind
from mappings.inbound.fractures.fracture_history import energies
from mappings.inbound.fractures.fracture_traces import traces
from mappings.inbound.gaps import NO_GAPS, Gaps, unread, with_gaps
from mappings.inbound.medical_history.allergies import allergies
from mappings.inbound.medical_history.body_measures import body_measures
from mappings.inbound.medical_history.events import appointment, flags, letter_sent
from mappings.inbound.medical_history.family import relatives
from mappings.inbound.medical_history.frax import frax
from mappings.inbound.medical_history.laboratory import labs
from mappings.inbound.medical_history.lists import Completeness, declared
from mappings.inbound.medical_history.medication_history import adherences, medicines
from mappings.inbound.medical_history.problem_list import ProblemList, active, certainty
from mappings.inbound.medical_history.problem_list import problems as read_problems
from mappings.inbound.medical_history.procedures import procedures
from mappings.inbound.questionnaire.habits import (
    calcium_portions,
    implied,
    lifestyle,
    menopause,
    screened,
    symptoms,
    unread_symptoms,
)
from mappings.inbound.questionnaire.patient_answers import PatientAnswer, answers, unread_remarks
from mappings.inbound.resources.codings import parsed_once
from mappings.inbound.resources.compartment import Compartment, SourceResource, sort_out
from mappings.inbound.resources.datatypes import obj
from mappings.inbound.resources.observations import Measurement, measurements
from mappings.inbound.resources.refusals import for_human


@dataclass(frozen=True, slots=True)
class Reading:
    """One patient as read.

    ``sources`` are the versioned references of everything used. ``needs_human`` is the part of ``record.rejected``
    that a human has to look at; ``foreign`` counts resources that were refused as another patient's.
    """

    patient: PatientContext
    record: BoneRecord
    sources: tuple[str, ...] = ()
    needs_human: tuple[Rejected, ...] = ()
    foreign: int = 0


@dataclass(frozen=True, slots=True)
class _Page:
    """What the parts of a reading share."""

    chart: Compartment
    measured: tuple[Measurement, ...]
    config: ReadingConfig
    on: date
    scans: Densitometry


@parsed_once()
def read_record(
    patient: Json,
    resources: Iterable[Json],
    config: ReadingConfig,
    *,
    on: date,
    gaps: Gaps = NO_GAPS,
    former: Mapping[str, Iterable[Json]] = MappingProxyType({}),
) -> Reading:
    """Read one patient's resources as of ``on``; ``gaps`` says of which types more may be on the server, ``former``
    holds by patient what stands at patients who were merged into this one.

    Never raises for any JSON: what cannot be used is in ``record.rejected`` with its reason. The order of
    ``resources`` makes no difference, and neither does a resource that comes twice.
    """
    body = obj(patient)
    context = patient_context(body, config.test_labels)
    chart = sort_out(context.id, resources, config.base_url)
    measured = measurements(chart, config.zone)
    page = _Page(chart, measured, config, on, densitometry(chart, measured, config, on))
    record, used = _record(page, context)
    elsewhere, more = left_behind(former, config, on)
    gaps = {kind: {*more.get(kind, ()), *gaps.get(kind, ())} for kind in sorted({*more, *gaps})}
    record = with_gaps(record, gaps)
    refused = _in_order(
        (*record.rejected, *elsewhere, *chart.rejected, *patient_problems(body, context.evidence))
    )
    record = replace(record, rejected=refused)
    asked = {*unread(gaps)}
    human = tuple(r for r in refused if for_human(r) or r in asked)
    return Reading(context, record, _sources(record, context, used), human, chart.foreign)


def _record(page: _Page, context: PatientContext) -> tuple[BoneRecord, tuple[str, ...]]:
    """The record and the sources that no field of it can carry."""
    birth, year_only = born(context)
    found = read_problems(page.chart, energies(page.measured, page.on), birth, page.on)
    vfa, refused = assessment(page.measured, page.on)
    record = BoneRecord(
        sex=sex(context),
        birth_date=birth,
        birth_year_only=year_only,
        t_scores=page.scans.scores,
        low_bone_signs=page.scans.low_signs,
        densities=page.scans.densities,
        vfa=vfa,
        rejected=(*page.scans.rejected, *refused),
    )
    found = replace(found, rejected=(*found.rejected, *traces(page.chart, found.fractures, record.vfa)))
    record = _with_lists(record, page, found)
    record = _with_answers(record, page, found)
    return _with_values(record, page)


def _with_lists(record: BoneRecord, page: _Page, found: ProblemList) -> BoneRecord:
    """Fractures, conditions and medicines, each with whether its silence means none."""
    drugs, refused = medicines(page.chart, adherences(page.measured, page.on), page.on)
    known_allergies, unread_allergies = allergies(page.chart)
    stated, odd = declared(page.chart, page.measured, page.on)
    unread = (*found.rejected, *refused)
    lists = Completeness(stated, unread, page.config.complete_lists, page.on)
    denied = (
        *lists.denied("fractures", found.fractures),
        *lists.denied("conditions", found.conditions),
        *lists.denied("medications", drugs),
    )
    return replace(
        record,
        fractures=lists.listing("fractures", found.fractures),
        conditions=lists.listing("conditions", found.conditions),
        medicines=lists.listing("medications", drugs),
        allergies=known_allergies,
        rejected=(*record.rejected, *unread, *unread_allergies, *odd, *denied),
        evidence=(*record.evidence, *((f"{it.name}.complete", it.evidence) for it in stated)),
    )


def _with_answers(record: BoneRecord, page: _Page, found: ProblemList) -> BoneRecord:
    """Facts without an element of their own; what was asked comes before what Conditions and flags imply."""
    asked, refused = answers(page.measured, page.on)
    portions, refused_portions = calcium_portions(page.measured, page.on)
    coded = implied(found.conditions, page.on)
    status, refused_status = menopause(asked, coded)
    raised, refused_flags = flags(page.chart, page.on)
    given = _with_events({**coded, **raised, **asked}, page)
    complaints = symptoms(_present(page.chart), page.measured, page.on)
    cleared = screened(found.conditions)
    direct: dict[str, Any] = {k: v.value for k, v in given.items() if "." not in k and k != "menopause"}
    if cleared:
        direct.setdefault("exclusion_screen_negative", True)
    return replace(
        record,
        **direct,
        menopause=status,
        lifestyle=lifestyle(given, portions),
        symptoms=tuple(symptom for symptom, _ in complaints),
        days=_days(given),
        rejected=(
            *record.rejected,
            *refused,
            *refused_portions,
            *refused_status,
            *refused_flags,
            *unread_symptoms(page.measured, page.on),
            *unread_remarks(page.measured, page.on),
        ),
        evidence=(
            *record.evidence,
            *((fact.removeprefix("lifestyle."), answer.evidence) for fact, answer in sorted(given.items())),
            *(("exclusion_screen_negative", ref) for ref in cleared),
            *(("symptoms", ref) for _, ref in complaints),
            *((("calcium_portions", portions.evidence),) if portions.evidence else ()),
        ),
    )


def _days(given: Mapping[str, PatientAnswer]) -> tuple[tuple[str, date], ...]:
    """The day of each answer, by the name under which its source is kept."""
    return tuple((fact.removeprefix("lifestyle."), answer.on) for fact, answer in sorted(given.items()))


def _with_values(record: BoneRecord, page: _Page) -> tuple[BoneRecord, tuple[str, ...]]:
    """Numbers, operations and relatives."""
    values, refused = labs(page.measured, page.config, page.on)
    risk, risk_sources, refused_risk = frax(page.measured, page.chart, page.on)
    operations, refused_operations = procedures(page.chart)
    family, refused_family = relatives(page.chart)
    body, refused_body = body_measures(page.measured, page.on)
    return replace(
        record,
        labs=values,
        frax=risk,
        procedures=tuple(sorted({operation for operation, _ in operations})),
        relatives=tuple(relative for relative, _ in family),
        weight_kg=_decimal(body.get("weight_kg")),
        bmi=_decimal(body.get("bmi")),
        days=(*record.days, *((name, given.on) for name, given in sorted(body.items()))),
        rejected=(
            *record.rejected,
            *refused,
            *refused_risk,
            *refused_operations,
            *refused_family,
            *refused_body,
        ),
        evidence=(
            *record.evidence,
            *(("procedures", ref) for _, ref in operations),
            *(("relatives", ref) for _, ref in family),
            *((name, given.evidence) for name, given in sorted(body.items())),
        ),
    ), risk_sources


def _decimal(given: PatientAnswer | None) -> Decimal | None:
    return given.value if given and isinstance(given.value, Decimal) else None


def _with_events(given: Mapping[str, PatientAnswer], page: _Page) -> Mapping[str, PatientAnswer]:
    """The letter and the appointment as resources of their own; against an answer the later day counts."""
    events = {"handover_sent": letter_sent(page.chart, page.on), "phone_appointment": appointment(page.chart)}
    newer = {
        fact: event
        for fact, event in events.items()
        if event and (fact not in given or str(given[fact].value) < str(event.value))
    }
    return {**given, **newer}


def _present(chart: Compartment) -> tuple[SourceResource, ...]:
    """Conditions that are there now, as far as anybody says."""
    return tuple(
        e
        for e in chart.of("Condition")
        if active(e) and certainty(e) is Certainty.CONFIRMED and not e.body.get("modifierExtension")
    )


def _sources(record: BoneRecord, context: PatientContext, used: tuple[str, ...]) -> tuple[str, ...]:
    """Every reference that a fact of the record rests on, the patient included."""
    facts = (
        *record.t_scores,
        *record.fractures.items,
        *record.conditions.items,
        *record.medicines.items,
        *record.allergies,
        *record.labs,
        *record.low_bone_signs,
        *(f for f in (record.vfa, record.frax) if f is not None),
    )
    named = {
        *(fact.evidence for fact in facts),
        *(ref for _, ref in record.evidence),
        *used,
        context.evidence,
    }
    return tuple(sorted(named - {""}))


def _in_order(refused: Iterable[Rejected]) -> tuple[Rejected, ...]:
    """Each once, in an order that does not depend on how they were found."""
    return tuple(
        sorted(
            set(refused),
            key=lambda r: (
                r.concerns,
                r.reason,
                r.evidence,
                r.site or "",
                r.side or "",
                r.on or date.min,
                r.about,
            ),
        )
    )
