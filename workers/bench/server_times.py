"""The whole way with a server in another process.

Measured: the first time, nothing changed, a raw replay of the same requests, and a loop as one writes it in
an afternoon, with `requests` and `fhir.resources`.
"""

import http.client
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import requests
from fhir.resources.R4B import get_fhir_model_class
from pydantic import SecretStr

from adapter.errors import SoftwareFault
from adapter.fhir import FhirClient
from adapter.fhir.capabilities import Capabilities, ServerRefusals
from adapter.fhir.exchange.http_options import HttpOptions
from adapter.fhir.http import HttpRequest, RawAnswer, Wire
from adapter.fhir.origin import Base
from adapter.fhir.paging import SearchOptions
from adapter.fhir.search import Accept, Params, SearchResult, encode
from adapter.fhir.statuses import Asked
from adapter.input.wire_json import Json
from mappings import outbound
from mappings.handover.propose import propose
from workers.bench.bench_patients import admit_patients, run_sandbox
from workers.ledger import reviews
from workers.queue.bootstrap import PAGE
from workers.queue.feed import review_all_due
from workers.queue.runtime import Runtime, set_up
from workers.review.read import read
from workers.settings.all_settings import Settings

HEADERS = {"Content-Type": "application/fhir+json", "Cache-Control": "no-cache"}
WARM = 12  # patients before the clock starts: in one batch, since two at once would both write the Device
FIRST, AGAIN, REPLAY, REPLAY_AGAIN, LOOP = (
    "first time", "nothing changed", "raw replay of the first time", "raw replay of nothing changed", "plain loop",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ServerRound:
    """Milliseconds for each patient, on the wall and of the processor; requests for each patient."""

    wall: dict[str, float]
    cpu: dict[str, float]
    requests: dict[str, float]


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """What went over the wire."""

    method: str
    path: str  # below the base
    headers: dict[str, str]
    body: bytes | None


class RecordingWire(Wire):
    """A wire that keeps what it sends."""

    kept: list[RecordedRequest] | None = None

    def _exchange(self, asked: Asked, request: HttpRequest) -> RawAnswer:
        if self.kept is not None:
            below = request.url.removeprefix(self.base.url())
            self.kept.append(RecordedRequest(request.method, below, dict(request.headers), request.body))
        return super()._exchange(asked, request)


def measure_round(settings: Settings, count: int, loop: int) -> ServerRound:
    """One round on fresh servers."""
    with run_sandbox() as base, run_sandbox() as replaying:
        return measure_on_servers(settings, (base, replaying), count, loop)


def measure_on_servers(
    settings: Settings, servers: tuple[str, str], count: int, loop: int, who: str = "p"
) -> ServerRound:
    """One round on two like servers, the second to replay the writes; patients' ids begin with `who`."""
    base, replaying = servers
    found, ids = ServerRound({}, {}, {}), [f"{who}-{number}" for number in range(count)]
    with recorded_runtime(settings, base) as (runtime, wire):
        for where in servers:
            admit_patients(where, f"{who}w", WARM)
            admit_patients(where, who, count)
        replay_requests(
            _record_requests(
                wire, lambda: review_all(runtime, [f"{who}w-{number}" for number in range(WARM)])
            ),
            replaying,
            1,
        )
        first = _requests_of(found, FIRST, wire, ids, lambda: review_all(runtime, ids))
        review_all(runtime, ids)
        again = _requests_of(found, AGAIN, wire, ids, lambda: review_all(runtime, ids))
        clock_work(found, REPLAY_AGAIN, ids, lambda: replay_requests(again, base, runtime.threads))
        clock_work(found, REPLAY, ids, lambda: replay_requests(first, replaying, runtime.threads))
        plain = admit_patients(base, f"{who}n", loop)
        clock_work(found, LOOP, plain, lambda: run_plain_loop(runtime, plain))
    return found


@contextmanager
def recorded_runtime(settings: Settings, base: str) -> Iterator[tuple[Runtime, RecordingWire]]:
    """One process of ours, with a ledger of its own."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = f"sqlite:///{Path(folder) / 'ledger.sqlite'}"
        given = settings.model_copy(update={"fhir_base_url": base, "ledger_url": SecretStr(ledger)})
        with set_up(given) as runtime:
            wire = RecordingWire(Base.parse(base), options=HttpOptions(at_once=given.threads))
            runtime.client.close()
            client = FhirClient(base, searching=SearchOptions(page_size=PAGE), wire=wire)
            yield replace(runtime, client=client), wire
            client.close()


def review_all(runtime: Runtime, ids: Sequence[str]) -> None:
    """As `run` does it, behind its sweep."""
    reviews.request_reviews(runtime.ledger, ids, runtime.clock())
    review_all_due(runtime, lambda: None)
    if unsettled := reviews.unsettled_reviews(runtime.ledger):
        raise SoftwareFault(f"A patient failed, so the figures say nothing: {unsettled[0].reason}")


def _requests_of(
    found: ServerRound, name: str, wire: RecordingWire, ids: Sequence[str], work: Callable[[], object]
) -> list[RecordedRequest]:
    kept = _record_requests(wire, lambda: clock_work(found, name, ids, work))
    found.requests[name] = len(kept) / len(ids)
    return kept


def _record_requests(wire: RecordingWire, work: Callable[[], object]) -> list[RecordedRequest]:
    kept: list[RecordedRequest] = []
    wire.kept = kept
    work()
    wire.kept = None
    return kept


def clock_work(found: ServerRound, name: str, ids: Sequence[str], work: Callable[[], object]) -> None:
    """What the work takes for each patient, under this name."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    found.wall[name] = (time.perf_counter() - wall) * 1000 / len(ids)
    found.cpu[name] = (time.process_time() - cpu) * 1000 / len(ids)


def replay_requests(made: Sequence[RecordedRequest], base: str, threads: int) -> None:
    """The same bytes once more, in order, with as many in flight: what any client needs at least."""
    parts, waiting = urlsplit(base), iter(made)
    lock, odd = threading.Lock(), list[int]()

    def send() -> None:
        connection = http.client.HTTPConnection(parts.netloc, timeout=60)
        while True:
            with lock:
                request = next(waiting, None)
            if request is None:
                break
            connection.request(request.method, parts.path + request.path, request.body, request.headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status >= 400:
                odd.append(answer.status)
        connection.close()

    crew = [threading.Thread(target=send) for _ in range(threads)]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    if odd:
        raise SoftwareFault(f"The replay was answered with {odd[0]}, so the figures say nothing.")


def run_plain_loop(runtime: Runtime, ids: Sequence[str]) -> None:
    """One patient at a time, one request for each search and each write, every resource a model both ways."""
    server = PlainServer(runtime)
    for patient in ids:
        for record in read([patient], server, runtime.institution, runtime.now().date()):
            writes = propose(record, runtime.institution, runtime.now(), {}).writes
            for entry in outbound.entries(writes, update_create=True):
                resource = entry.resource or {}
                model = get_fhir_model_class(resource["resourceType"]).model_validate(resource)
                url = f"{runtime.settings.fhir_base_url}/{entry.url}"
                body = model.model_dump_json().encode()
                requests.put(url, data=body, headers=HEADERS, timeout=60).raise_for_status()


class PlainServer:
    """Searches as one writes them in an afternoon."""

    def __init__(self, runtime: Runtime) -> None:
        self._base, self._place = runtime.settings.fhir_base_url, runtime
        self.refused = ServerRefusals()

    def capabilities(self) -> Capabilities:
        """Asked once."""
        return self._place.client.capabilities()

    def batch_searches(self, searches: Sequence[tuple[str, Params, Accept | None]]) -> list[SearchResult]:
        """One after the other."""
        return [SearchResult(list(self._search(kind, params)), [], []) for kind, params, _ in searches]

    def _search(self, kind: str, params: Params) -> Iterator[Json]:
        url: str | None = f"{self._base}/{kind}?{encode(params)}"
        while url:
            bundle = requests.get(url, headers=HEADERS, timeout=60).json()
            for entry in bundle.get("entry", ()):
                get_fhir_model_class(entry["resource"]["resourceType"]).model_validate(entry["resource"])
                yield entry["resource"]
            url = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), None)
