"""The answers, spread over the fields of the record; Conditions say it only where nobody was asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from adapter.clinical.model import (
    Certainty,
    Condition,
    ConditionKind,
    Lifestyle,
    Menopause,
    Reason,
    Rejected,
    Symptom,
)
from adapter.input.wire_json import Json
from mappings.inbound.questionnaire.patient_answers import PatientAnswer, quantity
from mappings.inbound.questionnaire.patient_questions import CALCIUM_PORTIONS, FOODS, accepted_units
from mappings.inbound.resources.codings import concept_of
from mappings.inbound.resources.compartment import SourceResource
from mappings.inbound.resources.datatypes import choice, objs
from mappings.inbound.resources.observations import Measurement
from mappings.inbound.resources.refusals import ANSWER

_IMPLIED: Mapping[ConditionKind, str] = {
    ConditionKind.PREGNANCY: "pregnant",
    ConditionKind.LACTATION: "lactating",
    ConditionKind.DENTAL_PROBLEM: "dental_problem",
    ConditionKind.HEIGHT_LOSS: "height_loss",
    ConditionKind.SMOKING: "lifestyle.smoker",
}
_HABITS = frozenset(f.name for f in fields(Lifestyle))
_AFTER_MENOPAUSE = frozenset({ConditionKind.POSTMENOPAUSAL, ConditionKind.PREMATURE_MENOPAUSE})
_EXCLUSIONS = frozenset(
    {ConditionKind.MULTIPLE_MYELOMA, ConditionKind.BONE_METASTASIS, ConditionKind.OSTEOMALACIA}
)


@dataclass(frozen=True, slots=True)
class Portions:
    """Portions a day by food, with their source."""

    eaten: tuple[tuple[str, Decimal], ...] = ()
    evidence: str = ""


def implied(conditions: Iterable[Condition], on: date) -> dict[str, PatientAnswer]:
    """Answers that a Condition gives by being there; its absence never says no."""
    found: dict[str, PatientAnswer] = {}
    for condition in conditions:
        kind = condition.kind
        if condition.certainty is not Certainty.CONFIRMED:
            continue
        if condition.active and kind in _IMPLIED:
            found[_IMPLIED[kind]] = PatientAnswer(True, on, condition.evidence)
        if kind in _AFTER_MENOPAUSE:
            found["menopause"] = PatientAnswer("post", on, condition.evidence)
    return found


def screened(conditions: Iterable[Condition]) -> tuple[str, ...]:
    """Where all three other causes are refuted: the sources, or nothing."""
    refuted = {
        c.kind: c.evidence for c in conditions if c.kind in _EXCLUSIONS and c.certainty is Certainty.REFUTED
    }
    return tuple(refuted[k] for k in sorted(_EXCLUSIONS)) if refuted.keys() >= _EXCLUSIONS else ()


def menopause(
    given: Mapping[str, PatientAnswer], implied: Mapping[str, PatientAnswer]
) -> tuple[Menopause | None, tuple[Rejected, ...]]:
    """The status as asked, else as coded; an answer "pre" against a coded menopause is no answer."""
    answer, coded = given.get("menopause"), implied.get("menopause")
    if answer and coded and answer.value != coded.value:
        return None, (Rejected(Reason.CODES_DISAGREE, ANSWER, answer.evidence, on=answer.on),)
    found = answer or coded
    return (Menopause(str(found.value)) if found else None), ()


def lifestyle(given: Mapping[str, PatientAnswer], portions: Portions) -> Lifestyle:
    """The habits among the answers."""
    habits: Json = {
        fact.removeprefix("lifestyle."): answer.value
        for fact, answer in given.items()
        if fact.startswith("lifestyle.") and fact.removeprefix("lifestyle.") in _HABITS
    }
    return Lifestyle(**habits, calcium_portions=portions.eaten)


def calcium_portions(measured: Iterable[Measurement], on: date) -> tuple[Portions, tuple[Rejected, ...]]:
    """The newest valid food list; one portion that cannot be read makes the whole list unreadable."""
    newest: tuple[date, str, Portions] | None = None
    refused: set[Rejected] = set()
    for result in measured:
        if CALCIUM_PORTIONS not in result.code.ours:
            continue
        reason = result.unusable(on)
        eaten = _eaten(result)
        if reason or isinstance(eaten, Reason) or result.on is None:
            refusal = reason or (eaten if isinstance(eaten, Reason) else Reason.NO_DATE)
            refused.add(Rejected(refusal, ANSWER, result.evidence, on=result.on))
        elif newest is None or (result.on, result.evidence) > newest[:2]:
            newest = (result.on, result.evidence, Portions(eaten, result.evidence))
    return (newest[2] if newest else Portions()), tuple(refused)


def _eaten(result: Measurement) -> tuple[tuple[str, Decimal], ...] | Reason:
    eaten: dict[str, Decimal] = {}
    for part in objs(result.body.get("component")):
        kind, value = choice(part, "value")
        count = quantity(accepted_units("times-a-day"), kind, value)
        foods = [f for c in concept_of(part.get("code")).ours if (f := c.replace("-", "_")) in FOODS]
        if len(foods) != 1 or foods[0] in eaten:
            return Reason.UNKNOWN_CODE
        if isinstance(count, Reason):
            return count
        eaten[foods[0]] = count
    return tuple(sorted(eaten.items())) or Reason.NO_VALUE


def symptoms(
    entries: Iterable[SourceResource], measured: Iterable[Measurement], on: date
) -> tuple[tuple[Symptom, str], ...]:
    """Complaints that are there now, as Observations (true) or active Conditions that nobody refuted."""
    found: dict[Symptom, str] = {}
    for result in measured:
        if result.value[1] is True and not result.unusable(on):
            found.update({_symptom(n): result.evidence for n in result.code.names("symptom")})
    for entry in entries:
        found.update({_symptom(n): entry.evidence for n in entry.code.names("symptom")})
    return tuple(sorted(found.items()))


def unread_symptoms(measured: Iterable[Measurement], on: date) -> tuple[Rejected, ...]:
    """Answers about a complaint that nobody can read: it may be there."""
    refused: set[Rejected] = set()
    for result in measured:
        if not result.code.names("symptom"):
            continue
        reason = result.unusable(on)
        if not reason and not isinstance(result.value[1], bool):
            reason = Reason.NO_VALUE if result.value[1] is None else Reason.UNKNOWN_CODE
        if reason:
            refused.add(Rejected(reason, ANSWER, result.evidence, on=result.on))
    return tuple(refused)


def _symptom(name: str) -> Symptom:
    return Symptom(name.replace("-", "_"))
