"""The index of files read in pieces is that of the files, wherever they are cut and by whomever read."""

import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.errors import ConfigurationFault
from adapter.input.input_files import InputFileFault
from adapter.input.wire_json import Json
from tests.examples import examples
from workers.bulk.index_pass import index_pieces
from workers.bulk.process_pool import ready_processes
from workers.bulk.record_files import pieces_of
from workers.bulk.record_index import ENTRIES, IndexedObject, RecordIndex, build_index

BASE = "https://files.invalid/fhir"
WHOLE = 1_000_000  # bytes, more than any file here has
PEOPLE = ("anna", "bert", "cora")


def a_result(*patients: str, **more: str) -> Json:
    actors = [{"actor": {"reference": f"Patient/{it}"}} for it in patients]
    return {"resourceType": "Appointment", "participant": actors, **more}


def a_bundle(*resources: Json) -> Json:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": it} for it in resources]}


def a_patient(key: str) -> Json:
    return {"resourceType": "Patient", "id": key}


PERSON = st.sampled_from(PEOPLE)
RESOURCE = st.one_of(
    PERSON.map(a_patient),
    st.lists(PERSON, max_size=2).map(lambda them: a_result(*them)),
    st.just({"resourceType": "Practitioner", "id": "gp", "name": [{"text": "\u2028"}]}),
)
SOUND = st.one_of(
    RESOURCE,
    st.lists(RESOURCE, max_size=3).map(lambda them: a_bundle(*them)),
    PERSON.map(lambda key: a_bundle(a_patient(key), a_result(key))),
).map(lambda it: json.dumps(it, ensure_ascii=False).encode())
LINE = st.one_of(
    SOUND, st.sampled_from([b"", b" ", b"\xef\xbb\xbf" + b'{"resourceType": "Patient", "id": "dirk"}'])
)
FAULTS = (b"{", b"[]", b'{"resourceType": 1}', b'{"resourceType": "Bundle", "entry": [1]}')
FAULTY = st.sampled_from(FAULTS)
ENDING = st.sampled_from([b"\n", b"\r\n"])


@dataclass(frozen=True)
class Found:
    """All that an index says."""

    strays: int
    objects: dict[str, list[tuple[bytes, str]]]


def found(index: Path, files: Iterable[Path], size: int) -> Found:
    strays = build_index(index, files, BASE, size=size)
    with closing(RecordIndex(index)) as known:
        people = known.patients(0, known.count())
        objects = {it: read(known.objects_of_patient(it)) for it in people}
        return Found(strays, objects | {"gp": read(known.shared_objects("Practitioner/gp"))})


def read(objects: Iterable[IndexedObject]) -> list[tuple[bytes, str]]:
    return [(it.file.read_bytes()[it.offset : it.offset + it.length], it.place) for it in objects]


def written(folder: Path, files: Iterable[list[bytes]], ending: bytes, *, ended: bool) -> Iterator[Path]:
    for number, lines in enumerate(files):
        file = folder / f"{number}.ndjson"
        file.write_bytes(ending.join([*lines, b""] if ended else lines))
        yield file
    for name in ("one.json", "two.json"):
        (folder / name).write_bytes(json.dumps(a_bundle(*map(a_patient, PEOPLE))).encode())
        yield folder / name


@settings(max_examples=examples(90), deadline=None)
@given(
    lines=st.lists(st.lists(LINE, max_size=8), min_size=1, max_size=3),
    ending=ENDING, ended=st.booleans(), cut=st.integers(1, 400),
)  # fmt: skip
def test_pieces_have_the_index_of_the_whole(
    lines: list[list[bytes]], ending: bytes, ended: bool, cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    files = [*written(folder, lines, ending, ended=ended)]

    whole = found(folder / "whole.sqlite", files, WHOLE)

    assert found(folder / "pieces.sqlite", files, cut) == whole
    assert {*PEOPLE} <= whole.objects.keys()
    assert all(key.encode() in text for key, objects in whole.objects.items() for text, _ in objects)


@settings(max_examples=examples(60), deadline=None)
@given(
    lines=st.lists(st.lists(SOUND | FAULTY, max_size=6), min_size=1, max_size=3),
    ending=ENDING, cut=st.integers(1, 100),
)  # fmt: skip
def test_every_fault_is_named_by_its_file_and_line(
    lines: list[list[bytes]], ending: bytes, cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    everything = [*lines, [b"{"]]
    files = [*written(folder, everything, ending, ended=False)]

    with pytest.raises(ConfigurationFault) as refused:
        build_index(folder / "index.sqlite", files, BASE, size=cut)

    places = [it.split(": ")[0] for it in str(refused.value).split("; ") if it.startswith(str(folder))]
    assert places == [
        f"{file}:{number}"
        for file, texts in zip(files, everything, strict=False)
        for number, text in enumerate(texts, 1)
        if text in FAULTS
    ]


@pytest.mark.parametrize("name", ["x.ndjson", "x.json"])
def test_what_is_longer_than_any_record_is_a_fault_and_what_follows_is_read(
    name: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text('{"a": "far too long for it"}\n{\n')

    (piece,) = index_pieces(BASE, pieces_of([tmp_path / name]), longest=10)

    places = {line: fault.split(";")[0] for line, fault in piece.faults}
    too_long = {1: "is longer than 10 bytes"}
    assert places == (too_long if name == "x.json" else too_long | {2: "is not JSON"})


def test_an_empty_document_is_not_json_and_an_empty_file_of_lines_is_nothing(tmp_path: Path) -> None:
    for name in ("a.ndjson", "b.json"):
        (tmp_path / name).touch()

    none, one = index_pieces(BASE, pieces_of([tmp_path / "a.ndjson", tmp_path / "b.json"]))

    assert (none.faults, one.faults) == ([], [(1, "is not JSON; correct it there")])


def test_a_file_that_cannot_be_read_is_named_by_other_processes_too(tmp_path: Path) -> None:
    (tmp_path / "x.ndjson").write_text("{}\n")
    pieces = pieces_of([tmp_path / "x.ndjson"])
    (tmp_path / "x.ndjson").unlink()

    with (
        ready_processes(Nobody, 2) as ready,
        pytest.raises(InputFileFault, match=r"x\.ndjson: cannot be read"),
    ):
        list(ready.in_order(partial(index_pieces, BASE), [pieces]))


def test_two_processes_make_the_index_that_one_makes(tmp_path: Path) -> None:
    texts = [json.dumps(a_patient(f"{key}-{number}")).encode() for key in PEOPLE for number in range(50)]
    files = [
        *written(
            tmp_path, [texts, [json.dumps(a_bundle(*map(a_patient, PEOPLE))).encode()]], b"\n", ended=True
        )
    ]

    build_index(tmp_path / "one.sqlite", files, BASE, size=200)
    with ready_processes(Nobody, 2) as ready:
        build_index(tmp_path / "two.sqlite", files, BASE, ready.in_order, size=200)

    for suffix in (".sqlite", ENTRIES):
        one, two = ((tmp_path / name).with_suffix(suffix).read_bytes() for name in ("one", "two"))
        assert one == two


class Nobody:
    """Is there for the index alone."""

    def __call__(self, _start: int, /) -> None:
        pass

    def close(self) -> None:
        pass
