"""The server without HTTP, on a clock that stands still."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from adapter.input.wire_json import Json
from workers.sandbox.faults import Faults, Recorder
from workers.sandbox.resource_store import ResourceStore
from workers.sandbox.transactions import interactions_of
from workers.sandbox.wire import FhirRequest, FhirResponse, parse_json

PAGE_TTL = 60
BASE = "http://sandbox.test/fhir"


@dataclass
class StoppedClock:
    """Stands still until it is moved."""

    now: datetime = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Fhir:
    """The server without HTTP: `fhir.get("Patient?name=x")` gives the status and what was answered."""

    clock: StoppedClock = field(default_factory=StoppedClock)
    faults: Faults = field(default_factory=Faults)
    recorder: Recorder = field(default_factory=Recorder)
    check_references: bool = False

    def __post_init__(self) -> None:
        self.store = ResourceStore(":memory:", self.clock, BASE, check_references=self.check_references)
        self.server = interactions_of(self.store, self.faults, self.recorder, PAGE_TTL)

    def ask(self, method: str, url: str, body: object = None, **headers: str) -> FhirResponse:
        path, _, query = url.removeprefix(BASE).strip("/").partition("?")
        named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        steps = tuple(path.split("/")) if path else ()
        asked = FhirRequest(
            method, steps, tuple(parse_qsl(query)), named, parse_json(raw) if body is not None else None
        )
        return self.server.handle(asked)

    def get(self, url: str, **headers: str) -> Json:
        answer = self.ask("GET", url, **headers)
        assert answer.status == 200, answer.body
        return content(answer)

    def put(self, type_: str, id_: str, **elements: Any) -> FhirResponse:
        return self.ask("PUT", f"{type_}/{id_}", {"resourceType": type_, "id": id_, **elements})

    def post(self, body: Json, url: str | None = None, **headers: str) -> FhirResponse:
        return self.ask("POST", body["resourceType"] if url is None else url, body, **headers)

    def found(self, url: str) -> list[str]:
        """The ids that a search finds, in order, all strict."""
        return ids(self.get(url, prefer="handling=strict"))


def content(answer: FhirResponse) -> Json:
    parsed: Json = json.loads(answer.body)
    return parsed


def ids(bundle: Json) -> list[str]:
    return [entry["resource"]["id"] for entry in bundle.get("entry", [])]
