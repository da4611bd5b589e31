"""Sentences about a decision: the class and what decided it, the flags, the unknown, the refused."""

from typing import NamedTuple

from adapter.clinical.decision import Decision, Flag, NotOffered
from adapter.clinical.model import Rejected, TScore
from mappings.codes import REJECTION
from mappings.outbound.designations import Wording
from mappings.outbound.labels import label
from mappings.outbound.resources.citations import cited, own
from mappings.outbound.vocabulary import words


class Judgements(NamedTuple):
    """What the plan rests on, in words."""

    classed: str
    diagnosis: str
    treatment: str


def judgements(decision: Decision, language: str) -> Judgements:
    """Class, diagnosis and treatment; the plan is described by them, and its narrative cites their rules."""
    return Judgements(
        class_sentence(decision, language),
        diagnosis_sentence(decision, language),
        treatment_sentence(decision, language),
    )


def class_sentence(decision: Decision, language: str) -> str:
    """``Osteopenia, decided by Femoral neck left T -1.8 on 2026-11-10``."""
    judged = decision.classification
    named = words(judged.category, language)
    if judged.deciding is None:
        return named
    return f"{named}, {label('decided_by', language)} {score_sentence(judged.deciding, language)}"


def score_sentence(score: TScore, language: str) -> str:
    """Site, side, value with the digits as reported, date."""
    side = f" {words(score.side, language)}" if score.side else ""
    return (
        f"{words(score.site, language)}{side} T {score.value} {label('on', language)} {score.on.isoformat()}"
    )


def diagnosis_sentence(decision: Decision, language: str) -> str:
    """The status, never more than provisional, with the routes that led there."""
    routes = ", ".join(words(route, language) for route in decision.diagnosis.routes)
    return words(f"diagnosis_{decision.diagnosis.status}", language) + (f" ({routes})" if routes else "")


def treatment_sentence(decision: Decision, language: str) -> str:
    """The one treatment decision."""
    return words(f"decision_{decision.treatment.decision}", language)


def notes(decision: Decision, wording: Wording) -> list[str]:
    """One line per flag, one for what was not known, one per option that a guard took away."""
    flags = [flag_sentence(flag, wording) for flag in decision.flags]
    gaps = ", ".join(wording.loosely(name) for name in decision.unknown)
    unknown = [f"{label('unknown', wording.language)}: {gaps}"] if gaps else []
    gone = (*decision.treatment.not_offered, *decision.not_proposed)
    return [*flags, *unknown, *(not_offered_sentence(option, wording) for option in gone)]


def flag_sentence(flag: Flag, wording: Wording) -> str:
    """The remark in words, then its name and rules for whoever looks it up."""
    detail = f" ({wording.loosely(flag.detail)})" if flag.detail else ""
    return f"{wording.words(flag.code)}{detail} - {flag.name} {cited(flag.why.rules, wording.language)}"


def not_offered_sentence(gone: NotOffered, wording: Wording) -> str:
    """What is not offered and why not."""
    named = f"{wording.loosely(gone.code)} ({wording.loosely(gone.reason)})"
    return f"{label('not_offered', wording.language)}: {named} {cited(gone.why.rules, wording.language)}"


def rejected_sentences(decision: Decision, language: str) -> list[str]:
    """What was not used, why not, and where it is kept; nothing of another patient's."""
    return [_rejected_sentence(it, language) for it in own(decision.rejected)]


def _rejected_sentence(rejected: Rejected, language: str) -> str:
    site = f" {words(rejected.site, language)}" if rejected.site else ""
    day = f" {label('on', language)} {rejected.on.isoformat()}" if rejected.on else ""
    concerns = rejected.concerns.replace("_", " ")
    said = words(rejected.reason, language, REJECTION)
    return f"{concerns}{site}{day}: {said} - {rejected.reason} {rejected.evidence}".rstrip()
