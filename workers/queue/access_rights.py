"""What the account on our FHIR server must be able to do: asked for as scopes, and tried by the doctor."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from mappings.inbound import ReadingConfig, queries
from mappings.outbound.draft import ActivityStyle
from mappings.outbound.guides.profiles import load_profile
from workers.review.directory.recipients import RECIPIENTS
from workers.review.searches.patient_searches import STEPS
from workers.settings.all_settings import Settings
from workers.settings.intake_settings import FILE_TYPES
from workers.settings.setting_kinds import GROUP

WRITTEN = ("CarePlan", "Communication", "DocumentReference", "Task", "Provenance", "Device")


class Verb(StrEnum):
    """What is done with a type: read and search, create and update, or delete."""

    SEARCH = "search"
    WRITE = "write"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Right:
    """One right of an account."""

    verb: Verb
    type: str

    def __str__(self) -> str:
        return f"{self.verb} {self.type}"


def rights_of(settings: Settings, reading: ReadingConfig) -> Iterator[Right]:
    """Every right that these settings need, each once."""
    written = tuple(_written_types(settings))
    asked = (query.type for query in queries(["x"], reading))
    found_again = (kind for kind in written if kind != "Provenance")
    for kind in dict.fromkeys((*asked, *settings.sweep_types, *found_again, *STEPS, *_looked_up(settings))):
        yield Right(Verb.SEARCH, kind)
    for kind in written:
        yield Right(Verb.WRITE, kind)
    if _subscribes(settings):
        yield Right(Verb.DELETE, "Subscription")


def _written_types(settings: Settings) -> Iterator[str]:
    yield from dict.fromkeys(_written_by_turns(settings))


def _written_by_turns(settings: Settings) -> Iterator[str]:
    yield from WRITTEN
    if load_profile(settings.fhir_profile).activity_style is ActivityStyle.REFERENCE:
        yield from STEPS
    if settings.intake.maps:
        yield from ("Observation", "DiagnosticReport")
        if settings.intake.patients == "create":
            yield "Patient"
    if settings.intake.folder:
        yield from FILE_TYPES
    if _subscribes(settings):
        yield "Subscription"


def _subscribes(settings: Settings) -> bool:
    """Hints can be asked for: there is a server that may send them, and an address to send them to."""
    return bool(settings.serve.servers and settings.serve.public_url)


def _looked_up(settings: Settings) -> Iterator[str]:
    """GPs and clinicians, the team that releases, where letters go, and whom to look at."""
    yield from RECIPIENTS
    if (settings.release_owner or "").startswith("CareTeam/"):
        yield "CareTeam"
    if settings.delivery.channel == "fhir":
        yield "Endpoint"
    if GROUP.fullmatch(settings.patient_source) or settings.export.group:
        yield "Group"
