"""The card for a clinician who opens a chart or discharges a patient: class, treatment, questions, plan."""

from collections.abc import Iterable

from adapter.clinical.decision import Category, Decision, TreatmentDecision
from adapter.input.wire_json import Json
from adapter.letter import Line, Texts
from adapter.letter.envelope import urgency
from adapter.letter.letter_core import ask, conclusion, treatment
from adapter.letter.people import People
from mappings.cards.card import Advice, Indicator, plain
from mappings.handover.institution import Institution
from mappings.handover.propose import Proposal

# The clinician's server sets these when it stores a plan that the clinician takes over: ours are not sent.
_OF_A_SERVER = ("id", "meta")


def about_the_patient(proposal: Proposal, institution: Institution) -> tuple[Advice, ...]:
    """One card; none for a record that nobody plans for, and none where a review would write no plan."""
    plan = next((write.draft.resource for write in proposal.writes if _is_plan(write.draft.resource)), None)
    if proposal.not_followed is not None or plan is None:
        return ()
    decision, record, texts = proposal.decision, proposal.reading.record, institution.texts
    people = People(decision.on.isoformat(), organisation=institution.organization_name)
    said = conclusion(decision, record, texts).lines
    proposed = treatment(decision, record, people, texts).lines
    asked = ask(decision, record, people, texts).lines
    rules = dict.fromkeys((*decision.classification.why.rules, *decision.treatment.why.rules))
    return (
        Advice(
            summary=said[0].text,
            detail="\n\n".join(filter(None, (_list(said), _list(proposed), _list(asked), _note(texts)))),
            indicator=_indicator(decision),
            rules=tuple(rules),
            plan=_taken_over(plan),
        ),
    )


def _taken_over(plan: Json) -> Json:
    """The plan for another writer: it names its author without a reference, as our Device is not there."""
    author = {"type": "Device", "display": "osteo-handover"}
    return {key: value for key, value in plan.items() if key not in _OF_A_SERVER} | {"author": author}


def _is_plan(resource: Json) -> bool:
    return resource["resourceType"] == "CarePlan" and resource.get("status") == "draft"


def _list(lines: Iterable[Line]) -> str:
    return "\n".join(f"- {plain(line.text)}" for line in lines if line.text)


def _note(texts: Texts) -> str:
    return texts.say("status.proposed")


def _indicator(decision: Decision) -> Indicator:
    """Never plain information where something is low, doubtful, unknown or to be decided."""
    if urgency(decision) == "now":
        return Indicator.CRITICAL
    found, choice = decision.classification, decision.treatment.decision
    quiet = found.category is Category.NORMAL and not found.doubts and choice is TreatmentDecision.NONE
    return Indicator.INFO if quiet else Indicator.WARNING
