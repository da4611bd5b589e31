"""Everything about the institution that a review needs, and nothing about a patient."""

from dataclasses import dataclass, field
from functools import cached_property

from adapter.clinical.pathway.pathway import Pathway
from adapter.input.wire_json import Json
from adapter.letter import Texts
from mappings.inbound import ReadingConfig, RecordReading
from mappings.outbound.designations import Wording, own_codes
from mappings.outbound.guides.profiles import Profile, load_profile


@dataclass(frozen=True)
class Institution:
    """How this institution reads, decides, words and writes.

    `update_create`: new resources are written under our own ids; otherwise by conditional create.
    """

    site: str
    version: str
    pathway: Pathway
    reading: ReadingConfig
    texts: Texts
    update_create: bool = True
    organization: Json | None = None
    organization_name: str | None = None
    contacts: tuple[tuple[str, str], ...] = ()
    search_size: int = 12  # patients per search: so few that what is found mostly fits on one page
    write_size: int = 25  # patients per transaction
    dry_run: bool = False
    release_owner: Json | None = None  # the team that is asked to release; else the organization
    send_without_release: frozenset[str] = frozenset()  # pathways whose letters may go unreleased
    profile: Profile = field(default_factory=lambda: load_profile("base"))  # the guide that writing follows
    author_role: Json | None = None  # a PractitionerRole, where the guide wants one to be the author
    rules: str = ""  # the fingerprint of all that decides and words here; empty: everybody is decided anew
    read_unchanged: bool = False  # everybody is read whole, also of whom no version changed

    @cached_property
    def record_reading(self) -> RecordReading:
        """How a record is read on which this pathway decides: by the limits of its parameters."""
        return RecordReading.of(self.reading, self.pathway.core)

    @cached_property
    def wording(self) -> Wording:
        """How codes are put into words here, those of the institution's own pathway among them."""
        return Wording(self.texts.language, own_codes(self.pathway))
