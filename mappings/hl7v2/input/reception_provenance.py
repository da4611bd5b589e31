"""Where results came from: the message, its sender, and that this program put them on the server."""

from collections.abc import Sequence

from adapter.input.wire_json import Json
from mappings.codes import BASE
from mappings.hl7v2.input.result_changes import ResultChange
from mappings.outbound.content import digest
from mappings.outbound.ids import resource_id
from mappings.outbound.resources.provenance import ASSEMBLER, CREATE, SOFTWARE, UPDATE


def reception_provenance(changes: Sequence[ResultChange], sender: str, control_id: str, now: str) -> Json:
    """The same changes by the same message have the same Provenance."""
    targets = [{"reference": change.location} for change in changes]
    key = f"{sender}|{control_id}|{digest([change.resource for change in changes])}"
    activity = UPDATE if any(change.version for change in changes) else CREATE
    return {
        "resourceType": "Provenance",
        "id": resource_id("Provenance", key),
        "target": targets,
        "recorded": now,
        "activity": {"coding": [activity]},
        "agent": [{"type": {"coding": [ASSEMBLER]}, "who": {"display": SOFTWARE}}],
        "entity": [
            {
                "role": "source",
                "what": {"identifier": {"system": f"{BASE}/sender/{sender}", "value": control_id}},
            }
        ],
    }
