"""Small pieces that several resources share: references, evidence, and the sentence of a code."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from adapter.clinical.decision import Decision, Why
from adapter.clinical.model import Reason, Rejected
from adapter.input.wire_json import Json
from mappings.outbound.content import Fragment
from mappings.outbound.draft import Subject, WriteContext
from mappings.outbound.ids import is_local, location_of, version_of
from mappings.outbound.labels import label

KEPT = 1024  # sentences: about goals, and notes

# Details about skin and veil are used by a rule but not passed on (clinical rules, section 8).
SENSITIVE = ("skin", "veil")


def source_reference(versioned: str) -> Json:
    """A source in the version read; its display keeps that where a server strips it (HAPI does)."""
    version = version_of(versioned)
    return {"reference": versioned, **({"display": f"version {version}"} if version else {})}


def patient_reference(subject: Subject) -> Json:
    """The patient, unversioned: the plan is about the person, not about a version of the record."""
    return {"reference": location_of(subject.patient_reference)}


def organization(subject: Subject, context: WriteContext) -> Json | None:
    """The institution: as configured, otherwise the one that manages the patient's record."""
    return context.organization or subject.managing_organization


def evidence(subject: Subject, decision: Decision) -> tuple[str, ...]:
    """The sources that the decision rests on, sorted; all of them where it names none.

    A source that the decision does not cite may change without making a new version of the plan. Inputs that
    were refused are cited too, for a human to look up; what was not read as this patient's is never cited.
    """
    named = set(_scored(decision)).union(*[why.evidence for why in _reasons(decision)])
    foreign = {refusal.evidence for refusal in decision.rejected if refusal.reason is Reason.WRONG_PATIENT}
    refused = {it.evidence for it in own(decision.rejected) if is_local(it.evidence)}
    used = set(subject.sources)
    return tuple(sorted(((named & used) or used) - foreign | refused - foreign))


def rules_of(decision: Decision) -> tuple[str, ...]:
    """Every rule that stands behind an output, sorted."""
    return tuple(sorted(set[str]().union(*[why.rules for why in _reasons(decision)])))


def shown(details: Iterable[tuple[str, str]]) -> str:
    """Details of an output as words, without those that are not passed on."""
    plain = (f"{name.replace('_', ' ')}: {value}" for name, value in details)
    kept = [it for it in plain if not any(word in it for word in SENSITIVE)]
    return f" ({'; '.join(kept)})" if kept else ""


def cited(rules: Iterable[str], language: str) -> str:
    """The rules behind an output, as readers see them."""
    return f"[{label('rules', language)}: {', '.join(rules)}]"


@lru_cache(KEPT)
def sentence(said: str) -> Json:
    """One sentence as an element; many plans say the same ones."""
    return Fragment({"text": said})


def own(rejected: Iterable[Rejected]) -> tuple[Rejected, ...]:
    """Refused inputs that are this patient's own, in a fixed order."""
    kept = (refusal for refusal in rejected if refusal.reason is not Reason.WRONG_PATIENT)
    return tuple(
        sorted(
            kept, key=lambda refusal: (refusal.concerns, refusal.reason, refusal.evidence, str(refusal.on))
        )
    )


def _reasons(decision: Decision) -> list[Why]:
    stated = (
        decision.classification.why,
        decision.diagnosis.why,
        decision.treatment.why,
        decision.handover.why,
    )
    planned = (
        decision.goals,
        decision.activities,
        decision.treatment.options,
        decision.follow_ups,
        decision.flags,
        decision.treatment.not_offered,
        decision.not_proposed,
    )
    return [*stated, *[output.why for outputs in planned for output in outputs]]


def _scored(decision: Decision) -> Iterator[str]:
    deciding = decision.classification.deciding
    scores = (*decision.classification.study, *((deciding,) if deciding else ()))
    return (score.evidence for score in scores)
