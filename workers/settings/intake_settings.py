"""The section `intake` of the settings: HL7 v2 and files that come in.

Opens no file but to see that it is there.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from adapter.fhir.origin import beyond_this_machine
from workers.host.state_folder import state_folder
from workers.settings.setting_kinds import File, KeyContradiction, Section

# What a file may hold: what a review reads, and what that points to.
FILE_TYPES = (
    "Patient", "Observation", "DiagnosticReport", "Condition", "Procedure", "MedicationRequest", "MedicationStatement",
    "AllergyIntolerance", "FamilyMemberHistory", "RiskAssessment", "List", "Practitioner", "PractitionerRole", "Organization",
    "Medication", "Encounter", "QuestionnaireResponse", "Device", "DocumentReference",
)  # fmt: skip


def _listed(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Files = Annotated[tuple[File, ...], BeforeValidator(_listed)]


class IntakeSettings(Section):
    """By default on this machine only.

    What came is kept encrypted until it is written, and afterwards only on request.
    """

    host: str = Field(default="127.0.0.1", description="the address to listen on")
    port: int = Field(default=2575, ge=0, le=65535, description="1 to 65535, or 0 for a free one")
    tls_cert: File | None = Field(default=None, description="a PEM file with our certificate")
    tls_key: File | None = Field(default=None, description="a PEM file with its key")
    client_ca: File | None = Field(
        default=None, description="a PEM file: only senders with a certificate of these authorities"
    )
    closed_network: bool = Field(
        default=False, description="true: nobody else is on the network, so that TLS may be left out"
    )
    maps: Files = Field(default=(), description="the maps of senders, YAML files")
    key: File | None = Field(default=None, description="the key of the inbox, a file made by `hl7 new-key`")
    inbox: Path = Field(default_factory=lambda: state_folder() / "inbox.sqlite", description="an SQLite file")
    keep: bool = Field(
        default=False, description="true: messages stay in the inbox, encrypted, after they were written"
    )
    patients: Literal["known", "create"] = Field(
        default="known",
        description="known: a patient must be on the server; create: one who is not is made from PID",
    )
    folder: Path | None = Field(default=None, description="a folder to watch for files")
    max_bytes: int = Field(default=10 * 1024 * 1024, ge=10_000, description="bytes of one message")
    connections: int = Field(
        default=200, ge=1, le=10_000, description="open at once; the idlest makes room for a new one"
    )
    frame_seconds: float = Field(
        default=30.0, gt=0, le=600, description="for one message, from its first byte to its last"
    )

    def contradictions(self) -> Iterator[KeyContradiction]:
        """What each key allows, and several together do not."""
        if bool(self.tls_cert) != bool(self.tls_key):
            yield "tls_cert and tls_key belong together", {"tls_cert", "tls_key"}
        if beyond_this_machine(self.host) and not (self.tls_cert or self.closed_network):
            yield (
                "host is reached by other machines: it needs tls_cert and tls_key, or closed_network",
                {"host", "tls_cert", "closed_network"},
            )
        if self.client_ca and not self.tls_cert:
            yield "client_ca needs tls_cert and tls_key", {"client_ca", "tls_cert"}
