"""One patient as the server gave it: what every step of a review starts from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from adapter.input.wire_json import Json
from mappings.handover.release.signature import Clinician, Release, release_of
from mappings.inbound import Reading, RecordReading, read_record
from mappings.inbound.gaps import NO_GAPS, Gaps
from mappings.outbound.resources.communications import identity


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """One patient as the server gave it: the record, our own resources about it, possible recipients."""

    patient: str
    resource: Json = field(repr=False)
    resources: tuple[Json, ...] = field(repr=False)
    existing: dict[str, Json] = field(repr=False)  # by Type/id
    recipients: tuple[Json, ...] = field(default=(), repr=False)
    clinicians: dict[str, Clinician] = field(default_factory=dict, repr=False)  # by Task/id: who answered it
    # Ours, but made a second time; not in `existing`.
    duplicates: tuple[Json, ...] = field(default=(), repr=False)
    strays: int = 0  # resources that came for this batch without being asked for; none is used
    # By merged patient: what stands there.
    former: Mapping[str, tuple[Json, ...]] = field(default_factory=dict, repr=False)
    gaps: Gaps = field(default_factory=lambda: NO_GAPS)  # by type, why more may be on the server than came
    # The digest of the versions of all this, for whoever has nothing to write; empty:
    # they do not tell everything.
    versions: Callable[[], str] = field(default=str, repr=False, compare=False)

    def reading(self, config: RecordReading, on: date) -> Reading:
        """What can be read of it, with what may be missing and what stands at merged records."""
        return read_record(self.resource, self.resources, config, on=on, gaps=self.gaps, former=self.former)

    def release_of(self, resource: Json) -> Release | None:
        """Who released it, if a completed Task confirms that; a note on the resource alone is none."""
        release = release_of(resource)
        answered = self.clinicians.get(release.task) if release else None
        same = answered and release and identity(answered.reference) == identity(release.by.reference)
        return release if same else None
