"""The manifest of an export that is complete: when it was made, and where its files are."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from adapter.errors import ConfigurationFault
from adapter.input.wire_json import Json, JsonValue

_TYPE = re.compile(r"[A-Z][A-Za-z]{1,63}")


class FileKind(StrEnum):
    """The two lists of a manifest that are read. `deleted` comes only with `_since`, never sent."""

    OUTPUT = "output"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One file. Its address may carry a right of its own, so it is shown to nobody."""

    kind: FileKind
    type: str
    url: str = field(repr=False)
    count: int | None = None  # resources, where the server says how many

    @property
    def name(self) -> str:
        """The same file under a fresh address has the same name."""
        return self.url.partition("?")[0]


@dataclass(frozen=True, slots=True)
class ExportManifest:
    """What the server made."""

    transaction_time: str
    needs_token: bool
    files: tuple[ExportFile, ...]

    @classmethod
    def parse(cls, document: Json) -> "ExportManifest":
        """Raises ConfigurationFault for what is no manifest, and for one that tells only a part."""
        if any(
            isinstance(link, dict) and link.get("relation") == "next" for link in _list_of(document, "link")
        ):
            raise ConfigurationFault("The manifest of the export comes in parts, which nobody asked for.")
        made = document.get("transactionTime")
        if not isinstance(made, str) or not _is_instant(made) or "output" not in document:
            raise ConfigurationFault("What the server calls the manifest of an export is none.")
        needs_token = document.get("requiresAccessToken")
        if not isinstance(needs_token, bool):
            raise ConfigurationFault("The manifest does not say whether its files need the access token.")
        return cls(made, needs_token, tuple(_files(document)))


def _files(document: Json) -> Iterator[ExportFile]:
    for kind in FileKind:
        for entry in _list_of(document, kind):
            yield _file(kind, entry)


def _file(kind: FileKind, entry: object) -> ExportFile:
    held = entry if isinstance(entry, dict) else {}
    of, url, count = held.get("type"), held.get("url"), held.get("count")
    if of is None and kind is FileKind.ERROR:
        of = "OperationOutcome"  # the one type that the standard knows there
    if not isinstance(of, str) or not _TYPE.fullmatch(of) or not isinstance(url, str) or not url:
        raise ConfigurationFault("The manifest names a file without a type or an address.")
    told = isinstance(count, int) and not isinstance(count, bool) and count >= 0
    return ExportFile(kind, of, url, count if told else None)


def _list_of(document: Json, name: str) -> list[JsonValue]:
    held = document.get(name) or []
    if not isinstance(held, list):
        raise ConfigurationFault("The manifest of the export has something else where a list should be.")
    return held


def _is_instant(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
