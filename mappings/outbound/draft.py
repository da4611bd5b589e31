"""What goes in and out of this package: who and where, drafts, and what to do with each of them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Literal

from adapter.clinical.model import Rejected
from adapter.input.wire_json import Json
from mappings.outbound.content import Outline, outline_of
from mappings.outbound.designations import OwnCodes, Wording
from mappings.outbound.gate import obstacles


@dataclass(frozen=True, slots=True)
class Subject:
    """The patient as far as writing needs to know: opaque references, and what reading could not settle.

    ``sources`` are versioned references (``Observation/17/_history/2``) that were really read from this
    server: HAPI refuses a whole transaction for one reference to a resource that it does not have.
    """

    patient_reference: str
    sources: tuple[str, ...] = ()
    needs_human: tuple[Rejected, ...] = ()
    foreign: int = 0  # how many resources of somebody else the server returned
    managing_organization: Json | None = None


class ActivityStyle(StrEnum):
    """How the plan holds its steps: as details that simple viewers show, or as separate draft requests."""

    DETAIL = "detail"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class WriteContext:
    """Where and as whom we write; nothing in here depends on the patient's bones.

    ``site`` is the stable key of server and tenant. ``gp`` are FHIR References (literal, or identifier with
    type and display). ``letters`` is one text for all recipients or one per index of ``gp``. ``now`` only
    ever reaches ``created``, ``authoredOn``, ``lastModified`` and ``recorded``. ``own`` are the codes of the
    pathway that nobody else has. ``extensions`` are those of the plan.
    """

    site: str
    software_version: str
    now: str
    organization: Json | None = None
    gp: tuple[Json, ...] = ()
    letters: Mapping[int, str] | str = ""
    language: str = "en"
    own: OwnCodes = field(default_factory=OwnCodes)
    extensions: tuple[Json, ...] = ()
    activity_style: ActivityStyle = ActivityStyle.DETAIL

    @property
    def wording(self) -> Wording:
        """How the codes of the decision are put into words."""
        return Wording(self.language, self.own)

    def letter(self, index: int) -> str:
        """The letter to recipient ``index``; empty when nobody wrote one."""
        return self.letters if isinstance(self.letters, str) else self.letters.get(index, "")


@dataclass(frozen=True)
class Draft:
    """A resource ready to be written, its business key, and the fingerprint of its lasting content."""

    resource: Json
    key: str
    fingerprint: str

    @property
    def type(self) -> str:
        """The FHIR resource type."""
        return str(self.resource["resourceType"])

    @cached_property
    def outline(self) -> Outline:
        """Walked through once for all who ask: nobody changes the resource of a draft."""
        return outline_of(self.resource)

    @cached_property
    def obstacles(self) -> tuple[str, ...]:
        """What keeps it from leaving, as the gate says."""
        return obstacles(self.resource, self.outline)

    @cached_property
    def location(self) -> str:
        """``Type/id`` under which other drafts refer to this one."""
        return f"{self.type}/{self.resource['id']}"


@dataclass(frozen=True, slots=True)
class Drafts:
    """All that one decision gives rise to; ``plan`` is None when there is nothing to write a plan about.

    Goals are contained in the plan. A proposed goal has no life of its own before a clinician accepts the
    plan; plan and goals then share one version and one human edit, a patient costs one entry instead of up to
    ten, and no reference can break. ``provenance`` and each ``question`` are only there to make others of:
    what is written decides what the one says, and whether the other is asked at all.
    """

    plan_location: str
    plan: Draft | None
    communications: tuple[Draft, ...]
    tasks: tuple[Draft, ...]
    device: Draft
    provenance: Draft
    question: Callable[[str], Draft] = field(compare=False, repr=False)  # a Task by its reason
    requests: tuple[Draft, ...] = ()  # the steps of the plan, when it refers to them

    def content(self) -> Iterator[Draft]:
        """The drafts that carry something to say; Device and Provenance only accompany them."""
        yield from self.requests  # before the plan that refers to them
        if self.plan is not None:
            yield self.plan
        yield from self.communications
        yield from self.tasks


class Action(StrEnum):
    """What happens to a draft."""

    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    RESPECT = "respect"  # a human changed it: left alone
    RELEASED = "released"  # it has left our hands: active, sent, accepted, closed


@dataclass(frozen=True, slots=True)
class Write:
    """A draft with what happens to it; ``location`` is where it is, or will be, on the server.

    ``outdated`` says of a resource left alone that we would now say something else: the hook for a
    correction. ``ended`` says that only a status, a reason or a note changes: what a clinician
    made of the rest is not judged.
    """

    action: Action
    draft: Draft
    location: str
    if_match: str | None = None
    outdated: bool = False
    ended: bool = False

    @property
    def changes(self) -> bool:
        """Whether the server will see it."""
        return self.action in (Action.CREATE, Action.UPDATE)


@dataclass(frozen=True, slots=True)
class TransactionEntry:
    """One entry of a transaction, in words that any FHIR client understands; ``if_match`` is a whole ETag.

    ``if_none_match``: only when nothing stands there yet.
    """

    method: Literal["POST", "PUT"]
    url: str
    resource: Json
    full_url: str | None = None
    if_match: str | None = None
    if_none_exist: str | None = None
    if_none_match: bool = False
