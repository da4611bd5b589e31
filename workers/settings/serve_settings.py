"""The section `serve` of the settings: where the HTTP process listens and whom it answers. Opens no file."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field

from adapter.fhir.origin import beyond_this_machine
from workers.settings.setting_kinds import File, KeyContradiction, Section


class CdsClient(Section):
    """A system that calls the CDS services."""

    issuer: str = Field(min_length=1, description="the iss of its tokens")
    keys: File = Field(description="a JWKS file with its public keys")


class ServeSettings(Section):
    """By default on this machine only; who asks for an assessment has a secret, given as a file."""

    host: str = Field(default="127.0.0.1", description="the address to listen on")
    port: int = Field(default=8090, ge=0, le=65535, description="1 to 65535, or 0 for a free one")
    tls_cert: File | None = Field(default=None, description="a PEM file with our certificate")
    tls_key: File | None = Field(default=None, description="a PEM file with its key")
    behind_proxy: bool = Field(default=False, description="true: a proxy in front ends TLS")
    clients: dict[str, File] = Field(
        default={}, description="a file with the bearer secret, by the name of a client"
    )
    servers: dict[str, File] = Field(
        default={}, description="a file with the bearer secret, by the name of a FHIR server that sends hints"
    )
    cds_clients: dict[str, CdsClient] = Field(
        default={},
        description="systems that call the CDS services, by name: issuer, and a file with their keys",
    )
    cds_origins: list[str] = Field(
        default=[], description="web addresses whose pages may call the CDS services in a browser"
    )
    public_url: Annotated[str, AfterValidator(lambda url: url.rstrip("/"))] = Field(
        default="",
        description="the address by which others reach this process; the aud of their tokens begins with it",
    )
    max_bytes: int = Field(default=5 * 1024 * 1024, ge=10_000, description="bytes of one request")
    per_minute: int = Field(default=120, ge=1, description="requests of one client in a minute")

    def contradictions(self) -> Iterator[KeyContradiction]:
        """What each key allows, and several together do not."""
        if beyond_this_machine(self.host) and not (self.tls_cert or self.behind_proxy):
            yield (
                "host is reached by other machines: it needs tls_cert and tls_key, or behind_proxy",
                {"host", "tls_cert", "behind_proxy"},
            )
        if bool(self.tls_cert) != bool(self.tls_key):
            yield "tls_cert and tls_key belong together", {"tls_cert", "tls_key"}
        if self.cds_clients and not self.public_url.startswith(("https://", "http://")):
            yield (
                "cds_clients need public_url, the address by which they reach this process",
                {"cds_clients", "public_url"},
            )
