"""Whatever a server answers, every question to it ends in an answer or in an error of the tree."""

import gzip
import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from resource import RUSAGE_SELF, getrusage

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.errors import OsteoHandoverError
from adapter.fhir import Entry, FhirClient, HttpOptions
from adapter.input.wire_json import Json
from tests.examples import examples
from tests.unit.fhir.server import Answer, FakeServer, fake_server

pytestmark = pytest.mark.slow  # a server that answers thousands of times

PATIENT = {"resourceType": "Patient", "id": "p1"}
PUT = Entry("PUT", "Patient/p1", PATIENT)
REQUESTS: dict[str, Callable[[FhirClient], object]] = {
    "search": lambda client: client.search("Patient", {"_id": "p1"}),
    "pages": lambda client: list(client.search_pages("Patient")),
    "batch of searches": lambda client: client.batch_searches([("Patient", (), None), ("Task", (), None)]),
    "read": lambda client: client.read("Patient", "p1"),
    "vread": lambda client: client.vread("Patient", "p1", "1"),
    "capabilities": lambda client: client.capabilities().require_r4().update_create("Patient"),
    "validate": lambda client: client.validate(PATIENT),
    "create": lambda client: client.create(PATIENT),
    "update": lambda client: client.update(PATIENT),
    "create_conditional": lambda client: client.create_conditional(PATIENT, [("identifier", "x")]),
    "update_conditional": lambda client: client.update_conditional(PATIENT, [("identifier", "x")]),
    "delete": lambda client: client.delete("Patient", "p1"),
    "batch": lambda client: client.batch([PUT, PUT]),
    "transaction": lambda client: client.transaction([PUT]),
}

# The words of an answer, so that chance gets past the first door of the reader.
NAMES = st.sampled_from(
    [
        "resourceType",
        "type",
        "total",
        "link",
        "relation",
        "url",
        "entry",
        "resource",
        "search",
        "mode",
        "response",
        "status",
        "location",
        "etag",
        "outcome",
        "issue",
        "severity",
        "code",
        "expression",
        "id",
        "meta",
        "versionId",
        "lastUpdated",
        "fhirVersion",
        "software",
        "rest",
        "interaction",
        "name",
    ]
)
WORDS = st.sampled_from(
    [
        "Bundle",
        "Patient",
        "Task",
        "OperationOutcome",
        "CapabilityStatement",
        "searchset",
        "batch-response",
        "match",
        "include",
        "outcome",
        "next",
        "self",
        "error",
        "warning",
        "suppressed",
        "p1",
        "1",
        "200",
        "201",
        "404",
        "4.0.1",
        "http://[x",
        "Patient/p1/_history/1",
        "?page=2",
        "server",
        "read",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=25,
)
DOCUMENTS = st.dictionaries(NAMES, VALUES, max_size=6).flatmap(
    lambda held: st.sampled_from(["Bundle", "Patient", "OperationOutcome", "CapabilityStatement"]).map(
        lambda kind: {**held, "resourceType": kind}
    )
)


class Heavy(bytes):
    """A body that is told in few words when a test fails."""

    def __repr__(self) -> str:
        return f"<{len(self)} bytes that begin with {bytes(self[:40])!r}>"


HEAVY = st.sampled_from([
    Heavy(b"[" * 100_000),
    Heavy(b'{"resourceType": "Bundle", "entry": ' * 20_000),
    Heavy(b'{"resourceType": "Bundle", "total": 1e999999999}'),
    Heavy(b'{"resourceType": "Bundle", "total": ' + b"9" * 100_000 + b"}"),
    Heavy(b'{"resourceType": "Patient", "id": "' + b"x" * 1_000_000 + b'"}'),
    Heavy(b'{"resourceType": "Bundle", "type": "searchset", "entry": [' + b"{}," * 100_000 + b"{}]}"),
])  # fmt: skip
BODIES = st.binary(max_size=60) | DOCUMENTS.map(lambda it: json.dumps(it).encode()) | HEAVY
HEADER = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)
HEADERS = st.dictionaries(
    st.sampled_from(["Location", "ETag", "Retry-After", "Date", "Content-Encoding"]),
    HEADER | st.sampled_from(["http://[x", "/r4/Patient/p1", "//", "gzip", "W/", "-1", "Fri, 99 Nov 2026 10:00:00 GMT"]),
    max_size=2,
)  # fmt: skip
REDIRECTS = st.fixed_dictionaries({
    "status": st.sampled_from([301, 302, 307]),
    "body": BODIES,
    "headers": st.fixed_dictionaries({"Location": st.sampled_from(["http://[x", "//", "/r4/x", "\\", "?p=2"])}),
})  # fmt: skip
ANSWERS: st.SearchStrategy[Json] = st.fixed_dictionaries({
    "status": st.sampled_from([200, 200, 200, 201, 204, 301, 302, 400, 401, 404, 409, 410, 412, 429, 500, 503]),
    "body": BODIES,
    "content_type": st.sampled_from(["application/fhir+json", "text/html", "application/json;x", "", None]),
    "headers": HEADERS,
})  # fmt: skip


BOMB = Heavy(gzip.compress(b'{"resourceType": "Patient", "id": "' + b" " * 100_000_000, compresslevel=1))
BOMBS = st.fixed_dictionaries({
    "status": st.sampled_from([200, 302, 500]), "body": st.just(BOMB), "headers": st.just({"Content-Encoding": "gzip"}),
})  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[FakeServer]:
    with fake_server() as running:
        yield running


@pytest.mark.parametrize("request_name", REQUESTS)
@settings(
    max_examples=examples(40),
    deadline=None,  # the heavy bodies take their time, and have a bound of their own below
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(answers=st.lists(ANSWERS | REDIRECTS, min_size=1, max_size=4))
def test_any_answer_ends_in_a_value_or_in_an_error_of_the_tree(
    server: FakeServer, request_name: str, answers: list[Json]
) -> None:
    server.forget()
    server.will_answer(*(Answer(**it) for it in answers))

    with FhirClient(server.base) as client, suppress(OsteoHandoverError):
        REQUESTS[request_name](client)
    assert len(server.asked) < 20, "no answer makes us ask for ever"


@pytest.mark.parametrize("request_name", REQUESTS)
@settings(
    max_examples=examples(6), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(answer=BOMBS)
def test_no_answer_grows_beyond_its_bounds_or_its_time(
    server: FakeServer, request_name: str, answer: Json
) -> None:
    """A few hundred kilobytes that unfold to 100 MB: given up at the bound of one answer."""
    server.forget()
    server.will_answer(*[Answer(**answer)] * 4)
    began, before = time.monotonic(), getrusage(RUSAGE_SELF).ru_maxrss

    with FhirClient(server.base, http=HttpOptions(total_timeout=20)) as client, suppress(OsteoHandoverError):
        REQUESTS[request_name](client)

    assert time.monotonic() - began < 25
    assert getrusage(RUSAGE_SELF).ru_maxrss - before < 90 * 1024, "kilobytes"
