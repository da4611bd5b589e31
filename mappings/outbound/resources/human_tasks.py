"""The Tasks for humans: one per reason, and the table of what calls for which Task."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from adapter.clinical.decision import Category, Decision
from adapter.clinical.model import Reason, Rejected
from adapter.input.wire_json import Json
from mappings.codes import PLAN_KEY, REJECTION
from mappings.outbound.draft import Draft, Subject, WriteContext
from mappings.outbound.fingerprint import seal
from mappings.outbound.ids import is_local, resource_id
from mappings.outbound.resources.citations import organization, own, patient_reference, source_reference
from mappings.outbound.resources.communications import priority
from mappings.outbound.vocabulary import output_concept, words

CLARIFY = "dxa_result_clarification"
CONFLICTS = frozenset({"duplicate_conflict", "sign_suspect"})


class TaskReason(StrEnum):
    """What calls for a Task as soon as a plan is drawn: its code in our own system, and a part of its key."""

    CANNOT_CLASSIFY = "cannot_classify"
    CONFLICTING_DATA = "conflicting_data"
    INPUT_NEEDS_HUMAN = "input_needs_human"
    NO_GENERAL_PRACTITIONER = "no_general_practitioner"
    FOREIGN_DATA_SEEN = "foreign_data_seen"


Ask = Callable[[Subject, Decision, WriteContext], bool]


@dataclass(frozen=True, slots=True)
class TaskTemplate:
    """Everything that the Tasks about one plan have in common."""

    subject: Subject
    decision: Decision
    context: WriteContext
    key: str
    device: Json
    plan: Json | None

    def task(self, reason: str, inputs: Iterable[Json] = ()) -> Draft:
        """A requested proposal to look at something, in a sentence that identifies nobody."""
        return seal(self._content(reason, inputs), self._key(reason))

    def question(self, reason: str) -> Draft:
        """The same to make such a Task of, once there is something to ask: sealing gives it a name."""
        return Draft(self._content(reason, ()) | {"id": "", "identifier": []}, self._key(reason), "")

    def _key(self, reason: str) -> str:
        return f"{self.key}|task|{reason}"

    def _content(self, reason: str, inputs: Iterable[Json]) -> Json:
        language = self.context.language
        content: Json = {
            "resourceType": "Task",
            "groupIdentifier": {"system": PLAN_KEY, "value": resource_id("CarePlan", self.key)},
            "status": "requested",
            "intent": "proposal",
            "priority": priority(self.decision),
            "code": output_concept(reason, language),
            "description": words(reason, language),
            "focus": self.plan,
            "for": patient_reference(self.subject),
            "authoredOn": self.context.now,
            "lastModified": self.context.now,
            "requester": self.device,
            "owner": organization(self.subject, self.context),
            "input": list(inputs),
        }
        return {name: value for name, value in content.items() if value}


def tasks(template: TaskTemplate, odd: Iterable[Draft] = ()) -> tuple[Draft, ...]:
    """The Tasks that this decision needs, in table order; the last is about drafts that may not leave."""
    asked = (
        template.task(reason, _inputs(reason, template))
        for reason, asks in REASONS.items()
        if asks(template.subject, template.decision, template.context)
    )
    sound, refused = apart(asked)
    if not (refused := (*odd, *refused)):
        return sound
    return (*sound, template.task("draft_not_written", _why_not(refused, template.context.language)))


def apart(drafts: Iterable[Draft]) -> tuple[tuple[Draft, ...], tuple[Draft, ...]]:
    """Drafts that may leave, and those that an odd element of the record keeps back, one by one."""
    held = tuple(drafts)
    odd = tuple(it for it in held if it.obstacles)
    return tuple(it for it in held if it not in odd), odd


def _why_not(refused: Iterable[Draft], language: str) -> list[Json]:
    """Types, rules and element paths; no values."""
    kind = output_concept("rule_broken", language)
    found = dict.fromkeys(f"{refusal.type}: {rule}" for refusal in refused for rule in refusal.obstacles)
    return [{"type": kind, "valueString": it} for it in found]


def cannot_classify(_subject: Subject, decision: Decision, _context: WriteContext) -> bool:
    """Whether a T-score is unreadable or doubtful, or classes do not apply; a missing one is no doubt."""
    doubtful = bool(own(decision.rejected)) or any(
        activity.code == CLARIFY for activity in decision.activities
    )
    match decision.classification.category:
        case Category.NOT_CLASSIFIABLE:
            return True
        case Category.INDETERMINATE:
            return doubtful
        case Category.NORMAL | Category.OSTEOPENIA | Category.OSTEOPOROSIS:
            return False
        case unreachable:
            assert_never(unreachable)


def conflicting_data(subject: Subject, decision: Decision, context: WriteContext) -> bool:
    """A result that a human has to clear up, a doubtful sign, or codes that contradict each other."""
    refused = (*decision.rejected, *subject.needs_human)
    if any(activity.code == CLARIFY for activity in decision.activities) and not cannot_classify(
        subject, decision, context
    ):
        return True
    return any(flag.code in CONFLICTS for flag in decision.flags) or any(
        refusal.reason is Reason.CODES_DISAGREE for refusal in refused
    )


# Every one, in the order in which the Tasks stand.
REASONS: dict[TaskReason, Ask] = {
    TaskReason.CANNOT_CLASSIFY: lambda subject, decision, context: (
        decision.warranted and cannot_classify(subject, decision, context)
    ),
    TaskReason.CONFLICTING_DATA: conflicting_data,
    TaskReason.INPUT_NEEDS_HUMAN: lambda subject, _decision, _context: bool(own(subject.needs_human)),
    TaskReason.NO_GENERAL_PRACTITIONER: lambda _subject, decision, context: (
        decision.warranted and not context.gp
    ),
    TaskReason.FOREIGN_DATA_SEEN: lambda subject, _decision, _context: subject.foreign > 0,
}


def _inputs(reason: TaskReason, template: TaskTemplate) -> list[Json]:
    match reason:
        case TaskReason.CANNOT_CLASSIFY:
            return _refusal_inputs(template.decision.rejected, template)
        case TaskReason.INPUT_NEEDS_HUMAN:
            return _refusal_inputs(template.subject.needs_human, template)
        case TaskReason.CONFLICTING_DATA:
            refused = (*template.decision.rejected, *template.subject.needs_human)
            codes_disagree = {refusal for refusal in refused if refusal.reason is Reason.CODES_DISAGREE}
            return [*_flags(template), *_refusal_inputs(codes_disagree, template)]
        case TaskReason.NO_GENERAL_PRACTITIONER | TaskReason.FOREIGN_DATA_SEEN:
            return []  # the sentence of the Task says it all
        case unreachable:
            assert_never(unreachable)


def _flags(template: TaskTemplate) -> list[Json]:
    language = template.context.language
    seen = sorted({flag.code for flag in template.decision.flags} & CONFLICTS)
    return [
        {
            "type": output_concept("flag_seen", language),
            "valueCodeableConcept": output_concept(code, language),
        }
        for code in seen
    ]


def _refusal_inputs(refused: Iterable[Rejected], template: TaskTemplate) -> list[Json]:
    """Why it was refused as the type; where it is kept, or what it would have been, as the value."""
    return [
        {"type": output_concept(it.reason, template.context.language, REJECTION), **_place_of(it)}
        for it in own(refused)
    ]


def _place_of(rejected: Rejected) -> Json:
    if is_local(rejected.evidence):
        return {"valueReference": source_reference(rejected.evidence)}
    return {"valueString": rejected.concerns}
