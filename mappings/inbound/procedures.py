"""Operations that were done, by code, with the side of a hip replacement where it is coded."""

from adapter.clinical.model import Procedure, Reason, Rejected, Side
from mappings.inbound.chart import Chart, Entry
from mappings.inbound.coding import concept
from mappings.inbound.elements import objs
from mappings.inbound.refusals import PROCEDURE
from mappings.inbound.sites import Contradiction, body_side
from mappings.valuesets import table

_SIDED = {
    (Procedure.HIP_REPLACEMENT, Side.LEFT): Procedure.HIP_REPLACEMENT_LEFT,
    (Procedure.HIP_REPLACEMENT, Side.RIGHT): Procedure.HIP_REPLACEMENT_RIGHT,
}


def procedures(chart: Chart) -> tuple[tuple[tuple[Procedure, str], ...], tuple[Rejected, ...]]:
    """Operations with their sources; only completed Procedures, and Conditions that say an organ is gone."""
    found: set[tuple[Procedure, str]] = set()
    rejected: list[Rejected] = []
    for entry in (*chart.of("Procedure"), *chart.of("Condition")):
        names = {n for c in concept(entry.body.get("code")).codes for n in table("procedure").names(c)}
        if not names or not _done(entry):
            continue
        if entry.body.get("modifierExtension"):
            rejected.append(Rejected(Reason.MODIFIER_EXTENSION, PROCEDURE, entry.evidence))
            continue
        found.update((_sided(Procedure(name.replace("-", "_")), entry), entry.evidence) for name in names)
    return tuple(sorted(found)), tuple(rejected)


def _done(entry: Entry) -> bool:
    if entry.body["resourceType"] == "Procedure":
        return entry.body.get("status") == "completed"
    verification = {c.key for c in concept(entry.body.get("verificationStatus")).codes}
    return verification <= {"confirmed", "410605003"}


def _sided(operation: Procedure, entry: Entry) -> Procedure:
    try:
        sides = {side for site in objs(entry.body.get("bodySite")) if (side := body_side(site))}
    except Contradiction:
        return operation
    return _SIDED.get((operation, sides.pop()), operation) if len(sides) == 1 else operation
