"""How far one pass has read. It is kept with every page, so that the next reader goes on behind that page."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the pages of one pass.

    All moments are of the server's clock; nothing in here names a patient.
    """

    since: datetime | None = None  # what changed from here on is read; None: everybody
    search: int = 0  # which of the searches of the pass
    link: str | None = None  # to the next page; None: the search is to be begun
    # Of the last resource of the last page: reading goes on from here when the link has expired.
    last: datetime | None = None
    newest: datetime | None = None  # the latest change seen in the whole pass
    server_time: datetime | None = None  # at the very first answer
    came: int = 0  # matches of this search
    said: int = 0  # matches of this search, as the server counts them
    resources: int = 0
    strays: int = 0
    gaps: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ()  # types that the server does not have
    listed: str = ""  # which list of patients it goes by: the digest of it

    def as_json(self) -> dict[str, object]:
        """For the ledger."""
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def of_json(cls, held: Mapping[str, object]) -> "Position":
        """What `as_json` gave."""
        known = {field.name: held[field.name] for field in fields(cls) if field.name in held}
        return cls(**{name: _value_of(name, value) for name, value in known.items()})


NOWHERE = Position()


def _value_of(name: str, value: object) -> Any:  # of the field
    if name in ("since", "last", "newest", "server_time"):
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    return tuple(value) if isinstance(value, list) else value
