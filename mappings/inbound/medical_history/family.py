"""What is known of relatives' bones, one entry per relative and finding."""

from adapter.clinical.model import Reason, Rejected, Relative
from mappings.inbound.medical_history.screening import speaks_of_fracture, words_of
from mappings.inbound.resources.codings import Concept, concept_of, within
from mappings.inbound.resources.compartment import Compartment, SourceResource
from mappings.inbound.resources.datatypes import objs, text
from mappings.inbound.resources.plain_words import plain
from mappings.inbound.resources.refusals import RELATIVE
from mappings.inbound.resources.resource_status import status_unread

# R4 `partial`: not all is known of the relative, but what is there was said.
_STATUSES = frozenset({"completed", "partial"})


def relatives(chart: Compartment) -> tuple[tuple[tuple[Relative, str], ...], tuple[Rejected, ...]]:
    """Findings with their sources.

    A hip fracture counts only of a parent, as FRAX and the pathways ask for it.
    """
    found: list[tuple[Relative, str]] = []
    rejected: list[Rejected] = []
    for entry in chart.of("FamilyMemberHistory"):
        if entry.body.get("modifierExtension"):
            rejected.append(Rejected(Reason.MODIFIER_EXTENSION, RELATIVE, entry.evidence))
        elif status_unread(entry.body):
            rejected.append(Rejected(Reason.STATUS_UNUSABLE, RELATIVE, entry.evidence))
        elif text(entry.body.get("status")) in _STATUSES:
            found.extend((relative, entry.evidence) for relative in sorted(_findings(entry)))
            if any(map(_in_words, _conditions(entry))):
                rejected.append(Rejected(Reason.UNCODED, RELATIVE, entry.evidence))
    return tuple(found), tuple(rejected)


def _findings(entry: SourceResource) -> set[Relative]:
    findings = _conditions(entry)
    found = {Relative.OSTEOPOROSIS for said in findings if "osteoporosis" in said.names("condition")}
    of_parent = within(entry.body.get("relationship"), "relative-parent")
    if of_parent and any("hip" in said.names("fracture") for said in findings):
        found.add(Relative.HIP_FRACTURE)
    return found


def _conditions(entry: SourceResource) -> list[Concept]:
    return [concept_of(finding.get("code")) for finding in objs(entry.body.get("condition"))]


def _in_words(said: Concept) -> bool:
    """Whether only its words tell of a broken or a brittle bone."""
    if said.names("condition") or said.names("fracture"):
        return False
    words = words_of(said)
    return speaks_of_fracture(words) or "osteopor" in plain(words)
