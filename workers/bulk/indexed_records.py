"""The records of people in files, each found through the index and read strictly; of the files one patient is held at a time."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from adapter.errors import RecordFault
from adapter.input_files import InputFileFault
from adapter.wire_json import Json, Unparsable, parse
from workers.bulk.record_index import SHARED, IndexedObject, RecordIndex

_NAMED = re.compile(
    rb'"reference":"(?:[^"]*/)?((?:%s)/[A-Za-z0-9\-.]{1,64})' % "|".join(sorted(SHARED)).encode()
)


class IndexedRecords:
    """The records behind an index, for the life of a process."""

    def __init__(self, index: Path) -> None:
        self._index = RecordIndex(index)
        self._neighbour = lru_cache(10_000)(self._shared)

    def patients(self, start: int, size: int) -> list[str]:
        """So many patients behind the first ``start``, in the order of their ids."""
        return self._index.patients(start, size)

    def objects_of(self, patient: str) -> list[IndexedObject]:
        """Where everything lies that names this patient."""
        return self._index.of_patient(patient)

    def resources(self, objects: Sequence[IndexedObject]) -> Iterator[Json]:
        """Everything that names the patient, and whom and what that refers to, two steps far.

        Raises RecordFault for what must not be believed, and InputFileFault for a file that went away or became another.
        """
        texts = [_bytes(it) for it in objects]
        yield from (_parsed(text, it.place) for text, it in zip(texts, objects, strict=True))
        seen: set[str] = set()
        for _ in range(2):
            new = {name.decode() for text in texts for name in _NAMED.findall(_tight(text))} - seen
            seen |= new
            found = [it for name in sorted(new) for it in self._neighbour(name)]
            yield from (_parsed(text, place) for text, place in found)
            texts = [text for text, _ in found]

    def _shared(self, name: str) -> tuple[tuple[bytes, str], ...]:
        return tuple((_bytes(it), it.place) for it in self._index.shared(name))

    def close(self) -> None:
        """Let go of the index."""
        self._index.close()


def _bytes(it: IndexedObject) -> bytes:
    try:
        with it.lies.file.open("rb") as file:
            file.seek(it.lies.offset)
            found = file.read(it.lies.length)
    except OSError as error:
        raise InputFileFault(f"{it.lies.file}: cannot be read any more ({error.strerror})") from None
    if len(found) < it.lies.length:
        raise InputFileFault(f"{it.lies.file}: is shorter than it was; begin anew, in another folder")
    return found


def _tight(text: bytes) -> bytes:
    """Written with spaces, the name and the value of a member lie apart."""
    return text.replace(b'" : "', b'":"').replace(b'": "', b'":"')


def _parsed(text: bytes, place: str) -> Json:
    try:
        return parse(text)
    except Unparsable as error:
        problem = RecordFault(f"({place}) {error}")
    raise problem
