"""Files and folders that are handed in: which are read, and what is said of the others."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.input.input_files import InputFileFault
from tests.examples import examples
from workers.bulk.record_files import files_in, groups_of, lines_of, pieces_of


def test_a_folder_gives_its_lines_and_documents_and_nothing_else(tmp_path: Path) -> None:
    for name in ("b.ndjson", "a.json", "c.jsonl", "readme.txt", "deep/d.NDJSON"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")

    assert [it.name for it in files_in([tmp_path])] == ["a.json", "b.ndjson", "c.jsonl", "d.NDJSON"]


@pytest.mark.parametrize(
    ("name", "told"),
    [("gone.ndjson", "is no file"), ("odd.xml", r"name it \.ndjson"), (".", "there is no file")],
)
def test_what_cannot_be_read_is_refused_by_name(name: str, told: str, tmp_path: Path) -> None:
    if name.endswith(".xml"):
        (tmp_path / name).write_text("<a/>")

    with pytest.raises(InputFileFault, match=told):
        files_in([tmp_path / name])


def test_each_line_is_found_again_by_its_place(tmp_path: Path) -> None:
    file = tmp_path / "x.ndjson"
    file.write_bytes(b'\xef\xbb\xbf{"a":1}\n\n{"b":"\xe2\x80\xa8"}\r\n{"c":3}')

    (piece,) = pieces_of([file])
    found = list(lines_of(piece))

    assert [line for _, line in found] == [
        b'\xef\xbb\xbf{"a":1}\n',
        b"\n",
        b'{"b":"\xe2\x80\xa8"}\r\n',
        b'{"c":3}',
    ]
    for offset, line in found:
        assert file.read_bytes()[offset:].startswith(line)


CUTS = st.integers(1, 60)
LONGEST = 12
TEXTS = st.lists(st.sampled_from([b"", b"a", b"{1}", b"123456789ab", b"123456789abc", b"x" * 50]), max_size=8)


@settings(max_examples=examples(300), deadline=None)
@given(texts=TEXTS, ending=st.sampled_from([b"\n", b"\r\n"]), ended=st.booleans(), cut=CUTS)
def test_a_file_in_pieces_has_the_lines_of_the_whole(
    texts: list[bytes], ending: bytes, ended: bool, cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Wherever it is cut: before, within and behind the end of a line, and within one that is too long."""
    file = tmp_path_factory.getbasetemp() / "pieces.ndjson"
    file.write_bytes(ending.join([*texts, b""]) if ended else ending.join(texts))
    (*whole,) = lines_by_hand(file.read_bytes())

    pieces = pieces_of([file], cut)

    assert [it for piece in pieces for it in lines_of(piece, LONGEST)] == whole
    assert all(piece.end - piece.start <= cut for piece in pieces)
    assert [piece.number for piece in pieces] == [*range(len(pieces))]


def lines_by_hand(content: bytes) -> Iterator[tuple[int, bytes]]:
    """What lies between line feeds; of a long one no more than shows that it is."""
    offset = 0
    for line in content.splitlines(keepends=True):
        yield offset, line[: LONGEST + 1]
        offset += len(line)


def test_a_document_is_not_cut_and_small_ones_are_read_together(tmp_path: Path) -> None:
    for name, size in {"a.json": 30, "b.json": 2, "c.json": 0, "d.json": 3, "e.json": 9}.items():
        (tmp_path / name).write_bytes(b"1" * size)

    pieces = pieces_of(files_in([tmp_path]), 10)

    assert [list(lines_of(it)) for it in pieces] == [[(0, b"1" * size)] for size in (30, 2, 0, 3, 9)]
    assert [[it.file.name for it in group] for group in groups_of(pieces, 10)] == [
        ["a.json", "b.json", "c.json", "d.json"],
        ["e.json"],
    ]
