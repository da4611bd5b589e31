"""What a human is asked about a delivery: one Task per letter and reason, however often it is asked."""

from datetime import datetime

from adapter.errors import Deleted, NotThere
from adapter.input.wire_json import Json
from mappings.codes import PLAN_KEY
from mappings.outbound import resource_id
from workers.delivery.delivery_codes import concept, words
from workers.delivery.message_content import MESSAGE_ID
from workers.delivery.record_server import OwnFhirServer
from workers.ledger.outbox import Delivery


def question_task(entry: Delivery, reason: str, communication: Json, at: datetime) -> Json:
    """The Task about the letter, for the patient of the letter, in a sentence that names nobody."""
    language = str(communication.get("language") or "en")
    moment = at.isoformat(timespec="seconds")
    name = resource_id("Task", f"{entry.message_id}|{reason}")
    content: Json = {
        "resourceType": "Task",
        "id": name,
        "identifier": [
            {"system": PLAN_KEY, "value": name},
            {"system": MESSAGE_ID, "value": entry.message_id},
        ],
        "basedOn": [{"reference": entry.plan}] if entry.plan else [],
        "status": "requested",
        "intent": "proposal",
        "priority": "urgent",
        "code": concept(reason, language),
        "description": words(reason, language),
        "focus": {"reference": f"Communication/{entry.communication}"},
        "for": communication.get("subject"),
        "authoredOn": moment,
        "lastModified": moment,
        "requester": communication.get("sender"),
    }
    return {part: value for part, value in content.items() if value}


def ask_question(
    records: OwnFhirServer, entry: Delivery, reason: str, at: datetime, *, update_create: bool
) -> None:
    """Put the question on the server unless it is there, open or closed; a second call changes nothing."""
    communication = _communication(records, entry)
    task = question_task(entry, reason, communication, at)
    if not update_create:
        unnamed = {part: value for part, value in task.items() if part != "id"}
        records.create_conditional(unnamed, [("identifier", f"{PLAN_KEY}|{task['id']}")])
        return
    try:
        records.read("Task", task["id"])
    except Deleted:
        return  # by somebody who saw it: it was asked
    except NotThere:
        records.update(task)


def _communication(records: OwnFhirServer, entry: Delivery) -> Json:
    try:
        return records.read("Communication", entry.communication)
    except NotThere:
        return {}
