"""How letters leave the house: the section `delivery` of the settings.

Reads no environment and opens no file.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError

from adapter.errors import ConfigurationFault
from adapter.fhir.origin import Base, beyond_this_machine
from mappings.hl7v2.mdm import CONSULTATION
from workers.settings.setting_kinds import KeyContradiction, Section
from workers.settings.smart_login import SmartLogin

Delay = Annotated[int, Field(ge=1)]


# Where a letter would go by these, if the channel were on: whoever sets one means it to leave.
_CHANNEL_OF = {
    "folder": "folder",
    "mllp_port": "mllp",
    **dict.fromkeys(("fhir_hosts", "fhir_addresses", "fhir_tokens", "fhir_smart"), "fhir"),
}


class DeliverySettings(Section):
    """Everything about delivery that an institution can set; by default no letter leaves the server.

    In the TOML file it is a table, in a variable a JSON object. Tokens are given as files, never as text.
    """

    channel: Literal["none", "fhir", "folder", "mllp"] = Field(
        default="none", description="none, fhir, folder or mllp"
    )
    retry_delays: tuple[Delay, ...] = Field(
        default=(60, 300, 900, 3600, 14_400),
        min_length=1,
        description="seconds before the next try; the last one repeats",
    )
    max_attempts: int = Field(default=8, ge=1, le=50, description="1 to 50")
    lease: int = Field(default=300, ge=1, description="seconds; longer than the slowest delivery takes")
    answer_within_days: float = Field(
        default=7, gt=0, le=365, description="days until a missing answer is asked after"
    )
    connect_timeout: float = Field(default=5.0, gt=0, le=60, description="seconds, above 0 and up to 60")
    read_timeout: float = Field(default=30.0, gt=0, le=240, description="seconds, above 0 and up to 240")

    # fhir
    fhir_hosts: tuple[str, ...] = Field(
        default=(), description="hosts that letters may go to, found in the directory"
    )
    fhir_addresses: dict[str, str] = Field(
        default={},
        description='a table such as "Organization/1" = "https://gp.example/fhir": address by Type/id or system|value; wins over the directory',
    )
    fhir_tokens: dict[str, Path] = Field(default={}, description="file with a bearer token, by base address")
    fhir_smart: dict[str, SmartLogin] = Field(
        default={}, description="client_id and key of SMART Backend Services, by base address"
    )
    fhir_ca_bundle: Path | None = Field(default=None, description="a PEM file with the authorities to trust")
    fhir_client_cert: Path | None = Field(
        default=None, description="a PEM file with our certificate and its key"
    )
    fhir_document_only: bool = Field(
        default=False, description="true: the document Bundle alone, without a Task"
    )

    # folder
    folder: Path | None = Field(default=None, description="a folder that an integration engine empties")

    # mllp
    mllp_host: str = Field(default="127.0.0.1", description="a host name or address")
    mllp_port: int | None = Field(default=None, ge=1, le=65535, description="1 to 65535")
    mllp_tls: bool = Field(default=False, description="true or false")
    allow_unprotected: tuple[str, ...] = Field(
        default=(), description="mllp, fhir: what may go to another machine without TLS"
    )
    mllp_ca_bundle: Path | None = Field(default=None, description="a PEM file with the authorities to trust")
    mllp_client_cert: Path | None = Field(default=None, description="a PEM file with our certificate")
    mllp_client_key: Path | None = Field(default=None, description="a PEM file with its key")
    max_bytes: int = Field(default=10 * 1024 * 1024, ge=10_000, description="bytes of one message")

    # how HL7 v2 messages name us and them
    application: str = Field(default="osteo-handover", max_length=180, description="MSH-3")
    facility: str = Field(default="", max_length=180, description="MSH-4")
    receiving_application: str = Field(default="", max_length=180, description="MSH-5")
    receiving_facility: str = Field(default="", max_length=180, description="MSH-6")
    document_type: str = Field(
        default=CONSULTATION, pattern=r"^[A-Z0-9]{1,10}$", description="TXA-2, table 0270"
    )
    processing: Literal["P", "T", "D"] = Field(default="P", description="MSH-11: P, T or D")

    def __str__(self) -> str:
        """What was set, for people."""
        return ", ".join(f"{name}={getattr(self, name)}" for name in sorted(self.model_fields_set)) or "-"

    @property
    def _logins(self) -> tuple[str, ...]:
        return (*self.fhir_tokens, *self.fhir_smart)

    def contradictions(self) -> Iterator[KeyContradiction]:
        """What each key allows, and several together do not."""
        yield from self._means_of_no_channel()
        yield from self._lacking_means()
        yield from self._unprotected()
        if self.lease < 2 * (self.connect_timeout + self.read_timeout):
            yield (
                "lease must be at least twice connect_timeout and read_timeout together",
                {"lease", "connect_timeout", "read_timeout"},
            )
        if not all(map(_is_address, (*self.fhir_addresses.values(), *self._logins))):
            yield (
                "fhir_addresses, fhir_tokens and fhir_smart need addresses such as https://gp.example/fhir",
                set(),  # those that cannot be used are empty
            )

    def _means_of_no_channel(self) -> Iterator[KeyContradiction]:
        for means, channel in _CHANNEL_OF.items():
            if self.channel == "none" and getattr(self, means):
                yield (
                    f"{means} is set and no letter would leave: set channel to {channel} too",
                    {"channel", means},
                )

    def _lacking_means(self) -> Iterator[KeyContradiction]:
        if self.channel == "folder" and self.folder is None:
            yield "channel folder needs folder", {"channel", "folder"}
        if self.channel == "mllp" and self.mllp_port is None:
            yield "channel mllp needs mllp_port", {"channel", "mllp_port"}

    def _unprotected(self) -> Iterator[KeyContradiction]:
        plain = self.channel == "mllp" and not self.mllp_tls and "mllp" not in self.allow_unprotected
        if plain and beyond_this_machine(self.mllp_host):
            yield (
                "mllp_host is another machine: it needs mllp_tls, or mllp in allow_unprotected",
                {"channel", "mllp_tls", "mllp_host", "allow_unprotected"},
            )
        if "fhir" not in self.allow_unprotected and any(map(_is_unprotected, self._logins)):
            yield (
                "fhir_tokens and fhir_smart go to another machine over http: use https, or fhir in allow_unprotected",
                {"allow_unprotected"},
            )


def _is_address(text: str) -> bool:
    try:
        Base.parse(text)
    except ConfigurationFault:
        return False
    return True


def _is_unprotected(address: str) -> bool:
    if not _is_address(address):
        return False  # which is a fault of its own
    parts = urlsplit(address)
    return parts.scheme == "http" and beyond_this_machine(parts.hostname)


def read_delivery_settings(values: Mapping[str, object]) -> DeliverySettings:
    """The section from its values; raises ConfigurationFault with every fault, and never a value."""
    try:
        return DeliverySettings.model_validate(dict(values))
    except ValidationError as error:
        (fault,) = error.errors(include_input=False, include_url=False, include_context=False)
    raise ConfigurationFault(
        f"The settings for delivery cannot be used: {fault['msg'].removeprefix('Value error, ')}"
    )
