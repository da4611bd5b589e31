"""Whatever file a person hands in: it is used, or refused in a sentence with the place, without traceback."""

import json
from collections.abc import Callable
from contextlib import nullcontext, suppress
from datetime import date
from operator import itemgetter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.errors import ConfigurationFault
from adapter.input.input_files import InputFileFault, json_of, ndjson_of
from adapter.input.wire_json import Unparsable, parse
from mappings.inbound import ReadingConfig
from mappings.pathways import SHIPPED, load
from mappings.pathways.inspection import inspect
from mappings.stored_decision import load as load_decision
from tests.examples import examples
from tests.property.test_strict_json import DEFECTS, SOUND
from workers.authoring.cases import read_table
from workers.authoring.shadow_files import FilesShadow, shadow_of_files
from workers.settings.settings_loader import load_settings

TODAY = date(2026, 11, 20)
LINES = tuple((SHIPPED / "etz.yaml").read_text("utf-8").split("\n"))
ODD = st.sampled_from([
    "{}", "[]", "null", "1e999", "9" * 5000, "-1", "true", ".nan", ".inf", "&a [*a]", "!!python/object:x.y {}",
    "? [1, 2]", "2024-13-45", "2024-01-01", "0x1F", "1_2", "\0", "\x1b", "'", '"', "\t", ":", "- ", "#", "|", "<<: *x",
    "!!binary xx", "!!set {a}", "!!int x", "!!float x", "!!map x", "!!bool x", "12:30:45", "= 1 +", "= [1] < 2", "= param.x",
    "(" * 3000, "not " * 400 + "falls", "[" * 5000, "param.x.y", "known()", "unknown(1)", "1 < 2 in 3", "\U0001f9b4",
    "{choose: [1], by: {}, otherwise: []}", "{choose: x, by: y, otherwise: z}",
]) | st.text(max_size=8)  # fmt: skip
EDITS = st.tuples(
    st.integers(0, len(LINES) - 1),
    st.sampled_from(["drop", "value", "twice", "insert", "cut", "indent", "word"]),
    st.integers(0, 60),
    ODD,
)


def edited(line: str, how: str, place: int, odd: str) -> list[str]:
    match how:
        case "drop":
            return []
        case "value":
            return [f"{line.split(':', maxsplit=1)[0]}: {odd}"]
        case "twice":
            return [line, line]
        case "insert":
            return [line[:place] + odd + line[place:]]
        case "cut":
            return [line[:place]]
        case "indent":
            return [" " * (place % 7) + line.lstrip()]
        case _:
            words = line.split(" ")
            words[place % len(words)] = odd
            return [" ".join(words)]


@settings(
    max_examples=examples(300),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(edits=st.lists(EDITS, min_size=1, max_size=3, unique_by=itemgetter(0)))
def test_an_edited_pathway_is_used_or_every_fault_is_told(
    tmp_path: Path, edits: list[tuple[int, str, int, str]]
) -> None:
    lines = list(LINES)
    for number, how, place, odd in sorted(edits, reverse=True):
        lines[number : number + 1] = edited(lines[number], how, place, odd)
    file = tmp_path / "mine.yaml"
    file.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))

    found = inspect(file)

    for told in (*found.faults, *found.warnings):
        assert len(told) < 3000, "a fault does not quote a whole file"


def of_people(file: Path) -> object:
    records = file.with_suffix(".ndjson")
    records.write_bytes(file.read_bytes())
    reading = ReadingConfig(base_url="http://127.0.0.1/r4")
    return shadow_of_files(
        FilesShadow([records], "etz", "etz", reading, TODAY, 1), nullcontext(lambda *_: None)
    )


