"""What a questionnaire, a worded result, an adverse event or a pharmacist's alert tells, and no entry does.

Words never make a fact. What may be a fracture, a tumour, a bone drug or the harm of one is named, unless
the record holds one: the list that it may belong to is then not whole, and a human looks. In a
questionnaire a "no" answers the whole question, and what is said of relatives is theirs; a result of an
examination or a survey is a question and its answer too. Of the alerts of a pharmacy only those count
that speak against a bone drug.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from adapter.clinical.courses import BONE_DRUGS
from adapter.clinical.kinds import InputKind
from adapter.clinical.model import Certainty, Medicine, Reason, Rejected, Standing
from adapter.input.wire_json import JsonValue, ReadOnlyJson
from mappings.inbound.indications.indications import explained_by
from mappings.inbound.medical_history.problem_list import ProblemList
from mappings.inbound.medical_history.screening import lost_concept, suspicions, words_of
from mappings.inbound.resources.codings import CONCEPTS, Concept, concept_of, holds
from mappings.inbound.resources.compartment import Compartment, SourceResource
from mappings.inbound.resources.datatypes import (
    choice,
    has_letter,
    has_letter_or_digit,
    listed,
    obj,
    objs,
    text,
)
from mappings.inbound.resources.measurement_kind import categories_of
from mappings.inbound.resources.observations import standing
from mappings.inbound.resources.plain_words import plain
from mappings.inbound.resources.refusals import CONDITION, FRACTURE, MEDICINE
from mappings.inbound.resources.resource_status import status_unread
from mappings.valuesets import categories

_NEVER = frozenset({"entered-in-error", "cancelled"})
_CONCERNS: Mapping[Reason, InputKind] = {Reason.FRACTURE_LIKE: FRACTURE, Reason.BONE_DRUG_LIKE: MEDICINE}
_ANY: tuple[InputKind, ...] = (FRACTURE, CONDITION, MEDICINE)  # what cannot be read may be any of them
_NO = re.compile(
    r"(nee|no|non|nein|n|geen|aucune?|keine?[nr]?|kein|niet|nicht|pas|never|nooit|jamais|nie|none"
    r"|niks|nothing|rien|nichts|nvt|n\.v\.t\.?"
    r"|onbekend|unknown|inconnue?|unbekannt|weet (ik )?niet|(ik )?weet het niet|don'?t know|ne sais pas"
    r"|weiss nicht|false|0|-+)\b.*|-+|"
)
# A no that goes on: "no, but a wrist in 2019".
_BUT = re.compile(r"\b(maar|wel|behalve|alleen|but|except|only|mais|sauf|seulement|aber|doch|ausser|nur)\b")
# Standing as a code: the words of answer lists that institutions make themselves.
_NO_AS_CODE = frozenset({"no", "nee", "non", "nein", "false", "0"})
_CLAUSE = re.compile(r"[.,;\n]\s*")
_ANSWERED = categories("answer")
_WORDED = frozenset({"Boolean", "CodeableConcept", "String", "Integer", "Quantity"})
_READ_ELSEWHERE = ("score", "dxa", "report", "vfa", "lab", "frax", "body", "symptom", "unrelated")
_RELATIVES = re.compile(
    r"ouders?\b|vader|moeder|parents?\b|mother|father|\bmere\b|\bpere\b|eltern|mutter|\bvater\b|famil"
    r"|broer|\bzus|brother|sister|frere|soeur|bruder|schwester|verwant|relative"
)
_AGAINST = re.compile(
    r"contra-?ind|kontraind|niet (afleveren|verstrekken|geven|starten|combineren)"
    r"|allerg|overgevoel|avoid|do not|ne pas|nicht"
)


def narratives(chart: Compartment, problems: ProblemList, drugs: Iterable[Medicine]) -> tuple[Rejected, ...]:
    """What they tell that no entry explains, and those that nobody can read."""
    told = (*_questionnaires(chart), *_observed(chart), *_adverse_events(chart), *_alerts(chart))
    if not told:
        return ()
    explained = {*_on_record(problems, drugs)}
    return tuple(remark for remark in told if remark.reason not in explained)


def _on_record(problems: ProblemList, drugs: Iterable[Medicine]) -> Iterator[Reason]:
    if problems.fractures:
        yield Reason.FRACTURE_LIKE
    if any(drug.kinds & BONE_DRUGS for drug in drugs):
        yield Reason.BONE_DRUG_LIKE
    for condition in problems.conditions:
        if condition.certainty is not Certainty.REFUTED:
            yield from explained_by(condition.kind)


def _suspicions_in(words: str, entry: SourceResource) -> Iterator[Rejected]:
    for reason in suspicions(words):
        yield Rejected(reason, _CONCERNS.get(reason, CONDITION), entry.evidence)


def _unread(entry: SourceResource, reason: Reason = Reason.UNREADABLE) -> Iterator[Rejected]:
    for concerns in _ANY:
        yield Rejected(reason, concerns, entry.evidence)


def _questionnaires(chart: Compartment) -> Iterator[Rejected]:
    for entry in chart.of("QuestionnaireResponse"):
        items = entry.body.get("item")
        if text(entry.body.get("status")) in _NEVER:
            continue
        if entry.body.get("modifierExtension"):
            yield from _unread(entry, Reason.MODIFIER_EXTENSION)
        elif status_unread(entry.body) or any(not _readable(obj(it)) for it in listed(items)):
            yield from _unread(entry)
        for words in _answered(listed(items)):
            yield from _suspicions_in(words, entry)


def _observed(chart: Compartment) -> Iterator[Rejected]:
    """Results that are answers: neither of the laboratory nor of an image, and no number that is measured."""
    for entry in chart.of("Observation"):
        if not _may_ask(entry.code):
            continue
        kind, value = choice(entry.body, "value")
        if _is_measured(kind, value) or not _may_answer(entry.body):
            continue
        asked = words_of(entry.code)
        if (said := _affirmed(entry.body)) is not None:
            yield from _suspicions_in(f"{asked} {_without_denials(said)}".strip(), entry)
        if _is_unread(kind, value):
            yield from _suspicions_in(asked, entry) if suspicions(asked) else _unread(entry)


def _is_measured(kind: str, value: object) -> bool:
    """Whether it is a number with a unit, or of another kind than answers are."""
    if kind == "Quantity":
        return bool(text(obj(value).get("unit")) or text(obj(value).get("code")))
    return kind not in _WORDED


def _may_answer(body: ReadOnlyJson) -> bool:
    """Whether it may be about the patient as one of an examination or a survey is."""
    if not categories_of(body) <= _ANSWERED:
        return False
    return not body.get("focus") and standing(body) is not Standing.WITHDRAWN


@lru_cache(CONCEPTS)
def _may_ask(code: Concept) -> bool:
    """Whether a code may be a question about the patient that no other reader reads."""
    read = code.ours or any(map(code.names, _READ_ELSEWHERE))
    return not read and not _RELATIVES.search(plain(words_of(code)))


def _is_unread(kind: str, value: object) -> bool:
    """Whether an answer is there that is neither a word nor a number nor yes or no."""
    match kind:
        case "CodeableConcept":
            return lost_concept(value)
        case "String":
            return not (has_letter_or_digit(value) or _NO.fullmatch(plain(text(value))))
        case "Boolean" | "Integer":
            return not isinstance(value, bool | int)
        case _:
            return False


def _without_denials(said: str) -> str:
    """What is left of an answer that is not no, without the clauses of it that are."""
    clauses = [it for it in _CLAUSE.split(said) if not _NO.fullmatch(plain(it).strip()) or _BUT.search(it)]
    return " ".join(clauses)


def _readable(item: ReadOnlyJson) -> bool:
    return not {"linkId", "text", "answer", "item"}.isdisjoint(item)


def _answered(items: list[JsonValue]) -> Iterator[str]:
    """Each question with its answers, unless they say no; without questions about relatives."""
    for item in map(obj, items):
        asked = text(item.get("text"))
        if _RELATIVES.search(plain(asked)):
            continue
        answers = objs(item.get("answer"))
        for answer in answers:
            if (said := _affirmed(answer)) is not None:
                yield f"{asked} {said}".strip()
            yield from _answered(listed(answer.get("item")))
        yield from _answered(listed(item.get("item")))


def _affirmed(answer: ReadOnlyJson) -> str | None:
    """The words of an answer; none where it says no, nothing, or that it is not known."""
    kind, value = choice(answer, "value")
    if kind == "Boolean":
        return "" if value is True else None
    if kind in {"Coding", "CodeableConcept"}:
        return _words_unless_no(concept_of({"coding": [value]} if kind == "Coding" else value))
    if kind == "Quantity":
        value = obj(value).get("value")
    said_plainly = str(value) if value is not None else ""
    heard = plain(said_plainly).strip()
    return None if _NO.fullmatch(heard) and not _BUT.search(heard) else said_plainly


@lru_cache(CONCEPTS)
def _words_unless_no(said: Concept) -> str | None:
    denied = holds(said, "narrative-no") or any(key.lower() in _NO_AS_CODE for key in said.keys)
    return None if denied or _NO.fullmatch(plain(words_of(said) or "x")) else words_of(said)


def _adverse_events(chart: Compartment) -> Iterator[Rejected]:
    for entry in chart.of("AdverseEvent"):
        words = words_of(concept_of(entry.body.get("event")))
        actuality = text(entry.body.get("actuality"))
        if actuality == "potential":
            continue
        if entry.body.get("modifierExtension") or (actuality != "actual") or not words:
            yield Rejected(Reason.UNREADABLE, CONDITION, entry.evidence)
        yield from _suspicions_in(words, entry)


def _alerts(chart: Compartment) -> Iterator[Rejected]:
    for entry in chart.of("DetectedIssue"):
        body = entry.body
        if text(body.get("status")) in _NEVER:
            continue
        detail = body.get("detail")
        words = " ".join(filter(None, (text(detail), words_of(entry.code))))
        wordless = detail is not None and not has_letter(detail)
        if body.get("modifierExtension") or status_unread(body) or wordless:
            yield Rejected(Reason.UNREADABLE, CONDITION, entry.evidence)
        if text(body.get("severity")) == "high" or _AGAINST.search(plain(words)):
            yield from _suspicions_in(words, entry)
