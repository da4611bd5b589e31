"""One request. Answers that failed become errors of the tree, by the tables of `statuses`.

The export and the token endpoint look at their answers themselves, since there some failures are news; they
ask the same tables for all others.

Nothing in here sleeps or is tried again, but for one renewal of the credentials after a 401:
one layer retries, and it knows how much time is left. A redirect is followed for GET within
the base, never for a write.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

import requests

from adapter.errors import ConfigurationFault, OsteoHandoverError, RecordFault, SoftwareFault, TryAgainLater
from adapter.fhir.auth import NO_AUTH, Auth
from adapter.fhir.completeness import believable
from adapter.fhir.exchange.deadline import Stopwatch, time_limit
from adapter.fhir.exchange.http_options import DEFAULT_HTTP, HttpOptions
from adapter.fhir.exchange.in_flight import TOO_MUCH, InFlight
from adapter.fhir.exchange.network_faults import fault_of_network, too_large, too_slow
from adapter.fhir.exchange.sessions import Sessions
from adapter.fhir.origin import Base
from adapter.fhir.outcomes import failures, issues_beside, issues_of
from adapter.fhir.statuses import Asked, Purpose, fault_of_outcome, fault_of_status, http_date, retry_after
from adapter.input.wire_json import Json, Unparsable, parse

log = logging.getLogger(__name__)

FHIR_JSON = "application/fhir+json"
FORM = "application/x-www-form-urlencoded"
_JSON_TYPES = frozenset({FHIR_JSON, "application/json", "application/json+fhir", "text/json"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS = 3  # one for a moved host and one for a slash leave one; more are a circle
_CHUNK = 65536  # bytes; between two of them the time limit of the whole answer is looked at

# urllib3 logs the address of every request at DEBUG, and of some at WARNING: identifiers would reach the log.
logging.getLogger("urllib3").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that succeeded. ``document`` is None for an empty body."""

    asked: Asked
    status: int
    headers: Mapping[str, str] = field(repr=False)
    document: Json | None = field(repr=False)

    @property
    def server_time(self) -> datetime | None:
        """The ``Date`` of the answer."""
        return http_date(self.headers.get("Date", ""))

    def expect(self, resource_type: str) -> Json:
        """The document, which must be of this type."""
        if self.document is None:
            raise TryAgainLater(
                f"{self.asked}: HTTP {self.status} with an empty body.",
                status=self.status,
                resource_type=self.asked.resource_type,
            )
        if self.document.get("resourceType") != resource_type:
            kind = RecordFault if self.asked.purpose is Purpose.RESOURCE else ConfigurationFault
            raise kind(
                f"{self.asked}: the answer is not a {resource_type}. Check what answers at the base URL.",
                status=self.status,
                resource_type=self.asked.resource_type,
            )
        if not believable(self.document):
            raise RecordFault(
                f"{self.asked}: the answer has an id or a meta that no resource has. It is not used.",
                status=self.status,
                resource_type=self.asked.resource_type,
            )
        return self.document


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What is sent; `sink` takes an answer that is too long to hold."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    sink: Callable[[bytes], None] | None = None


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """What came back, whatever its status."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Wire:
    """Requests to one base. Threads may share it, and come and go: sessions stay. Make it after a fork."""

    def __init__(self, base: Base, auth: Auth = NO_AUTH, options: HttpOptions = DEFAULT_HTTP) -> None:
        self.base = base
        self._auth = auth
        self._options = options
        self.in_flight = InFlight(options.at_once)
        self._sessions = Sessions(options)

    def send(
        self,
        asked: Asked,
        url: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        outcome_is_the_answer: bool = False,
    ) -> Reply:
        """The reply, or an error of the tree. ``url`` must lie within the base."""
        sent = {
            "Accept": FHIR_JSON,
            **({"Content-Type": f"{FHIR_JSON}; charset=utf-8"} if body is not None else {}),
            "X-Request-ID": uuid4().hex,
            **(headers or {}),
        }
        answer = self._arrive(asked, HttpRequest(asked.method, url, sent, body))
        served = 200 <= answer.status <= 299
        # A refusal is told with its number, asked for or not: whoever runs the server finds it by that.
        level = logging.DEBUG if served else logging.INFO
        log.log(level, "%s: HTTP %d, request %s", asked, answer.status, sent["X-Request-ID"])
        if not served:
            raise fault_of_status(
                asked, answer.status, issues_beside(answer.body), retry_after=retry_after(answer.headers)
            )
        document = _document(asked, answer)
        failed = failures(issues_of(document))
        if failed and not outcome_is_the_answer:
            raise fault_of_outcome(asked, answer.status, failed, retry_after=retry_after(answer.headers))
        return Reply(asked, answer.status, answer.headers, document)

    def answer(
        self, asked: Asked, url: str, *, body: bytes | None = None, headers: Mapping[str, str]
    ) -> RawAnswer:
        """One exchange for what is not FHIR, unjudged; after a 401 one more with a new token."""
        return self._admitted(asked, HttpRequest(asked.method, url, headers, body))

    def stream(
        self, asked: Asked, url: str, sink: Callable[[bytes], None], *, headers: Mapping[str, str]
    ) -> RawAnswer:
        """For what is too large to hold: each piece of a success goes to ``sink`` as it comes; none is kept.

        ``sink`` raises errors of the tree only.
        """
        return self._admitted(asked, HttpRequest(asked.method, url, headers, None, sink))

    def close(self) -> None:
        """Closes all connections; a later request makes a new one."""
        self._sessions.close()

    def _arrive(self, asked: Asked, request: HttpRequest) -> RawAnswer:
        """Follows redirects of a GET within the base."""
        answer = self._admitted(asked, request)
        for _ in range(_MAX_REDIRECTS):
            location = answer.headers.get("Location")
            if request.method != "GET" or answer.status not in _REDIRECTS or not location:
                break
            request = HttpRequest(
                request.method, self.base.follow(location, at=request.url), request.headers, request.body
            )
            answer = self._admitted(asked, request)
        return answer

    def _admitted(self, asked: Asked, request: HttpRequest) -> RawAnswer:
        """One renewal after a 401. The request was refused before it did anything: writes may be repeated."""
        answer = self._exchange(asked, request)
        return self._exchange(asked, request) if answer.status == 401 and self._auth.renew() else answer

    def _exchange(self, asked: Asked, request: HttpRequest) -> RawAnswer:
        """The fault is raised outside the handler, and so without a cause: that would quote the address."""
        if not self.base.holds(request.url):
            raise SoftwareFault(f"{asked}: the address lies outside the base URL; nothing was sent.")
        headers, stopwatch = {**self._options.headers, **request.headers, **self._auth.headers()}, Stopwatch()
        try:
            with (
                self.in_flight.slot() as slot,
                self._sessions.idle() as session,
                time_limit(self._options.total_timeout, stopwatch),
                session.request(
                    request.method,
                    request.url,
                    data=request.body,
                    headers=headers,
                    timeout=(self._options.connect_timeout, self._options.read_timeout),
                    allow_redirects=False,
                    stream=True,
                ) as response,
            ):
                slot.taken = self._takes_more(response)
                body = self._read_body(asked, response, request.sink)
                if not stopwatch.over:
                    return RawAnswer(response.status_code, response.headers, body)
                slot.taken = False
                fault: OsteoHandoverError = too_slow(asked)
        except requests.RequestException as error:
            fault = too_slow(asked) if stopwatch.over else fault_of_network(asked, error)
        except OSError:  # requests checks for the files of a CA bundle or a certificate only here
            fault = ConfigurationFault(f"{asked}: the CA bundle or the client certificate cannot be read.")
        raise fault

    def _takes_more(self, response: requests.Response) -> bool:
        """Whether the server has room for as many requests as it has now."""
        soon = response.elapsed.total_seconds() < self._options.slow_answer
        return soon and response.status_code not in TOO_MUCH

    def _read_body(
        self, asked: Asked, response: requests.Response, sink: Callable[[bytes], None] | None
    ) -> bytes:
        """In pieces, so that a small answer that unpacks to a large one is noticed while it does."""
        body = bytearray()
        take = sink if sink and response.status_code == 200 else body.extend
        for chunk in response.iter_content(_CHUNK):
            take(chunk)
            if len(body) > self._options.max_bytes:
                raise too_large(asked, response.status_code, self._options.max_bytes)
        return bytes(body)


def _document(asked: Asked, answer: RawAnswer) -> Json | None:
    if not answer.body.strip():
        return None
    media = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media not in _JSON_TYPES and (media.endswith(("html", "xml")) or answer.body.lstrip()[:1] == b"<"):
        raise ConfigurationFault(
            f"{asked}: HTTP {answer.status} with a {'web page' if 'html' in media else 'document'} that is not FHIR "
            "JSON. Check the base URL, and whether a proxy or a login page stands in between.",
            status=answer.status,
            resource_type=asked.resource_type,
        )
    try:
        return parse(answer.body)
    except Unparsable as error:
        problem = error
    raise _fault_of_document(asked, answer, problem)


def _fault_of_document(asked: Asked, answer: RawAnswer, problem: Unparsable) -> OsteoHandoverError:
    kind = TryAgainLater if problem.truncated else RecordFault
    advice = "The same request may succeed later." if problem.truncated else "It is not used."
    return kind(
        f"{asked}: HTTP {answer.status}, but the answer {problem}. {advice}",
        status=answer.status,
        resource_type=asked.resource_type,
    )
