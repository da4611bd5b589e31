"""The records of people in files, found through the index and read strictly, one patient at a time."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TypeVar

from adapter.errors import OsteoHandoverError, RecordFault
from adapter.input.input_files import InputFileFault
from adapter.input.wire_json import Json, Unparsable, parse
from workers.bulk.index_pass import SHARED
from workers.bulk.record_index import IndexedObject, RecordIndex
from workers.review.review_outcome import BUGS

# Practitioners, practices and medicines, which the records of many patients name: read once for all of them.
NEIGHBOURS = 10_000
STEPS = 2  # from a patient to a PractitionerRole, and from there to the Practitioner and the Organization
Made = TypeVar("Made")
Finished = TypeVar("Finished")

_NAMED = re.compile(
    rb'"reference":"(?:[^"]*/)?((?:%s)/[A-Za-z0-9\-.]{1,64})' % "|".join(sorted(SHARED)).encode()
)


@dataclass(frozen=True, slots=True)
class FailedRecord:
    """A record that could not be used: the place where it begins, and why."""

    fault: str


class IndexedRecords:
    """The records behind an index, for the life of a process."""

    def __init__(self, index: Path) -> None:
        self._file = index
        self._neighbour = lru_cache(NEIGHBOURS)(self._shared_texts)

    @cached_property
    def _index(self) -> RecordIndex:
        """Opened for the first part: a process may be ready before the index is."""
        return RecordIndex(self._file)

    def make_each(
        self,
        start: int,
        size: int,
        make: Callable[[Iterable[Json]], Made],
        finish: Callable[[Sequence[Made]], Sequence[Finished]],
    ) -> Mapping[str, Finished | FailedRecord]:
        """What ``finish`` makes of ``size`` patients behind the first ``start``, by id; a fault is of one.

        ``make`` takes the resources of one patient, ``finish`` what it made of all of them at once. Raises
        InputFileFault for a file that went away or became another: that is no patient's fault.
        """
        found = {it: self._index.objects_of_patient(it) for it in self._index.patients(start, size)}
        places = {patient: objects[0].place for patient, objects in found.items()}
        made = {
            patient: _attempt(partial(make, self._resources(objects)), places[patient])
            for patient, objects in found.items()
        }
        sound = {patient: it for patient, it in made.items() if not isinstance(it, FailedRecord)}
        faults = {patient: it for patient, it in made.items() if isinstance(it, FailedRecord)}
        ended = _finish(sound, finish, places) | faults
        return {patient: ended[patient] for patient in found}

    def _resources(self, objects: Sequence[IndexedObject]) -> Iterator[Json]:
        """What names the patient, and what it refers to; raises as ``make_each``, and RecordFault."""
        texts = _texts(objects)
        yield from (
            _parse_resource(text, indexed.place) for text, indexed in zip(texts, objects, strict=True)
        )
        seen: set[str] = set()
        for _ in range(STEPS):
            new = {name.decode() for text in texts for name in _NAMED.findall(_compact_json(text))} - seen
            seen |= new
            found = [text_and_place for name in sorted(new) for text_and_place in self._neighbour(name)]
            yield from (_parse_resource(text, place) for text, place in found)
            texts = [text for text, _ in found]

    def _shared_texts(self, name: str) -> tuple[tuple[bytes, str], ...]:
        objects = self._index.shared_objects(name)
        return tuple(zip(_texts(objects), [indexed.place for indexed in objects], strict=True))

    def close(self) -> None:
        """Let go of the index."""
        self._index.close()


def _attempt(work: Callable[[], Made], place: str) -> Made | FailedRecord:
    try:
        return work()
    except InputFileFault:
        raise
    except OsteoHandoverError as fault:
        return FailedRecord(f"{place}: {fault}")
    except BUGS as bug:  # its text may quote the record
        return FailedRecord(f"{place}: {type(bug).__name__} in our own code")


def _finish(
    made: Mapping[str, Made],
    finish: Callable[[Sequence[Made]], Sequence[Finished]],
    places: Mapping[str, str],
) -> dict[str, Finished | FailedRecord]:
    """All at once; when one of them makes it fail, each alone."""
    at_once = _attempt(partial(finish, list(made.values())), "")
    if not isinstance(at_once, FailedRecord):
        return dict(zip(made, at_once, strict=True))
    alone = {patient: _attempt(partial(finish, [it]), places[patient]) for patient, it in made.items()}
    return {patient: it if isinstance(it, FailedRecord) else it[0] for patient, it in alone.items()}


def _texts(objects: Sequence[IndexedObject]) -> list[bytes]:
    """The bytes of each; what follows in one file is read while it is open."""
    return [
        text for file, lying in groupby(objects, key=attrgetter("file")) for text in _texts_in(file, lying)
    ]


def _texts_in(file: Path, lying: Iterable[IndexedObject]) -> list[bytes]:
    found = []
    try:
        with file.open("rb") as source:
            for indexed in lying:
                source.seek(indexed.offset)
                found.append(text := source.read(indexed.length))
                if len(text) < indexed.length:
                    raise InputFileFault(f"{file}: is shorter than it was; begin anew, in another folder")
    except OSError as error:
        raise InputFileFault(f"{file}: cannot be read any more ({error.strerror})") from None
    return found


def _compact_json(text: bytes) -> bytes:
    """Written with spaces, the name and the value of a member lie apart."""
    return text.replace(b'" : "', b'":"').replace(b'": "', b'":"')


def _parse_resource(text: bytes, place: str) -> Json:
    try:
        return parse(text)
    except Unparsable as error:
        problem = RecordFault(f"({place}) {error}")
    raise problem
