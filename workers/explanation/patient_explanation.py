"""The explanation of one patient, made of what would be proposed now.

Holds patient data and is meant to be shown to whoever asked for this patient;
nothing of it is logged or kept.
"""

from collections.abc import Iterator, Sequence

from adapter.clinical.decision import Decision, Why
from adapter.clinical.pathway.pathway import Pathway
from adapter.clinical.pathway.rules import Rule
from adapter.input.wire_json import Json
from mappings.handover.patient_record import PatientRecord
from mappings.handover.propose import Proposal
from mappings.handover.release.signature import Release
from mappings.pathways.description import citations
from mappings.stored_decision import StoredDecision
from workers.explanation.explanation_output import (
    CitedRule,
    DecidingScore,
    Explanation,
    NobodyFollowed,
    ReasonOutput,
    ReleasedOutput,
    WriteOutput,
)
from workers.queue.runtime import Runtime
from workers.review.write import outcome_code

STANDING = frozenset({"in-progress", "completed"})  # of letters that are on their way or were brought


def read_proposal(runtime: Runtime, patient: str) -> Proposal:
    """What would be proposed now; writes nothing. Raises RecordFault when there is no such patient."""
    proposal, _ = runtime.proposal_of(patient)
    return proposal


def released_letters(found: PatientRecord) -> list[ReleasedOutput]:
    """The released letters on the server, the oldest first: they say what was chosen."""
    held = (
        (name, resource, found.release_of(resource))
        for name, resource in sorted(found.existing.items())
        if _is_letter(resource)
    )
    rows = [_released_letter(name, letter, release) for name, letter, release in held if release]
    return sorted(rows, key=lambda row: row["on"])


def _is_letter(resource: Json) -> bool:
    return resource["resourceType"] == "Communication" and resource.get("status") in STANDING


def _released_letter(name: str, letter: Json, release: Release) -> ReleasedOutput:
    texts = [part.get("contentString") or "" for part in letter.get("payload") or ()]
    return {
        "letter": name,
        "on": release.day,
        "by": release.by.signed,
        "taken_out": [*release.choice.taken_out],
        "text": next(filter(None, texts), ""),
    }


def stored_decision_of(runtime: Runtime, proposal: Proposal) -> StoredDecision:
    """The decision with its inputs, as it is kept on file and replayed."""
    decision, settings = proposal.decision, runtime.settings
    return StoredDecision(
        settings.pathway, decision.on, proposal.reading.record, decision, settings.pathway_params
    )


def explanation_of(
    proposal: Proposal, pathway: Pathway, before: Sequence[ReleasedOutput] = ()
) -> Explanation:
    """The explanation of a proposal; ``before`` was released, and today's proposal does not change it."""
    decision = proposal.decision
    if proposal.not_followed:
        return _not_followed(proposal)
    return {
        "patient": proposal.patient,
        "outcome": outcome_code(proposal).value,
        "pathway": {
            "id": decision.pathway.id,
            "version": decision.pathway.version,
            "title": decision.pathway.title,
        },
        "on": decision.on.isoformat(),
        "age": decision.age,
        "class": decision.classification.category.value,
        "deciding": _deciding_score(decision),
        "diagnosis": {"status": decision.diagnosis.status.value, "routes": [*decision.diagnosis.routes]},
        "treatment": {"decision": decision.treatment.decision.value, "basis": decision.treatment.basis},
        "reasons": [_reason_output(name, why, pathway) for name, why in _outputs(decision)],
        "not_proposed": [
            _reason_output(f"{option.code}: {option.reason}", option.why, pathway)
            for option in (*decision.treatment.not_offered, *decision.not_proposed)
        ],
        "unknown": [*decision.unknown],
        "rejected": [
            {"reason": rejected.reason.value, "concerns": rejected.concerns, "evidence": rejected.evidence}
            for rejected in decision.rejected
        ],
        "writes": _write_outputs(proposal),
        "letters": [*proposal.letters],
        "released": [*before],
    }


def _not_followed(proposal: Proposal) -> NobodyFollowed:
    """No class and no option: whoever reads them might act on them."""
    return {
        "patient": proposal.patient,
        "outcome": outcome_code(proposal).value,
        "on": proposal.decision.on.isoformat(),
        "writes": _write_outputs(proposal),
        "letters": [],
    }


def _write_outputs(proposal: Proposal) -> list[WriteOutput]:
    return [{"action": write.action.value, "resource": write.location} for write in proposal.writes]


def _deciding_score(decision: Decision) -> DecidingScore | None:
    score = decision.classification.deciding
    if score is None:
        return None
    return {
        "site": score.site.value,
        "side": score.side.value if score.side else None,
        "t_score": str(score.value),
        "on": score.on.isoformat(),
        "site_assumed": score.site_assumed,
        "evidence": score.evidence,
    }


def _outputs(decision: Decision) -> Iterator[tuple[str, Why]]:
    yield f"class {decision.classification.category}", decision.classification.why
    yield f"diagnosis {decision.diagnosis.status}", decision.diagnosis.why
    yield f"treatment {decision.treatment.decision}", decision.treatment.why
    yield from ((f"option {option.code}", option.why) for option in decision.treatment.options)
    yield from ((f"goal {goal.code}", goal.why) for goal in decision.goals)
    yield from ((f"activity {activity.code}", activity.why) for activity in decision.activities)
    yield from ((f"follow-up {follow_up.code}", follow_up.why) for follow_up in decision.follow_ups)
    yield from ((f"flag {flag.name}", flag.why) for flag in decision.flags)
    yield f"handover to {decision.handover.recipient}", decision.handover.why


def _reason_output(output: str, why: Why, pathway: Pathway) -> ReasonOutput:
    known = {rule.id: rule for rule in pathway.rules}
    return {
        "output": output,
        "rules": [_cited_rule(rule, known.get(rule)) for rule in why.rules],
        "evidence": [*why.evidence],
    }


def _cited_rule(name: str, rule: Rule | None) -> CitedRule:
    if rule is None:
        return {"id": name}
    return {
        "id": name,
        "says": rule.says,
        "cite": [*citations(rule)],
    }
