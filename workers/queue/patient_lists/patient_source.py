"""The patients to look at where a list says so and not the server's search: a file, a Group, or an export.

Many hospitals answer no search that does not name a patient. The sweep then walks through a list, with
searches that name those on it; who comes new to the list is looked at at once.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from adapter.errors import ConfigurationFault
from adapter.input.fhir_id import PATTERN as FHIR_ID
from adapter.input.input_files import text_of
from adapter.input.wire_json import Json
from workers.review.batches import batches
from workers.review.references import target

_LINE = re.compile(rf"(?:Patient/)?({FHIR_ID})")


@dataclass(frozen=True, slots=True)
class PatientList:
    """Whom to look at, in order and each once; with `ids` None ask again after `wait` seconds."""

    ids: tuple[str, ...] | None
    notes: tuple[str, ...] = ()
    wait: float = 0.0

    @property
    def digest(self) -> str:
        """Says whether it is the same list as before."""
        return hashlib.sha256("\n".join(self.ids or ()).encode()).hexdigest()[:16]

    def by_some(self, name: str, size: int) -> Iterator[tuple[str, str]]:
        """A search parameter of this name for so many of them at a time."""
        return ((name, ",".join(some)) for some in batches(self.ids or (), size))

    def lacking(self, found: int) -> tuple[str, ...]:
        """A note on those whom the server does not have."""
        listed = len(self.ids or ())
        missing = listed - found
        return (f"patients on the list: {listed}; not on this server: {missing}",) if missing > 0 else ()


class PatientSource(Protocol):
    """Something that knows whom to look at."""

    def listed(self, *, at_any_hour: bool = False) -> PatientList:
        """As it is now. What makes a list anew by itself waits for its hours unless ``at_any_hour``."""


class GroupServer(Protocol):
    """What reading a Group needs of a FHIR server."""

    def read(self, resource_type: str, resource_id: str) -> Json:
        """The current version."""


@dataclass(frozen=True, slots=True)
class FileOfPatients:
    """A text file with an id on each line; what follows # is for people."""

    path: Path

    def listed(self, *, at_any_hour: bool = False) -> PatientList:  # noqa: ARG002 - it takes no time
        """Read anew each time, so that the file can be written anew at any time."""
        return whole_list(self._ids(), str(self.path))

    def _ids(self) -> Iterator[str]:
        for number, line in enumerate(text_of(self.path).splitlines(), 1):
            text = line.partition("#")[0].strip()
            found = _LINE.fullmatch(text)
            if text and not found:
                raise ConfigurationFault(
                    f"{self.path}:{number}: is not the id of a patient; correct it there"
                )
            if found:
                yield found[1]


@dataclass(frozen=True, slots=True)
class GroupOfPatients:
    """The members of a Group on the server; those marked inactive are none any more."""

    server: GroupServer
    id: str
    base_url: str

    def listed(self, *, at_any_hour: bool = False) -> PatientList:  # noqa: ARG002 - it takes no time
        """Read anew each time."""
        members = self.server.read("Group", self.id).get("member")
        active = [
            member for member in members if isinstance(member, dict) and member.get("inactive") is not True
        ] if isinstance(members, list) else []  # fmt: skip
        locations = [target(it.get("entity"), self.base_url) for it in active]
        ids = [location[1] for location in locations if location and location[0] == "Patient"]
        others = len(locations) - len(ids)
        notes = (f"{others} members of the Group are no patients of this server",) if others else ()
        return whole_list(ids, f"Group/{self.id}", notes)


def whole_list(ids: Sequence[str] | Iterator[str], named: str, notes: tuple[str, ...] = ()) -> PatientList:
    """An empty list is a mistake: nobody would be looked at, and nobody would notice."""
    found = tuple(sorted(set(ids)))
    if not found:
        raise ConfigurationFault(
            f"{named} names no patient, so that nobody would be looked at; see patient_source."
        )
    return PatientList(found, notes)
