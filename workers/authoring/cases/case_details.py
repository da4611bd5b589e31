"""What came out for a case, as plain data: enough to see why it passed or failed without a debugger."""

from typing_extensions import TypedDict

from adapter.input.wire_json import Json
from workers.authoring.cases.expectations.case_outcome import CaseProposal, task_codes

CaseDetails = TypedDict(
    "CaseDetails",
    {
        "class": str, "deciding": str | None, "study": list[str], "diagnosis": str, "decision": str, "options": list[str],
        "not_offered": list[str], "activities": list[str], "follow_ups": list[str], "flags": list[str],
        "unknown": list[str], "rules": list[str], "plan": bool, "tasks": list[str], "recipients": list[str],
        "refused": dict[str, str], "named": list[str], "used": list[str], "letter": str,
    },
)  # fmt: skip


def details_of(proposal: CaseProposal) -> CaseDetails:
    """The decision, who is asked what, which inputs were used or refused, and the letter."""
    decision = proposal.decision
    deciding = decision.classification.deciding
    return {
        "class": decision.classification.category.value,
        "deciding": f"{deciding.site} {deciding.value} on {deciding.on}" if deciding else None,
        "study": [f"{score.site} {score.value} on {score.on}" for score in decision.classification.study],
        "diagnosis": " ".join((decision.diagnosis.status, *decision.diagnosis.routes)),
        "decision": f"{decision.treatment.decision} by {decision.treatment.basis}",
        "options": [_option_text(option.code, option.waits_for) for option in decision.treatment.options],
        "not_offered": [f"{option.code}: {option.reason}" for option in decision.treatment.not_offered],
        "activities": [activity.code for activity in decision.activities],
        "follow_ups": [follow_up.code for follow_up in decision.follow_ups],
        "flags": [flag.name for flag in decision.flags],
        "unknown": [*decision.unknown],
        "rules": [*decision.rules_fired],
        "plan": proposal.plan is not None,
        "tasks": [code for task in proposal.tasks for code in task_codes(task)],
        "recipients": [
            _recipient_text(recipient)
            for letter in proposal.letters
            for recipient in letter.get("recipient", ())
        ],
        "refused": dict(proposal.refused),
        "named": sorted(proposal.named),
        "used": sorted(proposal.sources),
        "letter": proposal.text,
    }


def _option_text(code: str, waits_for: tuple[str, ...]) -> str:
    return f"{code} after {', '.join(waits_for)}" if waits_for else f"{code}, firm"


def _recipient_text(recipient: Json) -> str:
    return str(recipient.get("reference") or recipient.get("display") or recipient.get("identifier"))
