"""Files and folders that are handed in: which are read, and what is said of the others."""

from pathlib import Path

import pytest

from adapter.input.input_files import InputFileFault
from workers.bulk.record_files import files_in, record_spans


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
    file.write_bytes(b'\xef\xbb\xbf{"a":1}\n\n{"b":"\xe2\x80\xa8"}\n{"c":3}')

    found = list(record_spans(file))

    assert [(span.line, raw) for span, raw in found] == [
        (1, b'{"a":1}\n'),
        (3, b'{"b":"\xe2\x80\xa8"}\n'),
        (4, b'{"c":3}'),
    ]
    for span, raw in found:
        assert file.read_bytes()[span.offset : span.offset + span.length].endswith(raw)


@pytest.mark.parametrize("name", ["x.ndjson", "x.json"])
def test_what_is_longer_than_any_record_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text('{"a": "long enough"}')

    with pytest.raises(InputFileFault, match=rf"{name}:1: is longer than 10 bytes"):
        list(record_spans(tmp_path / name, longest=10))
