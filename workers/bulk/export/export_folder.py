"""What a folder holds of an export: where its status is, its files, and which of them are whole.

The note is written before and after whatever it speaks of, so that the same command goes on from any kill: no
second export is begun, and no file that is whole is fetched again. As long as it does not say that everything
came, nobody decides about what lies there: half an export looks like patients without fractures.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from adapter.errors import ConfigurationFault
from adapter.fhir.export import ExportFile, ExportManifest, FileKind
from workers.host.private_files import make_folder_named, write_private

NOTE = "export.note"  # not .json, which would be taken for a record
PART = ".part"
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """A file that came whole."""

    name: str
    type: str
    size: int
    sha256: str
    resources: int


@dataclass(slots=True)
class ExportNote:
    """How far an export is. `order` says of what it is one."""

    order: str
    status_url: str = ""
    manifest: ExportManifest | None = None
    fetched: dict[int, FetchedFile] = field(default_factory=dict)  # by their place in the manifest
    finished: bool = False

    @property
    def size(self) -> int:
        """Bytes that came."""
        return sum(file.size for file in self.fetched.values())


class ExportFolder:
    """The folder and its note, for one run."""

    def __init__(self, folder: Path, order: str) -> None:
        make_folder_named(folder)
        self.folder = folder
        self.note = _read_note(folder) or ExportNote(order)
        if self.note.order != order:
            raise ConfigurationFault(f"{folder}: holds an export of something else; name another folder")
        self._settle()

    def keep(self) -> None:
        """Write the note, in the place of the one before."""
        fresh = self.folder / f"{NOTE}{PART}"
        write_private(fresh, orjson.dumps(self.note, option=orjson.OPT_NON_STR_KEYS))
        fresh.replace(self.folder / NOTE)

    def begin(self, status_url: str) -> None:
        """There is an export on the server."""
        self.note.status_url = status_url
        self.keep()

    def adopt(self, manifest: ExportManifest) -> None:
        """What it consists of. Files of another export do not stay beside it."""
        before = self.note.manifest
        if before and _manifest_shape(before) != _manifest_shape(manifest):
            self._drop_files()
        self.note.manifest = manifest
        self.keep()

    def take(self, index: int, fetched: FetchedFile) -> None:
        """A part is whole: noted first, named then, so that a kill in between costs nothing."""
        self.note.fetched[index] = fetched
        self.keep()
        (self.folder / f"{fetched.name}{PART}").replace(self.folder / fetched.name)

    def forget(self) -> None:
        """This export is gone from the server: what came of it does not belong to the next one."""
        self._drop_files()
        self.note = ExportNote(self.note.order)
        self.keep()

    def finish(self) -> None:
        """Everything came."""
        self.note.finished = True
        self.keep()

    def part(self, index: int, file: ExportFile) -> Path:
        """Where a file lies until it is whole."""
        return self.folder / f"{name_of(index, file)}{PART}"

    def errors(self) -> Iterator[Path]:
        """The files in which the server says what went wrong."""
        files = self.note.manifest.files if self.note.manifest else ()
        for index, fetched in sorted(self.note.fetched.items()):
            if files[index].kind is FileKind.ERROR:
                yield self.folder / fetched.name

    def _settle(self) -> None:
        """Keep what is still there as it was noted."""
        for index, fetched in list(self.note.fetched.items()):
            self._finish_naming(fetched)
            if _digest(self.folder / fetched.name) != fetched.sha256:
                del self.note.fetched[index]
                self.note.finished = False

    def _finish_naming(self, fetched: FetchedFile) -> None:
        part = self.folder / f"{fetched.name}{PART}"
        if _digest(part) == fetched.sha256:
            part.replace(self.folder / fetched.name)

    def _drop_files(self) -> None:
        for index, file in enumerate(self.note.manifest.files if self.note.manifest else ()):
            self.part(index, file).unlink(missing_ok=True)
            (self.folder / name_of(index, file)).unlink(missing_ok=True)
        self.note.fetched.clear()


def require_finished(folder: Path) -> None:
    """Raises ConfigurationFault for a folder with an export that is not whole."""
    for note in sorted(folder.rglob(NOTE)):
        require_finished_here(note.parent)


def require_finished_here(folder: Path) -> None:
    """The same of this folder, whatever lies in folders in it."""
    if (folder / NOTE).exists() and not ((held := _read_note(folder)) and held.finished):
        raise ConfigurationFault(
            f"{folder}: holds an export that is not whole; let `osteo-handover export` finish it"
        )


def name_of(index: int, file: ExportFile) -> str:
    """The name of a file here: by its type, for people, and by its place."""
    return f"{file.type}.{index + 1:04}.ndjson"


def _manifest_shape(manifest: ExportManifest) -> object:
    return manifest.transaction_time, [
        (file.kind, file.type, file.name, file.count) for file in manifest.files
    ]


def _digest(file: Path) -> str | None:
    try:
        with file.open("rb") as source:
            return hashlib.file_digest(source, "sha256").hexdigest()
    except OSError:
        return None


def _read_note(folder: Path) -> ExportNote | None:
    try:
        held = orjson.loads((folder / NOTE).read_bytes())
        manifest = held["manifest"]
        files = {int(index): FetchedFile(**file) for index, file in held["fetched"].items()}
        read = (
            ExportManifest(**{**manifest, "files": tuple(map(_export_file, manifest["files"]))})
            if manifest
            else None
        )
        return ExportNote(**{**held, "manifest": read, "fetched": files})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        raise ConfigurationFault(f"{folder / NOTE}: no export wrote this; name another folder") from None


def _export_file(held: dict[str, str]) -> ExportFile:
    return ExportFile(**{**held, "kind": FileKind(held["kind"])})  # type: ignore[arg-type] # checked by its dataclass
