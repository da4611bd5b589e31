"""Operations that were done, by code, with the side of a hip replacement where it is coded."""

from adapter.clinical.model import Certainty, Procedure, Reason, Rejected, Side
from mappings.inbound.densitometry.sites import Contradiction, body_side
from mappings.inbound.medical_history.problem_list import certainty
from mappings.inbound.resources.codings import concept
from mappings.inbound.resources.compartment import Compartment, SourceResource
from mappings.inbound.resources.datatypes import objs
from mappings.inbound.resources.refusals import PROCEDURE
from mappings.valuesets import table

_SIDED = {
    (Procedure.HIP_REPLACEMENT, Side.LEFT): Procedure.HIP_REPLACEMENT_LEFT,
    (Procedure.HIP_REPLACEMENT, Side.RIGHT): Procedure.HIP_REPLACEMENT_RIGHT,
}


def procedures(chart: Compartment) -> tuple[tuple[tuple[Procedure, str], ...], tuple[Rejected, ...]]:
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


def _done(entry: SourceResource) -> bool:
    if entry.body["resourceType"] == "Procedure":
        return entry.body.get("status") == "completed"
    return certainty(entry) is Certainty.CONFIRMED


def _sided(operation: Procedure, entry: SourceResource) -> Procedure:
    try:
        sides = {side for site in objs(entry.body.get("bodySite")) if (side := body_side(site))}
    except Contradiction:
        return operation
    return _SIDED.get((operation, sides.pop()), operation) if len(sides) == 1 else operation
