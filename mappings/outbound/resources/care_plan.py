"""The proposed plan: one CarePlan, draft and proposal, with its goals inside."""

from collections.abc import Sequence

from adapter.clinical.decision import Decision
from adapter.input.wire_json import Json
from mappings.outbound.content import Fragment
from mappings.outbound.draft import Draft, Subject, WriteContext
from mappings.outbound.fingerprint import seal
from mappings.outbound.ids import canonical
from mappings.outbound.resources.activities import plan_steps
from mappings.outbound.resources.citations import (
    evidence,
    organization,
    patient_reference,
    sentence,
    source_reference,
)
from mappings.outbound.resources.goals import contained_goal
from mappings.outbound.resources.narrative import narrative
from mappings.outbound.resources.remarks import judgements, notes
from mappings.outbound.vocabulary import output_concept, words
from mappings.valuesets import coding

CARE_PLAN_CATEGORY = coding("category-care-plan")
CATEGORY = Fragment({"coding": [CARE_PLAN_CATEGORY]})


def care_plan(
    subject: Subject,
    decision: Decision,
    context: WriteContext,
    key: str,
    device: Json,
    requests: Sequence[Draft] | None,
) -> Draft:
    """The plan with its steps, each a detail or, where there are such, a reference to a request.

    It has no ``addresses``: that may only point to Conditions, and we neither write one nor pick one.

    A class by T-score is not a diagnosis (C-11), and a Condition in the record that the plan would seem to
    treat is for a clinician to choose. IHE DCP asks for ``addresses``, so that profile is not claimed.
    """
    language, wording = context.language, context.wording
    patient = patient_reference(subject)
    goals = [contained_goal(goal, index, patient, wording) for index, goal in enumerate(decision.goals)]
    remarks, steps = notes(decision, wording), plan_steps(decision, wording)
    judged = judgements(decision, language)
    content: Json = {
        "resourceType": "CarePlan",
        "language": language,
        "text": narrative(decision, judged, goals, steps, remarks, wording),
        "contained": goals,
        "instantiatesCanonical": [canonical(decision.pathway.id, decision.pathway.version)],
        "status": "draft",
        "intent": "proposal",
        "category": [CATEGORY, output_concept("care_plan_proposal", language)],
        "title": f"{words('care_plan_proposal', language)}: {words(decision.classification.category, language)}",
        "description": ". ".join(judged) + ".",
        "subject": patient,
        "period": _period(decision),
        "created": context.now,
        "author": device,
        "contributor": [it for it in (organization(subject, context),) if it],
        "supportingInfo": [source_reference(it) for it in evidence(subject, decision)],
        "goal": [{"reference": f"#{goal['id']}"} for goal in goals],
        "activity": [step.activity for of_kind in steps for step in of_kind]
        if requests is None
        else [{"reference": {"reference": request.location}} for request in requests],
        "note": [sentence(line) for line in remarks],
        "extension": list(context.extensions),
    }
    return seal({name: value for name, value in content.items() if value}, key)


def _period(decision: Decision) -> Json:
    """From the day of the deciding study: the day of deciding would change the plan every night."""
    days = [score.on for score in decision.classification.study]
    deciding = decision.classification.deciding
    start = deciding.on if deciding else max(days, default=None)
    return {"start": start.isoformat()} if start else {}
