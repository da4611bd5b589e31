"""A file is taken whole or not at all: each content arrives under its patient, or refuses the file."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.input.wire_json import Json, JsonValue, parse
from workers.intake.file_arrivals import FileRefusal, arrivals_of, resources_of
from workers.review.references import patients_of

URN = "urn:uuid:6f1cf0b6-1f2f-4f8e-8f63-0d5f0d5f0d5f"
ANNA = {"resourceType": "Patient", "id": "anna"}


def of(*entries: JsonValue, **changes: JsonValue) -> Json:
    return {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)} | changes


def score(subject: str, name: str = "o") -> Json:
    return {"resourceType": "Observation", "id": name, "subject": {"reference": subject}}


def written(document: object) -> list[Json]:
    """What the inbox would hand to the writer, read as the writer reads it."""
    return [
        it
        for arrival in arrivals_of("a.json", json.dumps(document).encode(), ())
        for it in resources_of(parse(arrival.content))
    ]


def test_what_a_bundle_says_by_address_belongs_to_its_patient() -> None:
    patient = {"fullUrl": URN, "resource": {"resourceType": "Patient"}, "request": {"method": "POST"}}
    found = written(of({"resource": score(URN)}, patient))

    assert [it["resourceType"] for it in found] == ["Patient", "Observation"]
    assert {one for it in found for one in patients_of(it, "")} == {URN.removeprefix("urn:uuid:")}


def test_it_is_settled_before_it_is_split() -> None:
    many = [{"resource": score(URN, f"o{number}")} for number in range(450)]
    arrivals = arrivals_of("a", json.dumps(of(*many, {"fullUrl": URN, "resource": ANNA})).encode(), ())
    held = [it for arrival in arrivals for it in resources_of(parse(arrival.content))]

    assert (len(arrivals), len(held)) == (3, 451)
    assert all(patients_of(it, "") == {"anna"} for it in held)


def test_a_bundle_in_a_bundle_is_taken_too() -> None:
    inner = of({"fullUrl": URN, "resource": ANNA}, {"resource": score(URN)})

    assert [it["id"] for it in written(of({"resource": inner}))] == ["anna", "o"]


LOST: Json = {
    "without a resource": of({"resource": ANNA}, {"fullUrl": URN}),
    "nothing": of({"resource": ANNA}, {}),
    "taken away": of({"resource": ANNA}, {"request": {"method": "DELETE", "url": "Observation/o"}}),
    "taken away, and shown": of(
        {"resource": ANNA, "request": {"method": "DELETE", "url": "Patient/anna"}}, {"resource": score("Patient/anna")}
    ),
    "junk": of({"resource": ANNA}, "junk"),
    "null": of({"resource": ANNA}, None),
    "a resource that is a text": of({"resource": ANNA}, {"resource": "Observation"}),
    "a resource that is a list": of({"resource": ANNA}, {"resource": [score("Patient/anna")]}),
    "a resource without a type": of({"resource": ANNA}, {"resource": {"id": "o"}}),
    "entries that are one": of(entry={"resource": ANNA}),
    "in a Bundle of a Bundle": of({"resource": of({"resource": ANNA}, {"fullUrl": URN})}),
    "a reference to an address of nothing": of({"resource": ANNA}, {"resource": score(URN)}),
    "a resource alone that refers to an address": score(URN),
}  # fmt: skip


@pytest.mark.parametrize("document", LOST.values(), ids=LOST)
def test_what_would_be_lost_refuses_the_file(document: object) -> None:
    with pytest.raises(FileRefusal):
        written(document)


def test_what_stands_in_it_twice_arrives_once() -> None:
    lines = [
        json.dumps(it).encode() for it in (ANNA, score("Patient/anna"), ANNA | {"meta": {"versionId": "2"}})
    ]
    (arrival,) = arrivals_of("a.ndjson", b"\n".join(lines), ())

    assert [it["id"] for it in resources_of(parse(arrival.content))] == ["anna", "o"]


@pytest.mark.parametrize(
    "news", [{"gender": "male"}, {"authoredOn": "2026-01-02"}, {"recorded": "2026-01-02"}]
)
def test_one_id_with_two_contents_refuses_the_file(news: Json) -> None:
    lines = [json.dumps(it).encode() for it in (ANNA, score("Patient/anna"), ANNA | news)]

    with pytest.raises(
        FileRefusal, match="resource 3: stands in the file twice, and not with the same content"
    ):
        arrivals_of("a.ndjson", b"\n".join(lines), ())


def test_the_line_is_named() -> None:
    lines = [json.dumps(it).encode() for it in (ANNA, of({"fullUrl": URN}))]

    with pytest.raises(FileRefusal, match="line 2: holds an entry without a resource"):
        arrivals_of("a.ndjson", b"\n".join(lines), ())


def test_a_repeated_key_is_not_believed() -> None:
    spoiled = b'{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "a", "id": "b"}}]}'

    with pytest.raises(FileRefusal, match="must not be believed"):
        arrivals_of("a.json", spoiled, ())


ENTRIES = st.fixed_dictionaries(
    {},
    optional={
        "fullUrl": st.sampled_from([URN, "http://other.example/Patient/anna", 7]),
        "resource": st.sampled_from(
            [ANNA, score(URN), score("Patient/anna"), {"resourceType": "Patient"}, {}, None, 3]
        ),
        "request": st.sampled_from([{"method": "PUT"}, {"method": "DELETE"}, {"method": "GET"}, "PUT", {}]),
    },
)


@given(st.lists(ENTRIES | st.sampled_from([None, "x", []]), max_size=4))
def test_all_that_stands_in_it_arrives_once_and_points_to_no_address_or_none_does(
    entries: list[JsonValue],
) -> None:
    try:
        found = written(of(*entries))
    except FileRefusal:
        return

    places = [(it["resourceType"], it["id"]) for it in found]
    assert len(places) == len(set(places)) > 0
    assert {it["resource"]["resourceType"] for it in entries} == {kind for kind, _ in places}
    assert "urn:" not in json.dumps(found)
