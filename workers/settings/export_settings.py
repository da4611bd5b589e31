"""The section `export` of the settings: what `$export` is asked for, and what of it is taken.

Opens no file.
"""

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field

from adapter.errors import ConfigurationFault
from adapter.fhir.export import ExportLevel, ExportRequest
from adapter.fhir.origin import Base, beyond_this_machine
from adapter.input.fhir_id import PATTERN as FHIR_ID
from workers.settings.setting_kinds import KeyContradiction, Section


def _host(text: str) -> str:
    """A token may go there, so nobody on the way may read along."""
    try:
        base = Base.parse(text)
    except ConfigurationFault:
        raise ValueError("is not an address such as https://files.example.org") from None
    if base.path or (base.key[0] == "http" and beyond_this_machine(base.key[1])):
        raise ValueError("must be https:// and a host, without a path")
    return base.origin


class ExportSettings(Section):
    """By default all patients of the server, from the server's own host."""

    level: ExportLevel = Field(default=ExportLevel.PATIENT, description="system, patient or group")
    group: str = Field(default="", pattern=rf"^({FHIR_ID})?$", description="the id of the Group, for group")
    hosts: list[Annotated[str, AfterValidator(_host)]] = Field(
        default=[], description="other hosts on which status or files may lie, as https://files.example.org"
    )
    wait: int = Field(default=6 * 3600, ge=0, description="seconds that one run waits for the server")
    max_file_bytes: int = Field(default=8 * 1024**3, ge=1, description="bytes of one file")
    max_bytes: int = Field(default=64 * 1024**3, ge=1, description="bytes of all files")

    def contradictions(self) -> Iterator[KeyContradiction]:
        """What each key allows, and several together do not."""
        if (self.level is ExportLevel.GROUP) != bool(self.group):
            yield "group names the Group for level group, and for no other", {"group", "level"}

    def request(self, types: tuple[str, ...]) -> ExportRequest:
        """The kick-off for these types."""
        return ExportRequest(self.level, types, self.group)
