"""Who released a plan or a letter, written on the resource: as an extension for programs, a note for people.

What left without a release, because pathway and settings both allow it, says that instead. A resource that
says neither is a proposal and must not leave.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from adapter.input.wire_json import Json
from mappings.handover.release.choice import AS_OFFERED, ReleaseChoice
from mappings.handover.release.release_codes import words
from mappings.outbound.invariants import RELEASED_BY, SENT_FREELY


@dataclass(frozen=True, slots=True)
class Clinician:
    """A person by whose name a letter may go; the role is empty where the directory has none."""

    reference: Json = field(repr=False)
    name: str = field(repr=False)
    role: str = field(repr=False)
    known_as: frozenset[str] = field(default=frozenset(), repr=False, compare=False)  # places and identifiers

    @property
    def signed(self) -> str:
        """The name as it stands under a note."""
        return f"{self.name}, {self.role}" if self.role else self.name


@dataclass(frozen=True, slots=True)
class Release:
    """That a clinician let it go, and when, as an ISO instant."""

    by: Clinician
    at: str
    task: str = ""  # Type/id of the completed Task that stands behind it
    choice: ReleaseChoice = AS_OFFERED

    @property
    def day(self) -> str:
        """The date to print."""
        return self.at[:10]


def released(resource: Json, release: Release, language: str) -> Json:
    """The same resource, saying who released it."""
    by = release.by
    who = {**by.reference, "display": by.name}
    parts = [
        {"url": "who", "valueReference": who},
        *([{"url": "role", "valueString": by.role}] if by.role else ()),
        {"url": "on", "valueDateTime": release.at},
        *([{"url": "task", "valueReference": {"reference": release.task}}] if release.task else ()),
        *({"url": "taken-out", "valueCode": code} for code in release.choice.taken_out),
        *([{"url": "note", "valueString": release.choice.note}] if release.choice.note else ()),
    ]
    author = {"authorString": by.signed, "time": release.at}
    note = {**author, "text": words("released_by", language)}
    own = [{**author, "text": release.choice.note}] if release.choice.note else []
    return _with_mark(resource, {"url": RELEASED_BY, "extension": parts}, [note, *own])


def unreleased(resource: Json) -> Json:
    """The same resource, saying that nobody released it and nobody had to."""
    return _with_mark(resource, {"url": SENT_FREELY, "valueBoolean": True}, [])


def _with_mark(resource: Json, extension: Json, notes: list[Json]) -> Json:
    others = [
        part for part in resource.get("extension", ()) if part.get("url") not in (RELEASED_BY, SENT_FREELY)
    ]
    marked = {**resource, "extension": [*others, extension]}
    return marked | ({"note": [*resource.get("note", ()), *notes]} if notes else {})


def release_of(resource: Json) -> Release | None:
    """Who released it; None for a proposal, and for a mark that names nobody."""
    for extension in resource.get("extension") or ():
        if extension.get("url") == RELEASED_BY:
            parts = extension.get("extension") or ()
            held = {part.get("url"): part for part in parts}
            who = (held.get("who") or {}).get("valueReference") or {}
            at = (held.get("on") or {}).get("valueDateTime")
            name, role = who.get("display"), (held.get("role") or {}).get("valueString")
            if name and isinstance(at, str) and (who.get("reference") or who.get("identifier")):
                task = ((held.get("task") or {}).get("valueReference") or {}).get("reference")
                return Release(
                    Clinician(who, str(name), str(role or "")), at, str(task or ""), _choice(parts)
                )
    return None


def _choice(parts: Sequence[Json]) -> ReleaseChoice:
    gone = tuple(str(part.get("valueCode")) for part in parts if part.get("url") == "taken-out")
    notes = (str(part.get("valueString") or "") for part in parts if part.get("url") == "note")
    return ReleaseChoice(gone, next(notes, ""))


def may_go_unreleased(resource: Json) -> bool:
    """Whether pathway and settings let it go without a release, according to what is written on it."""
    marks = (it for it in resource.get("extension") or () if it.get("url") == SENT_FREELY)
    return any(mark.get("valueBoolean") is True for mark in marks)
