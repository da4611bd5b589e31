"""DXA scans that were made, as a Procedure or an ImagingStudy tells, which hold no number.

A study whose name or machine nobody can read may be a DXA; a study that says nothing of itself is none.
"""

from adapter.input.wire_json import ReadOnlyJson
from mappings.inbound.densitometry import words
from mappings.inbound.resources.codings import concept_of, concepts, resembles, says_nothing, within
from mappings.inbound.resources.compartment import SourceResource
from mappings.inbound.resources.datatypes import has_letter_or_digit, listed, obj, text

_NOT_MADE = frozenset(
    {"preparation", "in-progress", "not-done", "on-hold", "stopped", "cancelled", "entered-in-error"}
)


def is_scan(entry: SourceResource) -> bool:
    """Whether it is a DXA of bone density, and was made as far as anybody says."""
    if text(entry.body.get("status")) in _NOT_MADE:
        return False
    if entry.body["resourceType"] == "ImagingStudy":
        return _is_dxa_study(entry.body)
    return resembles(entry.code, "report") or words.label_names_density(entry.code.label)


def _is_dxa_study(body: ReadOnlyJson) -> bool:
    """By its procedure, its name or the kind of its machine, of which a DXA measures other things too."""
    done = concepts(body.get("procedureCode"))
    label = " ".join((text(body.get("description")), *(procedure.label for procedure in done)))
    if words.label_names_density(label) or any(resembles(procedure, "report") for procedure in done):
        return True
    machine = any(within({"coding": [it]}, "modality-dxa") for it in listed(body.get("modality")))
    return (machine and not words.names_another_matter(label)) or _is_unread(body, label)


def _is_unread(body: ReadOnlyJson, label: str) -> bool:
    description = body.get("description")
    lost = description is not None and not has_letter_or_digit(description)
    machines = [] if has_letter_or_digit(label) else listed(body.get("modality"))
    return (
        lost
        or any(map(_says_nothing_readable, listed(body.get("procedureCode"))))
        or not all(text(obj(machine).get("code")) for machine in machines)
    )


def _says_nothing_readable(held: object) -> bool:
    said = concept_of(held)
    return not says_nothing(held) and not said.written and not has_letter_or_digit(said.label)
