"""Parts of a run that machines share: beside the results lie what a part rests on, and each finished part.

What stands there is patient data and is for its user alone. The order stands as long as somebody waits for
parts: a worker that finds none does nothing.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec

from adapter.errors import ConfigurationFault
from adapter.input.wire_json import ReadOnlyJson
from workers.bulk.bulk_chunk import BulkChunk
from workers.bulk.bulk_folder import PARTS, BulkProgress
from workers.bulk.bulk_run import BulkOrder
from workers.host.private_files import make_folder_named, write_private
from workers.queue.bootstrap import DECIDES, institution_of, rules_of, ruleset_of
from workers.settings.all_settings import Settings

ORDER = "order.json"
# Of the settings: what decides or words, and no secret.
HANDED = frozenset({*DECIDES, "fhir_base_url", "write_mode"})


@dataclass(frozen=True, slots=True)
class PartsOrder:
    """What every part rests on, anywhere; ``rules`` is the fingerprint of all that decides and words."""

    inputs: ReadOnlyJson
    settings: Mapping[str, object]
    rules: str
    on: str
    size: int

    @classmethod
    def of(cls, order: BulkOrder, progress: BulkProgress) -> Self:
        """Raises ConfigurationFault for settings that cannot be used."""
        handed = order.settings.model_dump(mode="json", include=set(HANDED))
        handed["pathway"] = _portable_pathway(order.settings.pathway)
        return cls(progress.inputs, handed, rules_fingerprint(handed), order.on.isoformat(), order.chunk)


def rules_fingerprint(handed: Mapping[str, object]) -> str:
    """The fingerprint of settings, release and files of this machine; raises ConfigurationFault."""
    settings = settings_of_order(handed)
    institution = institution_of(settings)
    return rules_of(institution, f"{ruleset_of(settings, institution)} {institution.version}")


def settings_of_order(handed: Mapping[str, object]) -> Settings:
    """The settings of whoever gave the order; raises ConfigurationFault where this release has others."""
    try:
        return Settings.model_validate(handed)
    except ValueError:
        raise ConfigurationFault("the order is of another release") from None


def _portable_pathway(pathway: str) -> str:
    """A worker runs in another folder."""
    return str(Path(pathway).absolute()) if Path(pathway).is_file() else pathway


@dataclass(frozen=True, slots=True)
class PartsFolder:
    """The parts in a folder of results; a part is named by how many patients come before it."""

    results: Path
    size: int

    @property
    def folder(self) -> Path:
        return self.results / PARTS

    def file(self, start: int) -> Path:
        return self.folder / f"{start:010}-{self.size}.part"

    def take(self, start: int) -> BulkChunk | None:
        """The part, when it is there whole: one of which a machine kept only a piece when it fell is not."""
        try:
            return msgspec.msgpack.decode(self.file(start).read_bytes(), type=BulkChunk)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError):
            self.file(start).unlink(missing_ok=True)
            return None

    def put(self, start: int, chunk: BulkChunk) -> None:
        """Keep a part; two who did the same one keep the same. Raises ConfigurationFault."""
        unfinished = self.folder / f"{start:010}.{os.urandom(8).hex()}.new"
        write_private(unfinished, msgspec.msgpack.encode(chunk))
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.replace(self.file(start))

    def drop(self, start: int) -> None:
        """The part stands among the results now."""
        self.file(start).unlink(missing_ok=True)

    @contextmanager
    def opened(self, order: PartsOrder) -> Iterator[None]:
        """Workers do parts as long as the block lasts; what they did stays until it is taken."""
        make_folder_named(self.folder)
        for unfinished in self.folder.glob("*.new"):
            unfinished.unlink(missing_ok=True)
        write_private(self.folder / ORDER, msgspec.json.encode(order))
        try:
            yield
        finally:
            (self.folder / ORDER).unlink(missing_ok=True)
