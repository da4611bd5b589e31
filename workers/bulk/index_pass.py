"""Whose the objects in a piece of a file are: each process finds it out of some, and one puts it together.

A Bundle that is about one patient stays one object. Of any other Bundle the entries are written out line
by line, digits and all.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

import orjson

from adapter.input.input_files import LARGEST
from adapter.input.wire_json import Json, Unparsable, parse, write
from workers.assessment.submission import submission_of
from workers.bulk.record_files import BOM, FilePiece, is_document, lines_of
from workers.review.references import entries_within, patients_of

SHARED = frozenset({"Practitioner", "PractitionerRole", "Organization", "Medication"})
MOST_KINDS = 5

# Where an object lies: whether among the entries that were written out, its bytes there, and the line that it
# came from. Entries are counted from the first of the piece, as lines are.
ObjectPlace = tuple[bool, int, int, int]


@dataclass(frozen=True, slots=True)
class IndexedPiece:
    """What was found in a piece; lines are counted from its first."""

    piece: FilePiece
    rows: list[tuple[str, bool, int, bytes]]  # whose, or what many share; the piece; the places, as JSON
    entries: bytes = field(repr=False)  # that were written out
    lines: int
    strays: int  # resources that belong to nobody and are no Practitioner or the like
    faults: list[tuple[int, str]]


def index_pieces(base_url: str, pieces: Iterable[FilePiece], longest: int = LARGEST) -> list[IndexedPiece]:
    """What is in each; no object may be longer. Raises InputFileFault for a file that cannot be read."""
    return [_PiecePass(base_url, longest).indexed(piece) for piece in pieces]


@dataclass(slots=True)
class _PiecePass:
    base_url: str
    longest: int
    places: defaultdict[tuple[str, bool], list[ObjectPlace]] = field(
        default_factory=partial(defaultdict, list)
    )
    entries: bytearray = field(default_factory=bytearray)
    line: int = 0
    strays: int = 0
    faults: list[tuple[int, str]] = field(default_factory=list)

    def indexed(self, piece: FilePiece) -> IndexedPiece:
        document = is_document(piece.file)
        for offset, line in lines_of(piece, self.longest):
            self.line += 1
            if document or not line.isspace():
                self._index_object(offset, line)
        rows = [(*name, piece.number, orjson.dumps(places)) for name, places in self.places.items()]
        return IndexedPiece(piece, rows, bytes(self.entries), self.line, self.strays, self.faults)

    def _index_object(self, offset: int, raw: bytes) -> None:
        """Reads for owners only: what is decided about is parsed again, strictly, with all digits."""
        if len(raw) > self.longest:
            self._add_fault(
                f"is longer than {self.longest} bytes; give it as NDJSON, a resource on each line"
            )
            return
        try:
            body = _resource(orjson.loads(raw.removeprefix(BOM)))
            place = (False, offset, len(raw), self.line)
            if body["resourceType"] == "Bundle":
                self._add_bundle(body, raw, place)
            else:
                _refuse_gaps(body)
                self._add_resource(body, place)
        except (Unparsable, orjson.JSONDecodeError) as fault:
            what = fault if isinstance(fault, Unparsable) else "is not JSON"
            self._add_fault(f"{what}; correct it there")

    def _add_fault(self, fault: str) -> None:
        self.faults.append((self.line, fault))

    def _add_bundle(self, body: Json, raw: bytes, place: ObjectPlace) -> None:
        within = list(_resources_within(body))
        people = {str(resource.get("id")) for resource in within if resource["resourceType"] == "Patient"}
        owners = {owner for resource in within for owner in patients_of(resource, self.base_url)}
        if len(people) == 1 and owners == people:
            self.places[people.pop(), False].append(place)
            return
        whole = _resource(parse(raw.removeprefix(BOM)))
        _refuse_gaps(whole)
        for resource in _resources_within(whole):
            line = write(resource) + b"\n"
            self._add_resource(resource, (True, len(self.entries), len(line), self.line))
            self.entries += line

    def _add_resource(self, body: Json, place: ObjectPlace) -> None:
        owners = patients_of(body, self.base_url)
        if not owners and body["resourceType"] in SHARED:
            self.places[f"{body['resourceType']}/{body.get('id')}", True].append(place)
        elif not owners:
            self.strays += 1
        for owner in sorted(owners):
            self.places[owner, False].append(place)


def _refuse_gaps(body: Json) -> None:
    """Refuses signs of loss that may be anybody's: a page without its next one, an OperationOutcome."""
    if body["resourceType"] in {"Bundle", "OperationOutcome"} and (gaps := submission_of([body]).gaps):
        kinds = "resources" if len(gaps) > MOST_KINDS else ", ".join(sorted(gaps))
        raise Unparsable(f"says that not everything came ({kinds}); complete it")


def _resource(body: object) -> Json:
    if not isinstance(body, dict) or not isinstance(body.get("resourceType"), str):
        raise Unparsable("is not a FHIR resource")
    return body


def _resources_within(bundle: Json) -> Iterator[Json]:
    return (entry["resource"] for entry in entries_within(bundle) if "resource" in entry)
