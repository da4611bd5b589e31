"""What is to be exported: everything, all patients, or those of a group."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from adapter.fhir.addresses import checked_type, location
from adapter.fhir.search import encode


class ExportLevel(StrEnum):
    """The three places at which Bulk Data knows `$export`."""

    SYSTEM = "system"
    PATIENT = "patient"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """A kick-off. Without types the server gives whatever it exports."""

    level: ExportLevel
    types: tuple[str, ...] = ()
    group: str = ""  # the id, for that level

    @property
    def url(self) -> str:
        """Relative to the base."""
        named = ",".join(checked_type(type_) for type_ in self.types)
        return f"{self._level}$export" + (f"?{encode([('_type', named)])}" if named else "")

    @property
    def of_any_type(self) -> "ExportRequest":
        """For a server that takes no `_type`: the standard has it say so, and be asked without."""
        return replace(self, types=())

    @property
    def _level(self) -> str:
        match self.level:
            case ExportLevel.SYSTEM:
                return ""
            case ExportLevel.PATIENT:
                return "Patient/"
            case ExportLevel.GROUP:
                return f"{location('Group', self.group)}/"
            case unreachable:
                assert_never(unreachable)
