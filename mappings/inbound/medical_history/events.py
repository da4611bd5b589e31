"""What has happened or is planned: our letter that was sent, the telephone appointment, a warning flag."""

from datetime import date

from adapter.clinical.model import Reason, Rejected
from mappings.codes import INTAKE, PLAN_KEY
from mappings.inbound.questionnaire.patient_answers import PatientAnswer
from mappings.inbound.questionnaire.patient_questions import QUESTIONS, AnswerKind
from mappings.inbound.resources.codings import concepts
from mappings.inbound.resources.compartment import Compartment, SourceResource
from mappings.inbound.resources.datatypes import objs, text
from mappings.inbound.resources.dates import first_day
from mappings.inbound.resources.refusals import ANSWER
from mappings.inbound.resources.resource_status import status_unread

_PLANNED = frozenset({"pending", "booked", "arrived", "checked-in", "fulfilled"})
_PHONE = next(q.code for q in QUESTIONS if q.fact == "phone_appointment")
_FLAGS = {q.code: q.fact for q in QUESTIONS if q.answer is AnswerKind.YES_NO}


def letter_sent(chart: Compartment, on: date) -> PatientAnswer | None:
    """The newest of our own Communications that was completed and says when it was sent."""
    sent: list[tuple[date, str]] = []
    for entry in chart.of("Communication"):
        # On servers that give ids of their own only the business identifier tells whose letter it is (ADR 4).
        ours = any(i.get("system") == PLAN_KEY for i in objs(entry.body.get("identifier")))
        day = first_day(entry.body.get("sent"))
        if ours and day and day <= on and entry.body.get("status") == "completed":
            sent.append((day, entry.evidence))
    return PatientAnswer(max(sent)[0], max(sent)[0], max(sent)[1]) if sent else None


def appointment(chart: Compartment) -> PatientAnswer | None:
    """The latest telephone appointment by our service type, past or to come."""
    planned: list[tuple[date, str]] = []
    for entry in chart.of("Appointment"):
        codes = {(c.system, c.key) for kind in concepts(entry.body.get("serviceType")) for c in kind.codes}
        day = first_day(entry.body.get("start"))
        if (INTAKE, _PHONE) in codes and day and text(entry.body.get("status")) in _PLANNED:
            planned.append((day, entry.evidence))
    return PatientAnswer(max(planned)[0], max(planned)[0], max(planned)[1]) if planned else None


def flags(chart: Compartment, on: date) -> tuple[dict[str, PatientAnswer], tuple[Rejected, ...]]:
    """Active Flags with a code of our yes-or-no questions: raised means yes; and those in doubt."""
    raised: dict[str, PatientAnswer] = {}
    refused: list[Rejected] = []
    for entry in chart.of("Flag"):
        for fact in (_FLAGS[key] for key in entry.code.ours if key in _FLAGS):
            if reason := _flag_problem(entry):
                refused.append(Rejected(reason, ANSWER, entry.evidence, about=fact))
            elif entry.body.get("status") == "active":
                raised[fact] = PatientAnswer(True, on, entry.evidence)
    return raised, tuple(refused)


def _flag_problem(entry: SourceResource) -> Reason | None:
    if text(entry.body.get("status")) in {"inactive", "entered-in-error"}:
        return None
    if entry.body.get("modifierExtension"):
        return Reason.MODIFIER_EXTENSION
    return Reason.STATUS_UNUSABLE if status_unread(entry.body) else None
