"""Coded answers to the questions of ``patient_questions``: the newest valid answer to a question counts."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import assert_never

from adapter.clinical.kinds import InputKind
from adapter.clinical.model import Adherence, Reason, Rejected
from adapter.read_only import read_only
from mappings.inbound.questionnaire.patient_questions import (
    ADHERENCE,
    ENERGY,
    FRACTURE_ENERGY,
    MEANING,
    NONE_KNOWN,
    AnswerKind,
    PatientQuestion,
    question_of,
)
from mappings.inbound.resources.codings import CONCEPTS, Concept, concept_of
from mappings.inbound.resources.datatypes import number, obj, objs, reference, unit_of
from mappings.inbound.resources.dates import first_day
from mappings.inbound.resources.measurement_kind import MeasurementKind
from mappings.inbound.resources.observations import Measurement
from mappings.inbound.resources.refusals import ANSWER, CONDITION, FRACTURE, MEDICINE

# Statements that are read where they belong: what each of them would have told of,
# and the words that it can hold.
_REMARKS: Mapping[str, tuple[InputKind, frozenset[str]]] = {
    FRACTURE_ENERGY: (ANSWER, frozenset(ENERGY)),
    ADHERENCE: (ANSWER, frozenset(map(str, Adherence))),
    NONE_KNOWN["conditions"]: (CONDITION, frozenset({"none"})),
    NONE_KNOWN["fractures"]: (FRACTURE, frozenset({"none"})),
    NONE_KNOWN["medications"]: (MEDICINE, frozenset({"none"})),
}
_ABOUT_ONE = frozenset({FRACTURE_ENERGY, ADHERENCE})  # of the resource in focus

AnswerValue = bool | Decimal | str | date


@read_only
class PatientAnswer:
    """An answer with its day and source."""

    value: AnswerValue
    on: date
    evidence: str


_QUESTIONS = cache(question_of)


@lru_cache(CONCEPTS)
def question_asked(said: Concept) -> PatientQuestion | None:
    """The question that a code asks, if any."""
    return next((q for c in said.codes if (q := _QUESTIONS().get((c.system, c.key)))), None)


def may_be_answer(kind: MeasurementKind) -> bool:
    """Whether its code asks a question, is one of our own, or names a complaint."""
    return bool(question_asked(kind.code) or kind.code.ours or kind.code.names("symptom"))


def answers(
    measured: Iterable[Measurement], on: date
) -> tuple[Mapping[str, PatientAnswer], tuple[Rejected, ...]]:
    """The newest valid answer by fact; two different ones of the same day are no answer."""
    given: dict[str, list[PatientAnswer]] = {}
    refused: set[Rejected] = set()
    for result in measured:
        question = question_asked(result.code)
        if question is None:
            continue
        match _answer(question, result, on):
            case PatientAnswer() as answer:
                given.setdefault(question.fact, []).append(answer)
            case Rejected() as rejection:
                refused.add(rejection)
            case None:
                pass
    newest: dict[str, PatientAnswer] = {}
    for fact, several in given.items():
        if (latest := _newest(several)) is not None:
            newest[fact] = latest
        else:
            evidence = max(it.evidence for it in several)
            refused.add(Rejected(Reason.CODES_DISAGREE, ANSWER, evidence, about=fact))
    return newest, tuple(refused)


def unread_remarks(measured: Iterable[Measurement], on: date) -> tuple[Rejected, ...]:
    """Unreadable statements on a fracture, a drug or a whole list: nobody knows what they are about."""
    refused = {
        Rejected(reason, _REMARKS[key][0], result.evidence, on=result.on)
        for result in measured
        for key in result.code.ours
        if key in _REMARKS and (reason := _remark_problem(key, result, on))
    }
    return tuple(refused)


def _remark_problem(key: str, result: Measurement, on: date) -> Reason | None:
    if reason := result.unusable(on):
        return reason
    if key in _ABOUT_ONE and not any(reference(it) for it in objs(result.body.get("focus"))):
        return Reason.UNREADABLE
    said = result.value[1]
    plain = isinstance(said, bool) and key not in _ABOUT_ONE
    return None if plain or _REMARKS[key][1].intersection(concept_of(said).ours) else Reason.UNKNOWN_CODE


def _newest(several: list[PatientAnswer]) -> PatientAnswer | None:
    """The one of the latest day; none where that day has two that differ."""
    if len(several) == 1:
        return several[0]
    day = max(it.on for it in several)
    latest = [it for it in several if it.on == day]
    return min(latest, key=lambda it: it.evidence) if len({it.value for it in latest}) == 1 else None


def _answer(question: PatientQuestion, result: Measurement, on: date) -> PatientAnswer | Rejected | None:
    reason = result.unusable(on)
    if reason or result.on is None:
        return Rejected(reason or Reason.NO_DATE, ANSWER, result.evidence, on=result.on, about=question.fact)
    value = _value(question, *result.value)
    if isinstance(value, Reason):
        return Rejected(value, ANSWER, result.evidence, on=result.on, about=question.fact)
    return None if value is None else PatientAnswer(value, result.on, result.evidence)


def _value(question: PatientQuestion, kind: str, value: object) -> AnswerValue | Reason | None:
    """The answer, a reason to refuse it, or ``None`` for an answer that says unknown."""
    if value is None:
        return Reason.NO_VALUE
    match question.answer:
        case AnswerKind.YES_NO:
            return _yes_no(question, value)
        case AnswerKind.NUMBER:
            return quantity(question.units, kind, value)
        case AnswerKind.CHOICE:
            return _choice(question, value)
        case AnswerKind.DATE:
            return first_day(value) or Reason.NO_DATE
        case unreachable:
            assert_never(unreachable)


def _yes_no(question: PatientQuestion, value: object) -> bool | Reason | None:
    """A boolean, or a code that a value set ``answer-<question>-yes``, ``-no`` or ``-unknown`` holds."""
    if isinstance(value, bool):
        return value
    names = concept_of(value).names("answer")
    if names == {f"{question.code}-unknown"}:
        return None
    meant = {word == "yes" for word in ("yes", "no") if f"{question.code}-{word}" in names or word in names}
    return meant.pop() if len(meant) == 1 else Reason.UNKNOWN_CODE


def quantity(units: tuple[str, ...], kind: str, value: object) -> Decimal | Reason:
    """A number of at least zero in one of the units; text in braces carries no meaning."""
    if kind == "Integer":
        value = {"value": value}
    counted = number(obj(value).get("value"))
    if counted is None:
        return Reason.NO_VALUE
    if obj(value).get("comparator"):
        return Reason.COMPARATOR
    if unit_of(value) not in units:
        return Reason.UNIT_MISMATCH
    return counted if counted >= 0 else Reason.IMPLAUSIBLE


def _choice(question: PatientQuestion, value: object) -> bool | str | Reason | None:
    codes = [c for c in concept_of(value).ours if c in question.choices]
    if len(set(codes)) != 1:
        return Reason.UNKNOWN_CODE
    if codes[0] == "unknown":
        return None
    return MEANING.get(codes[0], codes[0])
