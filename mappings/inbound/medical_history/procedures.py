"""Operations that were done, by code, with the side of a hip replacement where it is known.

A hip prosthesis counts by code or in words, from a Procedure, a Condition or a Device: it only ever asks
whether the measured hip is the natural one, and it must not be missed for want of a code. Without a side it
may be either hip. A Device without a patient counts only by the Procedure that used it. Metal in the lumbar
spine counts in the same ways.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

from adapter.clinical.kinds import HIP_SITES
from adapter.clinical.model import Procedure, Reason, Rejected, Side
from mappings.inbound.densitometry import words
from mappings.inbound.densitometry.sites import Contradiction, side_of
from mappings.inbound.medical_history.screening import speaks_of_stomach_surgery, words_of
from mappings.inbound.resources.codings import CONCEPTS, NOTHING_SAID, Concept, concept_of, meanings
from mappings.inbound.resources.compartment import Compartment, SourceResource
from mappings.inbound.resources.datatypes import objs, text
from mappings.inbound.resources.implants import Implant, put_in
from mappings.inbound.resources.problem_state import state_of
from mappings.inbound.resources.refusals import PROCEDURE
from mappings.inbound.resources.resource_status import status_unread

_NOT_DONE = frozenset({"preparation", "in-progress", "not-done", "entered-in-error"})
_NEVER = _NOT_DONE - {"in-progress"}
_NOT_THERE = frozenset({"inactive", "entered-in-error"})
_HIP_SITES = {site.value.replace("_", "-") for site in HIP_SITES}
_SIDED = {
    (Procedure.HIP_REPLACEMENT, Side.LEFT): Procedure.HIP_REPLACEMENT_LEFT,
    (Procedure.HIP_REPLACEMENT, Side.RIGHT): Procedure.HIP_REPLACEMENT_RIGHT,
}


@dataclass(frozen=True, eq=False)
class _Told:
    """What an entry says of an operation by code and in words."""

    own: Concept  # what it is: the code, of a Device the type
    said: tuple[Concept, ...]  # code, type and body sites
    sites: tuple[Concept, ...]
    used: Implant

    @cached_property
    def label(self) -> str:
        """All words of code and body sites, and of what was used."""
        return " ".join([*(it.label for it in self.said), self.used.label])

    @cached_property
    def names(self) -> frozenset[str]:
        """The operations that it names."""
        said = (self.own, *self.used.said)
        if names := frozenset(name for concept in said for name in concept.names("procedure")):
            return names
        label = " ".join(concept.label for concept in said)
        placed = words.names_prosthesis(label) and _at_hip(self)
        if placed or words.names_hip_prosthesis(label):
            return frozenset({Procedure.HIP_REPLACEMENT.value})
        metal = words.names_lumbar_metal(self.label)
        return frozenset({Procedure.LUMBAR_FIXATION.value} if metal else ())


def procedures(chart: Compartment) -> tuple[tuple[tuple[Procedure, str], ...], tuple[Rejected, ...]]:
    """Operations with sources: Procedures done, Devices, Conditions that say an organ is gone."""
    found: set[tuple[Procedure, str]] = set()
    rejected: list[Rejected] = []
    devices = [entry for entry in chart.of("Device") if "patient" in entry.body]
    for entry in (*chart.of("Procedure"), *chart.of("Condition"), *devices):
        told = _told(entry, chart)
        if not told.names:
            reason = _unreadable(entry, told)
            if reason and _may_be(entry):
                rejected.append(Rejected(reason, PROCEDURE, entry.evidence))
            continue
        if not _happened(entry):
            continue
        if entry.body.get("modifierExtension"):
            rejected.append(Rejected(Reason.MODIFIER_EXTENSION, PROCEDURE, entry.evidence))
            continue
        if entry.body["resourceType"] != "Condition" and status_unread(entry.body):
            rejected.append(Rejected(Reason.STATUS_UNUSABLE, PROCEDURE, entry.evidence))
        found.update(
            (_sided(Procedure(name.replace("-", "_")), entry, told), entry.evidence) for name in told.names
        )
    return tuple(sorted(found)), tuple(rejected)


def _told(entry: SourceResource, chart: Compartment) -> _Told:
    body = entry.body
    kind = concept_of(body["type"]) if "type" in body else NOTHING_SAID
    sites = tuple([concept_of(site) for site in objs(body["bodySite"])]) if "bodySite" in body else ()
    own = kind if body["resourceType"] == "Device" else entry.code
    return _told_by(own, (entry.code, kind, *sites), sites, put_in(entry, chart))


# What says the same is one, and what follows from it is found once.
_told_by = lru_cache(CONCEPTS)(_Told)


def _at_hip(told: _Told) -> bool:
    """By its words, unless they are of a knee or a vessel, or by its coded body site."""
    coded = {name for site in told.sites for name in meanings(site, "body-sites")}
    worded = words.site(told.label) in HIP_SITES and not words.names_knee_or_vessel(told.label)
    return worded or not coded.isdisjoint(_HIP_SITES)


def _unreadable(entry: SourceResource, told: _Told) -> Reason | None:
    """Why a rule may act on a Procedure or a Device; not with another name, nor a Device without a type.

    An operation of the hip with a device that is not there may have been a prosthesis, whatever it is called.
    """
    if entry.body["resourceType"] == "Condition":
        return None
    if told.used.missing and _at_hip(told):
        return Reason.MEMBER_MISSING
    device, said = entry.body["resourceType"] == "Device", told.own
    if said.names("condition") or said.names("medicine") or (device and not entry.body.get("type")):
        return None
    if named := words_of(said):
        return Reason.UNCODED if speaks_of_stomach_surgery(named) and not device else None
    return Reason.UNKNOWN_CODE if said.coded or said.written else Reason.UNCODED


def _may_be(entry: SourceResource) -> bool:
    """Whether it was, is or may have been done; an ongoing one may be a treatment that tells of a disease."""
    match entry.body["resourceType"]:
        case "Procedure":
            return text(entry.body.get("status")) not in _NEVER
        case _:
            return _happened(entry)


def _happened(entry: SourceResource) -> bool:
    """Whether it happened as far as anybody says; what is unknown is not taken as not done."""
    match entry.body["resourceType"]:
        case "Procedure":
            return text(entry.body.get("status")) not in _NOT_DONE
        case "Device":
            return text(entry.body.get("status")) not in _NOT_THERE
        case _:
            return not state_of(entry).never


def _sided(operation: Procedure, entry: SourceResource, told: _Told) -> Procedure:
    try:
        sides = {side for site in objs(entry.body.get("bodySite")) if (side := side_of(site))}
    except Contradiction:
        return operation
    sides = sides or {side for side in (words.side(told.label),) if side}
    return _SIDED.get((operation, sides.pop()), operation) if len(sides) == 1 else operation
