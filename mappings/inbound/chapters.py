"""The chapters of a record: each turns its part of the resources into facts, and names what it refused."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple, cast

from typing_extensions import TypedDict

from adapter.clinical.model import (
    Allergy,
    BoneDensity,
    Certainty,
    Condition,
    Fracture,
    Frax,
    Lab,
    Lifestyle,
    Listing,
    LowBoneSign,
    Medicine,
    Menopause,
    Procedure,
    Rejected,
    Relative,
    Symptom,
    TScore,
    Vfa,
)
from adapter.read_only import read_only
from mappings.inbound.config import RecordReading
from mappings.inbound.densitometry.scans import densitometry
from mappings.inbound.medical_history.allergies import allergies
from mappings.inbound.medical_history.body_measures import body_measures
from mappings.inbound.medical_history.events import appointment, flags, letter_sent
from mappings.inbound.medical_history.family import relatives
from mappings.inbound.medical_history.frax import frax
from mappings.inbound.medical_history.laboratory import labs, lost_labs
from mappings.inbound.medical_history.lists import Completeness, declared
from mappings.inbound.medical_history.medication_history import adherences, medicines
from mappings.inbound.medical_history.problem_list import ProblemList
from mappings.inbound.medical_history.procedures import procedures
from mappings.inbound.narratives import narratives
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
from mappings.inbound.resources.compartment import Compartment, SourceResource
from mappings.inbound.resources.observations import Measurement
from mappings.inbound.resources.problem_state import state_of
from mappings.inbound.subjects import MeasurementSubject


@read_only
class ReadingBasis:
    """What every chapter of one patient reads: the resources, the day, and the institution's settings.

    The problem list and the vertebrae are read beforehand, since several chapters rest on them.
    """

    chart: Compartment
    measured: Mapping[MeasurementSubject, Sequence[Measurement]]
    problems: ProblemList
    vfa: Vfa | None
    config: RecordReading
    on: date


class RecordFacts(TypedDict, total=False):
    """The fields of a `BoneRecord` that a chapter can fill; a test compares names and types with it."""

    menopause: Menopause | None
    age_at_menopause: Decimal | None
    t_scores: tuple[TScore, ...]
    vfa: Vfa | None
    fractures: Listing[Fracture]
    conditions: Listing[Condition]
    medicines: Listing[Medicine]
    procedures: tuple[Procedure, ...]
    relatives: tuple[Relative, ...]
    labs: tuple[Lab, ...]
    frax: Frax | None
    lifestyle: Lifestyle
    symptoms: tuple[Symptom, ...]
    exclusion_screen_negative: bool | None
    bisphosphonate_contraindicated: bool | None
    cannot_sit_upright: bool | None
    breast_cancer_risk_high: bool | None
    high_fracture_risk: bool | None
    dental_problem: bool | None
    pregnant: bool | None
    lactating: bool | None
    nursing_home: bool | None
    falls_last_12m: Decimal | None
    bmi: Decimal | None
    weight_kg: Decimal | None
    height_loss: bool | None
    formula_ml_per_day: Decimal | None
    assessment_requested: bool | None
    handover_sent: date | None
    phone_appointment: date | None
    allergies: tuple[Allergy, ...]
    low_bone_signs: tuple[LowBoneSign, ...]
    densities: tuple[BoneDensity, ...]


class Chapter(NamedTuple):
    """A part of a BoneRecord: its facts by field, and what was refused.

    Facts that carry no source or day of their own have them beside them, by name;
    ``sources`` are used and have no name.
    """

    facts: RecordFacts
    rejected: Sequence[Rejected] = ()
    evidence: Sequence[tuple[str, str]] = ()
    days: Sequence[tuple[str, date]] = ()
    sources: Sequence[str] = ()


def chapters(basis: ReadingBasis) -> Iterator[Chapter]:
    """All of them, in the order in which their sources are named."""
    yield _scans(basis)
    yield _lists(basis)
    yield _answers(basis)
    yield _operations(basis)
    yield _relatives(basis)
    yield _numbers(basis)


def _scans(basis: ReadingBasis) -> Chapter:
    """Bone density and vertebrae."""
    scans = densitometry(basis.chart, basis.measured[MeasurementSubject.SCAN], basis.config, basis.on)
    facts: RecordFacts = {
        "t_scores": scans.scores,
        "low_bone_signs": scans.low_signs,
        "densities": scans.densities,
        "vfa": basis.vfa,
    }
    return Chapter(facts, scans.rejected)


def _lists(basis: ReadingBasis) -> Chapter:
    """Fractures, conditions and medicines, each with whether its silence means none; and allergies."""
    found, told = basis.problems, basis.measured[MeasurementSubject.ANSWER]
    drugs, refused = medicines(basis.chart, adherences(told, basis.on), basis.on)
    known_allergies, unread_allergies = allergies(basis.chart)
    stated, odd = declared(basis.chart, told, basis.on)
    unread = (*found.rejected, *refused, *narratives(basis.chart, found, drugs))
    lists = Completeness(stated, unread, basis.config.complete_lists, basis.on)
    fractures, denied_fractures = lists.listing("fractures", found.fractures)
    conditions, denied_conditions = lists.listing("conditions", found.conditions)
    taken, denied_medicines = lists.listing("medications", drugs)
    denied = (*denied_fractures, *denied_conditions, *denied_medicines)
    facts: RecordFacts = {
        "fractures": fractures,
        "conditions": conditions,
        "medicines": taken,
        "allergies": known_allergies,
    }
    evidence = [(f"{it.name}.complete", it.evidence) for it in stated]
    return Chapter(facts, (*unread, *unread_allergies, *odd, *denied), evidence)


def _answers(basis: ReadingBasis) -> Chapter:
    """Facts without an element of their own; what was asked comes before what Conditions and flags imply."""
    told = basis.measured[MeasurementSubject.ANSWER]
    asked, refused = answers(told, basis.on)
    portions, refused_portions = calcium_portions(told, basis.on)
    coded = implied(basis.problems.conditions, basis.on)
    status, refused_status = menopause(asked, coded)
    raised, refused_flags = flags(basis.chart, basis.on)
    given = _with_events({**coded, **raised, **asked}, basis)
    complaints = symptoms(_complained_of(basis.chart), told, basis.on)
    cleared = screened(basis.problems.conditions)
    # The kind of each question, which says the type of its answer, is held against the field by a test.
    direct = {fact: answer.value for fact, answer in given.items() if "." not in fact and fact != "menopause"}
    if cleared:
        direct.setdefault("exclusion_screen_negative", True)
    facts: RecordFacts = {
        **cast("RecordFacts", direct),
        "menopause": status,
        "lifestyle": lifestyle(given, portions),
        "symptoms": tuple(symptom for symptom, _ in complaints),
    }
    named = [(fact.removeprefix("lifestyle."), answer) for fact, answer in sorted(given.items())]
    evidence = (
        *[(fact, answer.evidence) for fact, answer in named],
        *[("exclusion_screen_negative", ref) for ref in cleared],
        *[("symptoms", ref) for _, ref in complaints],
        *((("calcium_portions", portions.evidence),) if portions.evidence else ()),
    )
    unread = (*unread_symptoms(told, basis.on), *unread_remarks(told, basis.on))
    rejected = (*refused, *refused_portions, *refused_status, *refused_flags, *unread)
    return Chapter(facts, rejected, evidence, [(fact, answer.on) for fact, answer in named])


def _operations(basis: ReadingBasis) -> Chapter:
    operations, refused = procedures(basis.chart)
    done = tuple(sorted({operation for operation, _ in operations}))
    return Chapter({"procedures": done}, refused, [("procedures", ref) for _, ref in operations])


def _relatives(basis: ReadingBasis) -> Chapter:
    family, refused = relatives(basis.chart)
    found = tuple([relative for relative, _ in family])
    return Chapter({"relatives": found}, refused, [("relatives", ref) for _, ref in family])


def _numbers(basis: ReadingBasis) -> Chapter:
    """Laboratory values, risks, and measures of the body."""
    values, refused = labs(basis.measured[MeasurementSubject.LABORATORY], basis.config, basis.on)
    risk, sources, refused_risk = frax(basis.measured[MeasurementSubject.FRAX], basis.chart, basis.on)
    body, refused_body = body_measures(basis.measured[MeasurementSubject.BODY], basis.on)
    named = sorted(body.items())
    measures = cast("RecordFacts", {name: given.value for name, given in named})  # numbers: weight_kg and bmi
    return Chapter(
        {"labs": values, "frax": risk, **measures},
        (*refused, *lost_labs(basis.chart), *refused_risk, *refused_body),
        [(name, given.evidence) for name, given in named],
        [(name, given.on) for name, given in named],
        sources,
    )


def _with_events(given: Mapping[str, PatientAnswer], basis: ReadingBasis) -> Mapping[str, PatientAnswer]:
    """The letter and the appointment as resources of their own; against an answer the later day counts."""
    events = {
        "handover_sent": letter_sent(basis.chart, basis.on),
        "phone_appointment": appointment(basis.chart),
    }
    newer = {
        fact: event
        for fact, event in events.items()
        if event and (fact not in given or str(given[fact].value) < str(event.value))
    }
    return {**given, **newer}


def _complained_of(chart: Compartment) -> Iterator[SourceResource]:
    """Conditions that name a complaint and are there now, as far as anybody says."""
    for entry in chart.of("Condition"):
        if entry.code.names("symptom") and not entry.body.get("modifierExtension"):
            state = state_of(entry)
            if state.active and state.sure is Certainty.CONFIRMED:
                yield entry
