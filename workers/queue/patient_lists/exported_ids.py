"""Lines of an export as they come in pieces: of each Patient the id, of each OperationOutcome the codes.

Nothing else is kept.
"""

from collections import Counter
from collections.abc import Callable, Sequence

import orjson

from adapter.errors import RecordFault, TryAgainLater
from adapter.fhir.completeness import gaps_told
from adapter.fhir.export import ExportFile
from adapter.fhir.outcomes import failures, issues_of
from adapter.input.fhir_id import is_fhir_id
from adapter.input.input_files import LARGEST
from adapter.input.wire_json import JsonValue

AT_ONCE = 500  # ids


class _Lines:
    def __init__(self) -> None:
        self._rest = bytearray()

    def take(self, piece: bytes) -> None:
        """The next piece; lines that end in it are read."""
        self._rest += piece
        *lines, last = self._rest.split(b"\n")
        if len(last) > LARGEST:
            raise RecordFault(f"A line of the export is longer than {LARGEST} bytes.")
        self._rest = last
        for line in lines:
            self._take_line(bytes(line))

    def end(self) -> None:
        """No more pieces come."""
        self._take_line(bytes(self._rest))

    def _take_line(self, line: bytes) -> None:
        if line.strip():
            self.read(_parsed(line))

    def read(self, resource: object) -> None:
        """One line."""
        raise NotImplementedError


class PatientLines(_Lines):
    """The ids of a file of patients, handed on by some."""

    def __init__(self, file: ExportFile, hand_on: Callable[[Sequence[str]], None]) -> None:
        super().__init__()
        self.unreadable = 0
        self._file, self._hand_on = file, hand_on
        self._ids: list[str] = []
        self._count, self._last_is_one = 0, True

    def read(self, resource: object) -> None:
        held = resource if isinstance(resource, dict) and resource.get("resourceType") == "Patient" else {}
        key = held.get("id")
        self._count, self._last_is_one = self._count + 1, is_fhir_id(key)
        if not is_fhir_id(key):
            self.unreadable += 1
            return
        self._ids.append(key)
        if len(self._ids) >= AT_ONCE:
            self._flush()

    def end(self) -> None:
        """Raises TryAgainLater for a file that was cut."""
        super().end()
        self._flush()
        if not self._last_is_one or self._file.count not in (None, self._count):
            raise TryAgainLater("A file of the export came in parts; it is fetched again.")

    def _flush(self) -> None:
        self._hand_on(self._ids)
        self._ids = []


class ErrorLines(_Lines):
    """What a server says that it could not export, as counts of codes."""

    def __init__(self) -> None:
        super().__init__()
        self.failures: Counter[str] = Counter()

    def read(self, resource: object) -> None:
        issues = issues_of(resource)
        self.failures.update(failure.code for failure in failures(issues))
        self.failures.update(gap.value for gap in gaps_told(issues))


def _parsed(line: bytes) -> JsonValue:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
