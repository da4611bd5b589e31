"""Every single measurement of a patient, wherever it is: components, members, reports, contained ones.

A component or a contained Observation takes from its parent what it does not say itself (status,
date, body site). Members and report results are resources of their own and come once; their group
only lends them a date or a body site.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, tzinfo
from enum import StrEnum
from typing import TypeVar

from adapter.clinical.model import Reason, Standing
from adapter.input.wire_json import JsonValue, ReadOnlyJson
from mappings.inbound.resources.codings import Concept, concept_of
from mappings.inbound.resources.compartment import Compartment, SourceResource, contained
from mappings.inbound.resources.datatypes import choice, listed, obj, objs, reference, text
from mappings.inbound.resources.dates import PossibleDays, effective, stated
from mappings.inbound.resources.measurement_kind import MeasurementKind, kind_of

S = TypeVar("S")
Sort = Callable[[MeasurementKind], tuple[S, ...]]  # who reads measurements of a kind
_INHERITED = ("status", "category", "note", "focus", "method", "device", "specimen", "contained")
# What a measurement may be about besides the patient without being somebody else's; a
# relative, a donor or a device is.
_OWN_MATTERS = (
    "Condition",
    "MedicationStatement",
    "MedicationRequest",
    "MedicationAdministration",
    "Procedure",
)
# Seen in samples of a hospital system: status final, value "GEANNULEERD".
_CANCELLED = re.compile("geannuleerd|annulé|cancelled|canceled")


class ObservationStatus(StrEnum):
    """The eight codes of FHIR R4."""

    REGISTERED = "registered"
    PRELIMINARY = "preliminary"
    FINAL = "final"
    AMENDED = "amended"
    CORRECTED = "corrected"
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered-in-error"
    UNKNOWN = "unknown"


_STANDING: Mapping[str, Standing] = {
    ObservationStatus.REGISTERED: Standing.PRELIMINARY,
    ObservationStatus.PRELIMINARY: Standing.PRELIMINARY,
    ObservationStatus.FINAL: Standing.VALID,
    ObservationStatus.AMENDED: Standing.VALID,
    ObservationStatus.CORRECTED: Standing.VALID,
    ObservationStatus.CANCELLED: Standing.WITHDRAWN,
    ObservationStatus.ENTERED_IN_ERROR: Standing.WITHDRAWN,
}


@dataclass(slots=True, eq=False)
class Measurement:
    """One code with one value, and what its report or panel lends it."""

    body: ReadOnlyJson
    code: Concept
    evidence: str
    days: PossibleDays | None  # on which it can have been measured
    value: tuple[str, JsonValue]  # as (type, content)
    standing: Standing | None  # how far to trust it; none: the status says nothing
    categories: frozenset[str]  # the codes of its categories, whatever their systems
    body_site: JsonValue
    grouped: bool  # values sit in its components or members
    groups: tuple[SourceResource, ...]  # the reports and panels that name it
    another_person: bool
    on: date | None  # the first of its days, from which it counts
    issued: bool  # no more is known than the day of typing
    unit: str  # that of its value, without annotations

    def problem(self, on: date) -> Reason | None:
        """Why it cannot be used at all, whatever it measures."""
        body, status = self.body, self.standing
        if body.get("modifierExtension"):
            return Reason.MODIFIER_EXTENSION
        if self.another_person:
            return Reason.ANOTHER_PERSON
        if "focus" in body and _focus_unread(body["focus"]):
            return Reason.UNREADABLE
        if status is Standing.WITHDRAWN:
            return Reason.WITHDRAWN
        if status is None:
            return Reason.STATUS_UNUSABLE
        if self.on is None:
            return Reason.NO_DATE
        return Reason.FUTURE_DATE if self.on > on else None

    def unusable(self, on: date) -> Reason | None:
        """Why it does not count as measured: any problem, or that it, or what names it, is not final."""
        if reason := self.problem(on):
            return reason
        stands = self.standing is Standing.VALID and not (self.groups and self.withdrawn_groups())
        return None if stands else Reason.STATUS_UNUSABLE

    def withdrawn_groups(self) -> list[SourceResource]:
        """The reports and panels that name it and were withdrawn, where no other of their kind names it."""
        withdrawn = [it for it in self.groups if standing(it.body) is Standing.WITHDRAWN]
        kinds = {it.body["resourceType"] for it in self.groups if it not in withdrawn}
        return [it for it in withdrawn if it.body["resourceType"] not in kinds]


def standing(body: ReadOnlyJson) -> Standing | None:
    """What the status of an Observation or DiagnosticReport is worth."""
    return _STANDING.get(text(body.get("status")))


def measurements(
    chart: Compartment, zone: tzinfo | None, sort: Sort[S]
) -> list[tuple[Measurement, tuple[S, ...]]]:
    """All that anybody reads, by reference, each with who reads it."""
    groups, found = _groups(chart), list[tuple[Measurement, tuple[S, ...]]]()
    for entry in chart.of("Observation"):
        above = tuple(groups[entry.location]) if entry.location in groups else ()
        found += _measurements_in(entry, above, chart, zone, sort)
        if "contained" in entry.body:
            found += _contained(entry, chart, zone, sort)
    for report in chart.of("DiagnosticReport"):
        found += _contained(report, chart, zone, sort)
    return found


def days_of(
    body: ReadOnlyJson, groups: Iterable[SourceResource], zone: tzinfo | None
) -> tuple[PossibleDays | None, bool]:
    """By itself, else by the report or panel that names it, else the day it was issued, and if so (C-61)."""
    if days := effective(body, zone):
        return days, False
    # Seen: spine with its own day, hip with the day of issue only, one report: two studies, and the better
    # half decided.
    lent = [days for g in groups if (days := effective(g.body, zone))]
    if lent:
        return max(lent, key=lambda days: (days.last, days.first)), False
    issued = [stated(b.get("issued"), zone) for b in (body, *(g.body for g in groups))]
    return next(filter(None, issued), None), any(issued)


def _groups(chart: Compartment) -> dict[str, list[SourceResource]]:
    """Which reports and panels name a measurement."""
    groups: dict[str, list[SourceResource]] = {}
    for kind, member in (("DiagnosticReport", "result"), ("Observation", "hasMember")):
        for entry in chart.of(kind):
            for link in objs(entry.body[member]) if member in entry.body else ():
                groups.setdefault(reference(link), []).append(entry)
    return {location: _above(named, groups) for location, named in groups.items()}


def _above(named: list[SourceResource], groups: Mapping[str, list[SourceResource]]) -> list[SourceResource]:
    """What names a measurement, and what names that: a report names panels, and these their members."""
    found = list(named)
    for entry in found:
        found += [it for it in groups.get(entry.location, ()) if it not in found]
    return found


def _contained_in(inner: SourceResource, container: SourceResource) -> SourceResource:
    """A contained result cannot be worth more than the withdrawn resource that holds it."""
    if standing(container.body) is Standing.WITHDRAWN or container.body.get("modifierExtension"):
        kept = {k: container.body.get(k) for k in ("status", "modifierExtension")}
        return SourceResource({**inner.body, **kept}, inner.evidence)
    return inner


def _contained(
    outer: SourceResource, chart: Compartment, zone: tzinfo | None, sort: Sort[S]
) -> Iterator[tuple[Measurement, tuple[S, ...]]]:
    for inner in contained(outer, "Observation"):
        subject = reference(inner.body.get("subject"))
        another = bool(subject) and subject not in chart.own
        yield from _measurements_in(_contained_in(inner, outer), (outer,), chart, zone, sort, another=another)


def _measurements_in(
    entry: SourceResource,
    groups: tuple[SourceResource, ...],
    chart: Compartment,
    zone: tzinfo | None,
    sort: Sort[S],
    *,
    another: bool = False,
) -> list[tuple[Measurement, tuple[S, ...]]]:
    """The Observation itself and each of its components, as far as anybody reads them.

    ``another``: its subject is somebody else, as that of a contained one can be.
    """
    body = entry.body
    parts = _parts(body) if "component" in body else []
    site, read = _site(entry, groups), []
    for one, code in ((body, entry.code), *parts):
        value = choice(one, "value")
        kind = kind_of(one, code, value[1], site)
        if readers := sort(kind):
            read.append((one, code, value, kind, readers))
    if not read:
        return []
    days, issued = days_of(body, groups, zone)
    another = another or ("focus" in body and _about_another_person(body["focus"], chart))
    on, found = days.first if days else None, []
    for one, code, value, kind, readers in read:
        whole = one is body
        # Some systems cancel only in words.
        worth = Standing.WITHDRAWN if _says_cancelled(value[1]) else standing(one)
        grouped = whole and bool(parts or ("hasMember" in body and objs(body["hasMember"])))
        above = groups if whole else (*groups, entry)
        result = Measurement(
            one, code, entry.evidence, days, value, worth, kind.categories, site, grouped, above, another,
            on, issued, kind.unit,
        )  # fmt: skip
        found.append((result, readers))
    return found


def _site(entry: SourceResource, groups: tuple[SourceResource, ...]) -> JsonValue:
    """Where it was measured, by itself or by what names it."""
    own = entry.body.get("bodySite")
    if own or not groups:
        return own or None
    return next((held for group in groups if (held := group.body.get("bodySite"))), None)


def _parts(body: ReadOnlyJson) -> list[tuple[ReadOnlyJson, Concept]]:
    """Each component with its code, and with what it does not say itself."""
    shared = {k: body[k] for k in _INHERITED if k in body}
    modified = {"modifierExtension": True} if body.get("modifierExtension") else {}
    return [
        ({**shared, **part, **modified}, concept_of(part.get("code"))) for part in objs(body["component"])
    ]


def _about_another_person(focus: object, chart: Compartment) -> bool:
    """Whether a focus is another person or thing."""
    return any(
        (matter := _matter(link)) and matter not in _OWN_MATTERS and reference(link) not in chart.own
        for link in objs(focus)
    )


def _focus_unread(focus: object) -> bool:
    """Whether it says that it is about something, and nobody can read about what."""
    return any(not _matter(obj(it)) for it in listed(focus))


def _matter(link: ReadOnlyJson) -> str:
    """The type of what a reference means; its words, where its address tells none."""
    return reference(link).rpartition("/")[0].rpartition("/")[2] or text(link.get("display"))


def _says_cancelled(value: object) -> bool:
    """A cancelled order that still arrives as final with the word as its value.

    A note may speak of another day.
    """
    said = value.get("text") if isinstance(value, dict) else value
    return isinstance(said, str) and _CANCELLED.search(said.lower()) is not None
