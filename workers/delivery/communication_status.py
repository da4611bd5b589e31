"""What Communication.status may say after a delivery: never more than a transport has confirmed.

| outcome              | status       | also                                                    |
| -------------------- | ------------ | ------------------------------------------------------- |
| sent                 | in-progress  |                                                         |
| received, duplicate  | completed    | `sent` and `received`                                   |
| transient            | as it was    |                                                         |
| refused              | not-done     | `statusReason`                                          |

A confirmed delivery is never taken back by a later failure, and what a human stopped stays stopped.
"""

from datetime import datetime
from typing import assert_never

from adapter.errors import NotThere, VersionConflict
from adapter.input.wire_json import Json, ReadOnlyJson
from mappings.outbound.fingerprint import carried
from mappings.valuesets import concept_map
from workers.delivery.delivery_codes import concept
from workers.delivery.message import Receipt, SendOutcome
from workers.delivery.message_content import MESSAGE_ID
from workers.delivery.record_server import OwnFhirServer, version_of

_TRIES = 3
_UNDERWAY = frozenset({"preparation", "in-progress", "unknown"})
_REASONS = {
    "no-endpoint": "no_endpoint",
    "endpoint-not-trusted": "endpoint_not_trusted",
    "too-large": "too_large",
    "gave-up": "gave_up",
}
_OTHER = "refused_by_receiver"


def communication_after(communication: ReadOnlyJson, receipt: Receipt, at: datetime) -> Json | None:
    """The Communication as it must be now, or None when it says so already.

    `at` is when the receipt came. Pure.
    """
    status = communication.get("status")
    moment = at.isoformat(timespec="seconds")
    match receipt.outcome:
        case SendOutcome.TRANSIENT:
            return None
        case SendOutcome.SENT:
            # A released letter is under way already; the id of the message says that a transport has it.
            known = carried(communication, MESSAGE_ID) is not None
            open_still = status in ("preparation", "unknown") or (status == "in-progress" and not known)
            return {**communication, "status": "in-progress"} if open_still else None
        case SendOutcome.RECEIVED | SendOutcome.DUPLICATE:
            if status not in _UNDERWAY | {"completed", "not-done"} or communication.get("received"):
                return None
            told = {name: value for name, value in communication.items() if name != "statusReason"}
            sent = communication.get("sent") or moment
            return {**told, "status": "completed", "sent": sent, "received": moment}
        case SendOutcome.REFUSED:
            if status not in _UNDERWAY:
                return None
            language = str(communication.get("language") or "en")
            return {**communication, "status": "not-done", "statusReason": status_reason(receipt, language)}
        case unreachable:
            assert_never(unreachable)


def status_reason(receipt: Receipt, language: str) -> Json:
    """Why it was not delivered: HL7's word for it and ours."""
    reason = concept(_REASONS.get(receipt.reason, _OTHER), language)
    (own_coding,) = reason["coding"]
    standard = concept_map("undelivered-reasons")[own_coding["system"], own_coding["code"]]
    return {**reason, "coding": [standard.coding, own_coding]}


def write_status(
    records: OwnFhirServer, communication_id: str, message_id: str, receipt: Receipt, at: datetime
) -> None:
    """Write the status by If-Match, reading again if somebody else wrote; a second call does nothing.

    A Communication that is gone needs no status. Raises TryAgainLater when others keep writing.
    """
    for attempt in range(_TRIES):
        try:
            current = records.read("Communication", communication_id)
        except NotThere:
            return
        if (after := communication_after(current, receipt, at)) is None:
            return
        try:
            records.update(_with_message_id(after, message_id), if_match=version_of(current))
        except VersionConflict:
            if attempt == _TRIES - 1:
                raise
        else:
            return


def _with_message_id(communication: Json, message_id: str) -> Json:
    """With the id of the message, so that whoever answers to it can be understood."""
    other_identifiers = [
        identifier
        for identifier in communication.get("identifier") or ()
        if identifier.get("system") != MESSAGE_ID
    ]
    return {**communication, "identifier": [*other_identifiers, {"system": MESSAGE_ID, "value": message_id}]}
