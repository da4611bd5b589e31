"""What goes into a document: the letter on pages, and where it is filed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from adapter.errors import RecordFault, SoftwareFault
from adapter.input.wire_json import Json
from adapter.letter import Letter
from mappings.codes import BASE, PLAN_KEY
from mappings.outbound.draft import Drafts
from mappings.outbound.fingerprint import carried
from mappings.outbound.ids import location_of, resource_id

DOCUMENT = f"{BASE}/NamingSystem/document-id"  # the letter, through all its editions
EDITION = f"{BASE}/NamingSystem/document-edition"  # one edition of it in one standing


class DocumentStanding(StrEnum):
    """How far a document may be relied on; Composition.status and docStatus share these codes."""

    PRELIMINARY = "preliminary"  # software proposes, nobody has released it
    FINAL = "final"
    AMENDED = "amended"  # released, in the place of an earlier edition


@dataclass(frozen=True, slots=True, repr=False)
class RenderedLetter:
    """One letter as the renderers made it."""

    letter: Letter
    pdf: bytes
    html: str
    chart: str | None = None


@dataclass(frozen=True, slots=True)
class Attestation:
    """Who stands behind the letter, as a Reference, and since when (ISO date or date and time)."""

    who: Json = field(repr=False)
    on: str


@dataclass(frozen=True, slots=True, repr=False)
class DocumentMetadata:
    """Whose letter it is and which edition, in resources as they are drafted or as a server keeps them.

    ``communication`` is the one by which the letter goes; its plan-key identifier gives all ids. ``enclosed``
    holds further resources by ``Type/id`` that may travel along (the institution, the GP, the observations);
    a reference to one that is not there becomes a logical one. ``earlier`` is where the edition before this
    one is kept, and ``replaced`` the id that it has there, which is computed where nobody could look.
    """

    plan: Json
    communication: Json
    device: Json
    patient: Json
    custodian: Json | None = None
    released: Attestation | None = None
    edition: int = 1
    enclosed: Mapping[str, Json] = field(default_factory=dict)
    earlier: str | None = None
    replaced: str | None = None

    def __post_init__(self) -> None:
        """Refuse a letter of one patient about another, and an edition that cannot be."""
        if location_of(str(self.plan["subject"].get("reference"))) != f"Patient/{self.patient.get('id')}":
            raise RecordFault(
                "the plan is about another patient than the letter", resource_type="Composition"
            )
        if self.edition < 1:
            raise SoftwareFault("editions are counted from one")

    @property
    def standing(self) -> DocumentStanding:
        """Only a release makes it more than a proposal."""
        if self.released is None:
            return DocumentStanding.PRELIMINARY
        return DocumentStanding.FINAL if self.edition == 1 else DocumentStanding.AMENDED

    def key(self, letter: Letter) -> str:
        """The business key of the letter; the patient's copy is another document than the GP's."""
        own = carried(self.communication, PLAN_KEY)
        if own is None:
            raise SoftwareFault("a letter without a plan-key identifier cannot be filed")
        return own if letter.kind == "gp" else f"{own}|{letter.kind}"

    def edition_id(self, letter: Letter) -> str:
        """The id of this edition in this standing: the same on every run."""
        return _edition_id(self.key(letter), self.edition, self.standing)

    def replaced_id(self, letter: Letter) -> str | None:
        """The id of the released edition before this one, if there was one."""
        if self.edition == 1:
            return None
        if self.replaced:
            return self.replaced
        standing = DocumentStanding.FINAL if self.edition == 2 else DocumentStanding.AMENDED
        return _edition_id(self.key(letter), self.edition - 1, standing)


def metadata_of(drafts: Drafts, patient: Json, index: int = 0) -> DocumentMetadata:
    """The metadata of the letter to recipient ``index`` of these drafts, whose requests travel along.

    Release, edition and institution are added with ``dataclasses.replace`` when they are known.
    """
    if drafts.plan is None or index >= len(drafts.communications):
        raise SoftwareFault("without a plan and a recipient there is no letter to file")
    return DocumentMetadata(
        plan=drafts.plan.resource,
        communication=drafts.communications[index].resource,
        device=drafts.device.resource,
        patient=patient,
        enclosed={request.location: request.resource for request in drafts.requests},
    )


def agree(rendered: RenderedLetter, metadata: DocumentMetadata) -> None:
    """Refuse a document that stands higher than its own words: raises ``SoftwareFault``."""
    says = rendered.letter.status.key.rpartition(".")[2]
    if (says == "proposed" and metadata.released) or (says == "released" and not metadata.released):
        raise SoftwareFault(f"a letter that says it is {says} cannot be filed as {metadata.standing}")


def _edition_id(key: str, edition: int, standing: DocumentStanding) -> str:
    return resource_id("Document", f"{key}|{edition}|{standing}")
