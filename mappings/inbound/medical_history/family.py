"""What is known of relatives' bones, one entry per relative and finding."""

from adapter.clinical.model import Reason, Rejected, Relative
from mappings.inbound.resources.codings import concept, within
from mappings.inbound.resources.compartment import Compartment, SourceResource
from mappings.inbound.resources.datatypes import objs, text
from mappings.inbound.resources.refusals import RELATIVE
from mappings.inbound.resources.resource_status import status_unread
from mappings.valuesets import table

_STATUSES = frozenset({"completed", "partial"})


def relatives(chart: Compartment) -> tuple[tuple[tuple[Relative, str], ...], tuple[Rejected, ...]]:
    """Findings with their sources. A hip fracture counts only of a parent, as FRAX and the pathways ask for it."""
    found: list[tuple[Relative, str]] = []
    rejected: list[Rejected] = []
    for entry in chart.of("FamilyMemberHistory"):
        if entry.body.get("modifierExtension"):
            rejected.append(Rejected(Reason.MODIFIER_EXTENSION, RELATIVE, entry.evidence))
        elif status_unread(entry.body):
            rejected.append(Rejected(Reason.STATUS_UNUSABLE, RELATIVE, entry.evidence))
        elif text(entry.body.get("status")) in _STATUSES:
            found.extend((relative, entry.evidence) for relative in sorted(_findings(entry)))
    return tuple(found), tuple(rejected)


def _findings(entry: SourceResource) -> set[Relative]:
    codes = [c for finding in objs(entry.body.get("condition")) for c in concept(finding.get("code")).codes]
    found = {Relative.OSTEOPOROSIS for c in codes if "osteoporosis" in table("condition").names(c)}
    if within(entry.body.get("relationship"), "relative-parent") and any(
        "hip" in table("fracture").names(c) for c in codes
    ):
        found.add(Relative.HIP_FRACTURE)
    return found
