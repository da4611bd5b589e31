"""What comes in is either exactly what was written, or marked as not to be believed."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from adapter.errors import SoftwareFault
from adapter.input.wire_json import MAX_DEPTH, Json, Unparsable, Unreadable, parse, write

NEGATIVE = Path(__file__).parents[2] / "data" / "fhir-examples" / "negative"
INDEX = [json.loads(line) for line in (NEGATIVE / "index.ndjson").read_text().splitlines()]
# Python's parser reads these, and what it reads is not what they say: a repeated key lost one of its values.
REPEATED_KEYS = {"patient-duplicate.json"}


@pytest.mark.parametrize("digits", ["-2.5", "-2.50", "0.0", "-0.0", "1.5E+3", "3.14159265358979323846"])
def test_a_number_keeps_its_digits_both_ways(digits: str) -> None:
    document = parse(f'{{"value":{digits}}}'.encode())

    assert document["value"].as_tuple() == Decimal(digits).as_tuple()
    assert write(document) == f'{{"value":{digits}}}'.encode()


@pytest.mark.parametrize(
    "value",
    ["NaN", "Infinity", "-Infinity", "1e9999", "1e-99999999999999999999", "9" * 5000, "0." + "1" * 100,
     '{"a": 1, "a": 2}', r'{"a": "\u0000"}', r'{"a": ["x", "\ud83d"]}'],
)  # fmt: skip
def test_a_document_with_a_defect_is_refused(value: str) -> None:
    with pytest.raises(Unparsable):
        parse(f'{{"resourceType": "Observation", "value": {value}}}'.encode())


@pytest.mark.parametrize(
    "text", ["[]", '"x"', "1", "NaN", '{"a": 1, "a": 2}', "{'a': 1}", '{"a": 1,}', '{"a": 925.}', "<html/>"]
)
def test_a_document_that_is_no_strict_object_is_refused_for_good(text: str) -> None:
    with pytest.raises(Unparsable) as caught:
        parse(text.encode())

    assert not caught.value.truncated


@pytest.mark.parametrize("text", ["", "{", '{"a', '{"a":', '{"a": "Jans', '{"a": [1, 2', '{"a": 1, '])
def test_a_document_that_ends_too_early_may_be_complete_the_next_time(text: str) -> None:
    with pytest.raises(Unparsable) as caught:
        parse(text.encode())

    assert caught.value.truncated


@pytest.mark.parametrize(
    "raw",
    [b'{"family": "Jansen", "birthDate": 1950-02-03}', b'{"name": "Jansen"} x', b'{"name": "Jansen\xff"}'],
)
def test_what_is_said_about_a_broken_document_quotes_nothing_of_it(raw: bytes) -> None:
    with pytest.raises(Unparsable) as caught:
        parse(raw)

    error: BaseException | None = caught.value
    assert error is not None
    assert "Jansen" not in str(error)
    assert error.__cause__ is None
    assert error.__context__ is None


@pytest.mark.parametrize(
    "text",
    [
        r'{"a": 1, "a": "\u003a"}',
        r'{"a": ":", "b": {"c": 1, "c": 2}, "d": "\u003A"}',
        r'{"a": 1, "\u0061": "\u003a"}',
    ],
)
def test_no_disguised_colon_hides_a_repeated_key(text: str) -> None:
    with pytest.raises(Unparsable):
        parse(text.encode())


@pytest.mark.parametrize("text", [r"\u003a", r"\\u003a", "a:b", r"\u00e9", ":" * 9])
def test_a_colon_in_a_text_is_no_defect(text: str) -> None:
    assert parse(f'{{"a": "{text}", "{text}": 1}}'.encode()) == json.loads(f'{{"a": "{text}", "{text}": 1}}')


def nested(depth: int) -> bytes:
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 5_000, 200_000])
def test_depth_is_limited_before_it_hurts(depth: int) -> None:
    with pytest.raises(Unparsable, match="deep"):
        parse(nested(depth))


@pytest.mark.parametrize("text", ['"', "]" * 99, '"]}', "\\", '\\"', "[" * 99])
def test_no_text_hides_the_depth_or_adds_to_it(text: str) -> None:
    deepest, too_deep = (
        json.dumps({text: text, "a": json.loads(nested(depth)), "b": text}).encode()
        for depth in (MAX_DEPTH - 1, MAX_DEPTH)
    )

    assert parse(deepest)
    with pytest.raises(Unparsable, match="deep"):
        parse(too_deep)


def test_the_deepest_allowed_document_is_read() -> None:
    assert parse(nested(MAX_DEPTH))


@pytest.mark.parametrize("text", [r"\ud83e\uddb4", r"\\u0000", "bone \U0001f9b4", r"caf\u00e9"])
def test_honest_escapes_are_no_defect(text: str) -> None:
    assert parse(f'{{"a": "{text}"}}'.encode()) == json.loads(f'{{"a": "{text}"}}')


def test_a_byte_order_mark_is_no_reason_to_refuse() -> None:
    assert parse(b'\xef\xbb\xbf{"a": true}') == {"a": True}


BROKEN = [
    '{"resourceType": "Observation", "id": "b", "status": "final", "status": "entered-in-error"}',
    '{"resourceType": "Observation", "id": "b", "valueQuantity": {"value": NaN}}',
    '{"resourceType": "Observation", "id": "b", "note": [{"text": "\\u0000"}]}',
]


def bundle_of(*entries: str, kind: str = "searchset") -> str:
    return f'{{"resourceType": "Bundle", "type": "{kind}", "entry": [{", ".join(entries)}]}}'


@pytest.mark.parametrize("broken", BROKEN)
def test_one_broken_resource_is_withdrawn_and_its_neighbours_stay(broken: str) -> None:
    good = '{"resource": {"resourceType": "Observation", "id": "a"}}'

    document = parse(bundle_of(good, f'{{"resource": {broken}}}', good).encode())

    resources = [entry["resource"] for entry in document["entry"]]
    assert [isinstance(resource, Unreadable) for resource in resources] == [False, True, False]
    assert "status" not in resources[1]


def test_a_broken_resource_is_found_in_a_bundle_of_bundles() -> None:
    inner = bundle_of(f'{{"resource": {BROKEN[0]}}}', '{"resource": {"id": "a"}}')
    outer = bundle_of(f'{{"resource": {inner}, "response": {{"status": "200"}}}}', kind="batch-response")

    resources = [entry["resource"] for entry in parse(outer.encode())["entry"][0]["resource"]["entry"]]

    assert isinstance(resources[0], Unreadable)
    assert resources[1] == {"id": "a"}


def test_an_inner_bundle_that_cannot_be_mended_is_withdrawn_as_a_whole() -> None:
    inner = '{"resourceType": "Bundle", "total": NaN, "entry": []}'

    document = parse(bundle_of(f'{{"resource": {inner}}}').encode())

    assert isinstance(document["entry"][0]["resource"], Unreadable)


def test_an_entry_with_a_repeated_key_is_withdrawn() -> None:
    document = parse(bundle_of('{"resource": {"id": "a"}, "resource": {"id": "b"}}').encode())

    assert isinstance(document["entry"][0]["resource"], Unreadable)


@pytest.mark.parametrize("entry", ["NaN", '{"search": {"score": NaN}}', '{"resource": 1, "search": [NaN]}'])
def test_a_defect_beside_the_resources_refuses_the_bundle(entry: str) -> None:
    total = '{"resourceType": "Bundle", "total": NaN, "entry": [' + entry + "]}"

    with pytest.raises(Unparsable):
        parse(total.encode())


@pytest.mark.parametrize(
    "value", [float("nan"), [float("inf")], {"a": (1.0, float("-inf"))}, Decimal("NaN"), object(), "\ud83d"]
)
def test_what_json_cannot_say_is_not_sent(value: object) -> None:
    with pytest.raises(SoftwareFault):
        write({"value": value})


@pytest.mark.parametrize("value", [None, [None, {"a": 0.5}], "null"])
def test_a_null_that_was_meant_is_sent(value: object) -> None:
    assert json.loads(write({"value": value})) == {"value": value}


@pytest.mark.parametrize("row", INDEX, ids=[row["file"] for row in INDEX])
def test_odd_files_from_the_field_are_read_or_refused_and_nothing_in_between(row: Json) -> None:
    raw = (NEGATIVE / row["file"]).read_bytes()
    readable = row["json_parses"] and row["file"] not in REPEATED_KEYS

    if readable:
        assert json.loads(write(parse(raw)), parse_float=Decimal) == json.loads(raw, parse_float=Decimal)
    else:
        with pytest.raises(Unparsable):
            parse(raw)


WHOLE = rb'{"a": [true, false, null, 1.5, -2, 1.5e-3, "x\u00e9\n", {"b": {}}], "c": false}'


@pytest.mark.parametrize("length", range(1, len(WHOLE)))
def test_a_document_that_breaks_off_anywhere_is_cut_and_not_wrong(length: int) -> None:
    with pytest.raises(Unparsable) as caught:
        parse(WHOLE[:length])

    assert caught.value.truncated
