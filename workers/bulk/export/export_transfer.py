"""One file of an export onto the disk: for its user alone, no larger than allowed, and whole or refused.

A file that was cut looks like a file: what tells is its last line, and the number of
resources where the manifest has one.
"""

import hashlib
import os
from pathlib import Path
from typing import BinaryIO

import orjson

from adapter.errors import ConfigurationFault, RecordFault, TryAgainLater
from adapter.fhir.export import ExportClient, ExportFile
from adapter.input.input_files import LARGEST
from workers.bulk.export.export_folder import PART, FetchedFile
from workers.host.private_files import write_private


def transfer_file(
    client: ExportClient, file: ExportFile, part: Path, *, needs_token: bool, most: int
) -> FetchedFile:
    """Fetch it. Raises TryAgainLater for one that was cut, RecordFault for one that is too large."""
    write_private(part, b"")
    with part.open("r+b") as target:
        arriving = _ArrivingFile(target, file.type, most)
        client.file(file, arriving.take, needs_token=needs_token)
        arriving.settle()
    name = part.name.removesuffix(PART)
    return FetchedFile(
        name, file.type, arriving.size, arriving.digest.hexdigest(), count_resources(part, file)
    )


class _ArrivingFile:
    def __init__(self, target: BinaryIO, kind: str, most: int) -> None:
        self.size, self.digest = 0, hashlib.sha256()
        self._target, self._kind, self._most = target, kind, most

    def take(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.size > self._most:
            raise RecordFault(
                f"A file of {self._kind} is larger than what may still come ({self._most} bytes): raise max_file_bytes "
                "or max_bytes of `export`, or export less.",
                resource_type=self._kind,
            )
        self.digest.update(piece)
        try:
            self._target.write(piece)
        except OSError as error:
            raise _no_room(error) from None

    def settle(self) -> None:
        try:
            self._target.flush()
            os.fsync(self._target.fileno())
        except OSError as error:
            raise _no_room(error) from None


def count_resources(part: Path, file: ExportFile) -> int:
    """How many resources a file holds; raises TryAgainLater when it does not end where it should."""
    count, last = 0, b""
    with part.open("rb") as lines:
        for line in iter(lambda: lines.readline(LARGEST + 1), b""):
            if line.strip():
                count, last = count + 1, line
    if last and not _is_resource(last, file.type):
        raise _cut_file(file, "its last line is no resource of that type")
    if file.count is not None and file.count != count:
        raise _cut_file(file, f"it holds {count} resources where the manifest says {file.count}")
    return count


def _is_resource(line: bytes, kind: str) -> bool:
    try:
        held = orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return isinstance(held, dict) and held.get("resourceType") == kind


def _cut_file(file: ExportFile, why: str) -> TryAgainLater:
    return TryAgainLater(
        f"A file of {file.type} came in parts: {why}. It is fetched again.", resource_type=file.type
    )


def _no_room(error: OSError) -> ConfigurationFault:
    return ConfigurationFault(
        f"The files of the export cannot be written ({error.strerror}); make room for them."
    )
