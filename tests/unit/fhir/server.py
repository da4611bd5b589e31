"""A real HTTP server on the loopback that gives the answers of a test and remembers the questions."""

import gzip
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from adapter.errors import (
    OsteoHandoverError,
)
from adapter.fhir import FhirClient
from adapter.input.wire_json import Json, JsonValue

FHIR_JSON = "application/fhir+json"


@dataclass
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    port: int = 0  # of the client: each connection has its own

    @property
    def json(self) -> JsonValue:
        return json.loads(self.body)


@dataclass
class Answer:
    """What to answer: ``body``, as JSON unless it is bytes; ``promised``, a false Content-Length."""

    status: int = 200
    body: JsonValue = b""
    content_type: str | None = FHIR_JSON
    headers: dict[str, str] = field(default_factory=dict)
    gzipped: bool = False
    promised: int | None = None

    def bytes(self) -> bytes:
        raw = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        return gzip.compress(raw) if self.gzipped else raw


class FakeServer:
    """Answers in the order in which a test says so; whatever comes after that is a 500."""

    def __init__(self, url: str) -> None:
        self.root = url
        self.base = f"{url}/r4"
        self.asked: list[Asked] = []
        self._answers: deque[Answer | Callable[[Asked], Answer]] = deque()

    def will_answer(self, *answers: Answer | Callable[[Asked], Answer]) -> None:
        self._answers.extend(answers)

    def forget(self) -> None:
        """Nothing was asked, and nothing is left to answer."""
        self.asked.clear()
        self._answers.clear()

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        answer = self._answers.popleft() if self._answers else Answer(500)
        return answer(asked) if callable(answer) else answer

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]


@contextmanager
def fake_server() -> Iterator[FakeServer]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet; in two, each answer waits 40 ms for an acknowledgement

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = fake.answer(
                Asked(self.command, self.path, dict(self.headers.items()), body, self.client_address[1])
            )
            content = answer.bytes()
            self.send_response_only(answer.status)
            for name, value in self.headers_of(answer, content).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
            self.close_connection = answer.promised is not None

        def headers_of(self, answer: Answer, content: bytes) -> Mapping[str, str]:
            length = len(content) if answer.promised is None else answer.promised
            headers = {"Date": "Fri, 20 Nov 2026 10:00:00 GMT", "Content-Length": str(length)}
            if answer.content_type:
                headers["Content-Type"] = answer.content_type
            if answer.gzipped:
                headers["Content-Encoding"] = "gzip"
            return {name: value for name, value in {**headers, **answer.headers}.items() if value}

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - the names are inherited

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is inherited
            pass

    class Server(ThreadingHTTPServer):
        block_on_close = False  # kept-alive connections would hold the test until the client closes them
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        fake = FakeServer(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield fake
        finally:
            server.shutdown()
            thread.join()


def searchset(*resources: JsonValue, mode: str | None = "match", **links: str) -> Json:
    """A page of a search; links by relation (``self_`` and ``next``)."""
    search = {"search": {"mode": mode}} if mode else {}
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": [{"relation": name.rstrip("_"), "url": url} for name, url in links.items()],
        "entry": [{"resource": resource, **search} for resource in resources],
    }


def observation(key: str, patient: str = "p1", version: str = "1") -> Json:
    return {
        "resourceType": "Observation",
        "id": key,
        "meta": {"versionId": version},
        "subject": {"reference": f"Patient/{patient}"},
    }


def outcome(code: str = "invalid", severity: str = "error", **issue: JsonValue) -> Json:
    """An OperationOutcome that quotes the patient, as they do."""
    quoted = {"diagnostics": "Jansen, born 1950-02-03", "details": {"text": "BSN 111222333"}}
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": severity, "code": code, **quoted, **issue}],
    }


PATIENT = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Jansen"}]}
SECRETS = ["Jansen", "111222333", "1950-02-03"]


def caught_from(client: FhirClient, *, search: bool = False) -> OsteoHandoverError:
    """What a read or a search of a patient raises; it quotes nothing of the patient."""
    with pytest.raises(OsteoHandoverError) as caught:
        _ = client.search("Patient", {"identifier": "111222333"}) if search else client.read("Patient", "p1")
    assert not [secret for secret in SECRETS if secret in f"{caught.value} {caught.value!r}"]
    return caught.value


PLAN = {"resourceType": "CarePlan", "id": "plan-1", "status": "draft"}


NEW = {"resourceType": "CarePlan", "status": "draft"}