READERS: dict[str, Callable[[Path], object]] = {
    "pathway": lambda file: load(file.with_suffix(".yaml") if file.suffix else file),
    "cases": lambda file: read_table(file, TODAY),
    "patients": of_people,
    "decision": lambda file: load_decision(file.read_bytes()),
    "settings": lambda file: load_settings({}, file),
}
CONTENTS: dict[str, bytes] = {
    "nothing": b"",
    "NUL": b"\0",
    "bytes that are no text": bytes(range(128, 256)),
    "a byte order mark alone": "\ufeff".encode(),
    "UTF-16": "id: x".encode("utf-16"),
    "a list of lists": b"[" * 5000,
    "deep objects": b'{"cases":' * 5000,
    "closed and deep": b"[" * 5000 + b"]" * 5000,
    "a number": b"5",
    "an absurd number": b'{"cases": ' + b"9" * 6000 + b"}",
    "a float beyond all measure": b'{"resourceType": "Patient", "id": 1e999999999}',
    "not a number": b'{"resourceType": "Observation", "value": NaN}',
    "half a character": b'{"resourceType": "Patient", "id": "\\ud800"}',
    "aliases": b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n",
    "a name twice": b'{"cases": [], "cases": []}',
    "cases of numbers": b'{"cases": [1, null, [], {"id": [], "facts": 5}]}',
    "a record of odd types": b'{"resourceType": ["Patient"], "id": {}}',
    "a Bundle of odd entries": b'{"resourceType": "Bundle", "entry": [1, {"resource": 5}, {"resource": {}}]}',
    "a Bundle without a list": b'{"resourceType": "Bundle", "entry": 7}',
    "a patient without an id": b'{"resourceType": "Patient"}',
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_a_file_of_anything_is_read_or_refused(reader: str, content: bytes, tmp_path: Path) -> None:
    for name in ("file.yaml", "file"):
        (tmp_path / name).write_bytes(content)

    with suppress(ConfigurationFault):
        READERS[reader](tmp_path / "file")


@pytest.mark.parametrize("reader", ["cases", "pathway", "settings"])
@pytest.mark.parametrize("name", ["missing", "folder", "."])
def test_a_place_that_is_no_file_is_refused_by_name(reader: str, name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()

    with pytest.raises(ConfigurationFault) as refused:
        READERS[reader](tmp_path / name)

    assert str(tmp_path) in str(refused.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from([
            "cases", "meta", "id", "profile", "facts", "expect", "resources", "as_of", "resourceType", "entry",
            "resource", "format", "pathway", "on", "record", "decision", "parameters", "subject", "reference",
        ]),
        inner,
        max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip


@pytest.mark.parametrize("reader", ["cases", "patients", "decision"])
@settings(
    max_examples=examples(200), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=JSON)
def test_json_of_any_shape_is_read_or_refused(reader: str, content: object, tmp_path: Path) -> None:
    (tmp_path / "file").write_text(json.dumps(content), "utf-8")

    with suppress(ConfigurationFault):
        READERS[reader](tmp_path / "file")


def test_a_population_is_read_line_by_line_and_only_a_line_feed_ends_a_line(tmp_path: Path) -> None:
    file = tmp_path / "people.ndjson"
    first, second = {"text": "one\u2028line\x85"}, {"text": "two"}
    file.write_text(
        f"\n{json.dumps(first, ensure_ascii=False)}\r\n\n{json.dumps(second)}", "utf-8", newline=""
    )

    assert list(ndjson_of(file)) == [(2, first), (4, second)]


def test_a_line_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    file = tmp_path / "people.ndjson"
    file.write_bytes(b'{"a": 1}\n\n{"a": "\xff"}\n')

    with pytest.raises(InputFileFault, match=rf"^{file}:3: is not text in UTF-8"):
        list(ndjson_of(file))


@pytest.mark.parametrize("text", [*SOUND, *DEFECTS])
def test_a_file_is_held_to_what_a_server_is_held_to(text: str, tmp_path: Path) -> None:
    file = tmp_path / "file.json"
    file.write_text(f'{{"a": {text}}}')

    try:
        expected = parse(file.read_bytes())
    except Unparsable as fault:
        with pytest.raises(InputFileFault, match=str(fault)):
            json_of(file)
    else:
        assert json_of(file) == expected
