"""The sandbox in this process, called directly by our client: no socket, no thread, a clock to set."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from adapter.fhir import FhirClient
from adapter.fhir.http import RawAnswer, Wire
from adapter.fhir.origin import Base
from adapter.fhir.paging import SearchOptions
from adapter.input.wire_json import Json
from workers.sandbox.faults import Faults, Recorder
from workers.sandbox.http_endpoint import reply_headers
from workers.sandbox.resource_store import ResourceStore
from workers.sandbox.transactions import interactions_of
from workers.sandbox.wire import FhirRequest, FhirResponse, RequestRefused, parse_json, refusal_response

BASE = "http://sandbox.test/fhir"
PAGE_TTL = 3600


@dataclass
class SetClock:
    """Stands still until it is moved, and may be wrong."""

    now: datetime = datetime(2026, 11, 20, 12, tzinfo=UTC)
    wrong: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return self.now + self.wrong

    def move(self, **later: float) -> None:
        self.now += timedelta(**later)


@dataclass
class LocalServer:
    """A FHIR server that is asked by calls; `busy` may refuse a request with a status beforehand."""

    clock: Callable[[], datetime] = field(default_factory=SetClock)
    busy: Callable[[], int | None] = lambda: None

    def __post_init__(self) -> None:
        self.recorder, self.faults, self.asked = Recorder(), Faults(), 0
        self.store = ResourceStore(":memory:", self.clock, BASE)
        self._interactions = interactions_of(self.store, self.faults, self.recorder, PAGE_TTL)

    def load(self, *resources: Json) -> None:
        """What others write."""
        self.store.load(resources)

    def all(self, kind: str) -> list[Json]:
        """Everything of a type, as it stands."""
        return self.store.current_resources(kind)

    def answer(self, method: str, url: str, headers: dict[str, str], body: bytes | None) -> RawAnswer:
        """As over HTTP."""
        self.asked += 1
        try:
            answer = (
                FhirResponse(status) if (status := self.busy()) else self._handled(method, url, headers, body)
            )
        except RequestRefused as refused:
            answer = refusal_response(refused)
        said = {"Content-Type": "application/fhir+json", **reply_headers(self.store, answer)}
        return RawAnswer(answer.status, said, answer.body)

    def _handled(self, method: str, url: str, headers: dict[str, str], body: bytes | None) -> FhirResponse:
        parts = urlsplit(url.removeprefix(BASE))
        path = tuple(parts.path.strip("/").split("/")) if parts.path.strip("/") else ()
        query = parse_qsl(parts.query, keep_blank_values=True)
        if path[1:] == ("_search",):
            query += parse_qsl((body or b"").decode(), keep_blank_values=True)
            body = None
        named = {name.lower(): value for name, value in headers.items()}
        return self._interactions.handle(
            FhirRequest(method, path, tuple(query), named, parse_json(body) if body else None)
        )


class _Straight(Wire):
    """Each exchange is one call. Everything above it, from headers to faults, is what works over HTTP."""

    def __init__(self, server: LocalServer) -> None:
        super().__init__(Base.parse(BASE))
        self._server = server

    def _exchange(self, asked: Any, request: Any) -> RawAnswer:  # noqa: ARG002 - the signature of Wire
        return self._server.answer(request.method, request.url, dict(request.headers), request.body)


class StraightClient(FhirClient):
    """Our client, without a network in between."""

    def __init__(self, server: LocalServer, searching: SearchOptions | None = None) -> None:
        super().__init__(BASE, searching=searching or SearchOptions(), wire=_Straight(server))
