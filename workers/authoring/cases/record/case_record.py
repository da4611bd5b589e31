"""The facts of a case as a FHIR record: only what is stated is written, and unknown is never written as none.

``FACTS`` names every fact there is and who writes it. A fact that is not in it raises ``UncoveredCase``: a
patient of whom something was left out is another patient.
"""

import calendar
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from adapter.input.wire_json import Json, ReadOnlyJson
from mappings.inbound.questionnaire.patient_questions import (
    CALCIUM_PORTIONS,
    FOODS,
    QUESTIONS,
    AnswerKind,
    PatientQuestion,
)
from workers.authoring.cases.case_table import UncoveredCase, WorkedCase
from workers.authoring.cases.record import dxa_scans, measurements, medical_history
from workers.authoring.cases.record.fact_codes import coded_concept, local_concept
from workers.authoring.cases.record.fact_values import (
    CaseDays,
    FactWriter,
    decimal_of,
    name_of,
    require_parts,
    truth_of,
    without_unknown,
)
from workers.authoring.cases.record.resources import appointment, observation, patient, quantity, sent_letter
from workers.authoring.cases.record.unreadable_facts import unreadable_resources

# Months between birthday and scan, so that no other date of the case falls into another year of life.
HALF_A_YEAR = 6


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """One patient as a server would give it."""

    patient: Json
    resources: tuple[Json, ...]


def record_of(case: WorkedCase) -> CaseRecord:
    """The record of a case. Raises ``UncoveredCase`` naming every fact that cannot be written."""
    facts = without_unknown(case.facts)
    _refuse_odd_forms(facts)
    days = _case_days(facts, case.as_of)
    unknown: list[str] = []
    resources: list[Json] = []
    for name, value in facts.items():
        try:
            resources.extend(_resources_of_fact(name, value, days))
        except UncoveredCase as gap:
            unknown.extend(f"facts.{name}" for name in gap.names)
    if unknown:
        raise UncoveredCase(*unknown)
    return CaseRecord(patient(_birth_date(facts, days), facts.get("sex")), tuple(resources))


def _refuse_odd_forms(facts: ReadOnlyJson) -> None:
    """Before anything is built: lists that are none, and a person of no such sex or age."""
    odd = [name for name in LISTS if not isinstance(facts.get(name, []), list)]
    if facts.get("sex", "other") not in ("female", "male", "other"):
        odd.append(f"sex: {facts['sex']}")
    if not isinstance(facts.get("birth_date", ""), str):
        odd.append("birth_date")
    if odd:
        raise UncoveredCase(*(f"facts.{name}" for name in odd))


def _resources_of_fact(name: str, value: object, days: CaseDays) -> Iterator[Json]:
    if name in OF_THE_PATIENT:
        return iter(())
    write = FACTS.get(name)
    if write is None:
        raise UncoveredCase(name)
    return write(value, days)


def _case_days(facts: ReadOnlyJson, as_of: date) -> CaseDays:
    scanned = [name_of(scan.get("date")) for scan in facts.get("t_scores", ()) if isinstance(scan, dict)]
    try:
        return CaseDays(as_of, max((date.fromisoformat(day) for day in scanned if day), default=as_of))
    except ValueError:
        raise UncoveredCase("facts.t_scores[].date") from None


def _birth_date(facts: ReadOnlyJson, days: CaseDays) -> str | None:
    """As given, else to give the case's completed years at the scan; only the year if that is all."""
    born: str | None = facts.get("birth_date")
    if born is None and "age_years" in facts:
        age = int(decimal_of(facts["age_years"], "facts.age_years"))
        months = (days.scanned.year - age) * 12 + days.scanned.month - 1 - HALF_A_YEAR
        year, month = months // 12, months % 12 + 1
        born = date(year, month, min(days.scanned.day, calendar.monthrange(year, month)[1])).isoformat()
    return born[:4] if born and facts.get("birth_year_only") else born


def _answer_writer(question: PatientQuestion) -> FactWriter:
    """An intake Observation with the answer as its value."""

    def write(value: object, days: CaseDays) -> Iterator[Json]:
        yield observation(
            question.code, local_concept(question.code), days.as_of, **_answer_value(question, value)
        )

    return write


def _answer_value(question: PatientQuestion, value: object) -> Json:
    name = question.code.replace("-", "_")
    match question.answer:
        case AnswerKind.YES_NO:
            return {"valueBoolean": truth_of(value, name)}
        case AnswerKind.NUMBER:
            return {"valueQuantity": quantity(decimal_of(value, name), question.units[0])}
        case AnswerKind.CHOICE:
            choice = name_of(value).replace("_", "-")
            if choice not in question.choices:
                raise UncoveredCase(f"{name}: {value}")
            return {"valueCodeableConcept": local_concept(choice)}
        case AnswerKind.DATE:
            return {"valueDateTime": value}
        case unreachable:
            assert_never(unreachable)


def _lifestyle(habits: ReadOnlyJson, days: CaseDays) -> Iterator[Json]:
    require_parts(habits, "lifestyle", ANSWERS.keys())
    for name, value in habits.items():
        yield from ANSWERS[name](value, days)


def _portions(eaten: ReadOnlyJson, days: CaseDays) -> Iterator[Json]:
    require_parts(eaten, "calcium_portions_per_day", FOODS)
    counts = [
        {
            "code": local_concept(food.replace("_", "-")),
            "valueQuantity": quantity(decimal_of(count, food), "/d"),
        }
        for food, count in eaten.items()
    ]
    yield observation("calcium-portions", local_concept(CALCIUM_PORTIONS), days.as_of, component=counts)


def _symptoms(names: Sequence[str], days: CaseDays) -> Iterator[Json]:
    for name in names:
        try:
            code = coded_concept("symptom", name_of(name))
        except UncoveredCase:
            raise UncoveredCase(f"symptoms[]: {name}") from None
        yield observation(name_of(name), code, days.as_of, valueBoolean=True)


def _handover_sent(on: str, _: CaseDays) -> Iterator[Json]:
    yield sent_letter(on)


def _appointments(booked: ReadOnlyJson, _: CaseDays) -> Iterator[Json]:
    require_parts(booked, "appointments", {"phone_appointment_fop"})
    for name, on in booked.items():
        yield appointment(name, local_concept(name.replace("_", "-")), on)


ANSWERS: Mapping[str, FactWriter] = {
    question.code.replace("-", "_"): _answer_writer(question) for question in QUESTIONS
}
LISTS = (
    "t_scores",
    "fractures",
    "conditions",
    "medications",
    "procedures",
    "family_history",
    "symptoms",
    "unreadable",
)
OF_THE_PATIENT = frozenset({"age_years", "birth_date", "birth_year_only", "sex", "profile_params"})
FACTS: Mapping[str, FactWriter] = {
    **ANSWERS,
    **measurements.MEASURES,
    "pregnant": ANSWERS["pregnancy"],
    "lactating": ANSWERS["lactation"],
    "t_scores": dxa_scans.t_scores,
    "vfa": dxa_scans.vfa,
    "fractures": medical_history.fractures,
    "conditions": medical_history.conditions,
    "medications": medical_history.medications,
    "procedures": medical_history.procedures,
    "family_history": medical_history.family_history,
    "symptoms": _symptoms,
    "lifestyle": _lifestyle,
    "calcium_portions_per_day": _portions,
    "labs": measurements.labs,
    "frax": measurements.frax,
    "unreadable": unreadable_resources,
    "gp_handover_sent_date": _handover_sent,
    "appointments": _appointments,
}
