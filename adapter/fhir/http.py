"""One request. Answers that failed become errors of the tree, by the tables of `statuses`.

The export and the token endpoint look at their answers themselves, since there some failures are news; they
ask the same tables for all others.

Nothing in here sleeps or is tried again, but for one renewal of the credentials after a 401:
one layer retries, and it knows how much time is left. A redirect is followed for GET within
the base, never for a write.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from queue import LifoQueue
from uuid import uuid4

import requests
from requests.structures import CaseInsensitiveDict

from adapter.errors import ConfigurationFault, OsteoHandoverError, RecordFault, SoftwareFault, TryAgainLater
from adapter.fhir.auth import NO_AUTH, Auth
from adapter.fhir.completeness import believable
from adapter.fhir.exchange.deadline import Stopwatch, WatchedSession, time_limit
from adapter.fhir.exchange.network_faults import fault_of_network, too_large, too_slow
from adapter.fhir.origin import Base
from adapter.fhir.outcomes import failures, issues_beside, issues_of
from adapter.fhir.statuses import Asked, Purpose, fault_of_outcome, fault_of_status, http_date, retry_after
from adapter.input.wire_json import Json, Unparsable, parse
from adapter.software_version import software_version

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
class HttpOptions:
    """How to reach the server. Time-outs in seconds; the environment (proxies, netrc) is not looked at."""

    connect_timeout: float = 3.0  # a firewall may keep silent: soon known, and tried again later
    read_timeout: float = 30.0  # between two pieces of an answer; the first comes when a search is done
    total_timeout: float = 60.0  # from the first byte of a request to the last one of its answer
    # Requests; whoever comes when so many are under way waits. Workers hand in their `threads` (16 at most);
    # for all others, such as the HTTP server, this is a bound against a flood, which nobody has measured.
    at_once: int = 32
    # Of an answer, after decompression: a small body may unpack to more than the memory holds. Beyond it
    # several patients are asked for by halves, and one without what is included
    # (`workers.review.searches.includes`).
    max_bytes: int = 16 * 1024 * 1024
    ca_bundle: str | None = None  # a file; certificates are always verified
    client_cert: str | tuple[str, str] | None = None  # one PEM file, or certificate and key
    proxies: Mapping[str, str] = field(default_factory=dict, repr=False)  # may hold a password
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # such as an API key


DEFAULT_HTTP = HttpOptions()


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
        self._sessions: list[requests.Session] = []
        self._idle: LifoQueue[requests.Session | None] = LifoQueue()
        self._idle.queue += [None] * options.at_once  # not made yet

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
        for session in self._sessions:
            session.close()

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
                self._session() as session,
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
                body = self._read_body(asked, response, request.sink)
                answer = RawAnswer(response.status_code, response.headers, body)
                if not stopwatch.over:
                    return answer
                fault: OsteoHandoverError = too_slow(asked)
        except requests.RequestException as error:
            fault = too_slow(asked) if stopwatch.over else fault_of_network(asked, error)
        except OSError:  # requests checks for the files of a CA bundle or a certificate only here
            fault = ConfigurationFault(f"{asked}: the CA bundle or the client certificate cannot be read.")
        raise fault

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

    @contextmanager
    def _session(self) -> Iterator[requests.Session]:
        """One that serves nobody else meanwhile: the idle one used last, so that few stay open."""
        session = self._idle.get()
        try:
            if session is None:
                session = _new_session(self._options)
                self._sessions.append(session)
            yield session
        finally:
            self._idle.put(session)


def _new_session(options: HttpOptions) -> requests.Session:
    session = WatchedSession()
    session.trust_env = False  # netrc would add credentials, and a proxy of the environment would read along
    session.headers = CaseInsensitiveDict(
        {"Accept-Encoding": "gzip", "User-Agent": f"osteo-handover/{software_version()}"}
    )
    session.proxies = dict(options.proxies)
    session.verify = options.ca_bundle or True
    session.cert = options.client_cert
    session.watch(pool_size=1)
    return session


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
