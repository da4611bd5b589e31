"""FhirClient: everything that the program does with a FHIR server, on any R4 server.

Each method makes one request (a search: one per page) and raises the errors of ``adapter.errors``; none of
them waits or tries again. Reading methods may be repeated freely. Each writing method says what a second call
does. Threads may share a client; after a fork make a new one.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Literal, Self

from adapter.errors import ConfigurationFault, Issue, NotThere, OsteoHandoverError, RecordFault, TryAgainLater
from adapter.fhir import bundles
from adapter.fhir.addresses import checked_type, location, type_of
from adapter.fhir.auth import NO_AUTH, Auth
from adapter.fhir.batch_searches import BatchSearcher
from adapter.fhir.bundles import Entry, EntryResult
from adapter.fhir.capabilities import Capabilities, ServerRefusals
from adapter.fhir.exchange.http_options import DEFAULT_HTTP, HttpOptions
from adapter.fhir.http import Reply, Wire
from adapter.fhir.origin import Base
from adapter.fhir.outcomes import issues_of
from adapter.fhir.paging import DEFAULT_SEARCH, Searcher, SearchOptions
from adapter.fhir.search import Accept, Page, Params, Question, SearchResult, encode, version
from adapter.fhir.statuses import Asked, Purpose
from adapter.fhir.write_result import Written, require_same_id, written
from adapter.input.wire_json import Json, write

Prefer = Literal["minimal", "representation"]

_VALIDATION_FAILED = frozenset({400, 412, 422})


class FhirClient:
    """One FHIR server, reached with one set of credentials."""

    def __init__(
        self,
        base_url: str,
        *,
        auth: Auth = NO_AUTH,
        http: HttpOptions = DEFAULT_HTTP,
        searching: SearchOptions = DEFAULT_SEARCH,
        wire: Wire | None = None,
    ) -> None:
        self._wire = wire or Wire(Base.parse(base_url), auth, http)
        self._searcher = Searcher(self._wire, searching)
        self._capabilities: Capabilities | None = None
        self._batches = BatchSearcher(self._wire, self._searcher)
        self.refused = ServerRefusals()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._wire.close()

    # --- asking ---------------------------------------------------------------------------------------------

    def capabilities(self) -> Capabilities:
        """What the server says about itself; asked once per client."""
        if self._capabilities is None:
            reply = self._send(Asked("GET", "CapabilityStatement", Purpose.SYSTEM), "metadata")
            if reply.document and reply.document.get("resourceType") == "Conformance":
                raise ConfigurationFault("The server speaks FHIR DSTU2; R4 (4.0.1) is needed.")
            self._capabilities = Capabilities.parse(reply.expect("CapabilityStatement"))
        return self._capabilities

    def read(self, resource_type: str, resource_id: str) -> Json:
        """The current version; raises NotThere, or Deleted when somebody deleted it."""
        found = self._get(resource_type, location(resource_type, resource_id))
        if found.get("id") != resource_id:
            raise RecordFault(
                f"GET {resource_type}: another one came than was asked for.", resource_type=resource_type
            )
        return found

    def vread(self, resource_type: str, resource_id: str, version_id: str) -> Json:
        """One version of the past."""
        return self._get(resource_type, location(resource_type, resource_id, version_id))

    def search(
        self,
        resource_type: str,
        params: Params = (),
        *,
        accept: Accept | None = None,
        limit: int | None = None,
    ) -> SearchResult:
        """All pages. What ``accept`` refuses comes as ``foreign``, never as a match."""
        return self._searcher.search(self._question(resource_type, params, accept), limit=limit)

    def search_pages(
        self, resource_type: str, params: Params = (), *, accept: Accept | None = None
    ) -> Iterator[SearchResult]:
        """Page by page, for sweeps; when a page expires half-way, what was given does not come again."""
        return self._searcher.pages(self._question(resource_type, params, accept))

    def search_page(self, resource_type: str, params: Params = (), *, link: str | None = None) -> Page:
        """One page, for sweeps that go on where they broke off; raises StartAgain for an expired link."""
        return self._searcher.page(self._question(resource_type, params, None), link)

    def batch_searches(self, searches: Sequence[tuple[str, Params, Accept | None]]) -> list[SearchResult]:
        """Many searches in one request, one result for each, in order.

        If one of them fails, its error is raised with ``entry`` set, and none of the others is returned.
        Servers without batch get the searches one by one; so do searches of which a batch brought no page.
        """
        questions = [self._question(*search) for search in searches]
        return self._batches.search(questions, offered=self._batch_offered)

    def first_pages(self, searches: Sequence[tuple[str, Params]]) -> list[Page | None]:
        """The first page of many searches in one request; None for one that has to be asked for alone."""
        questions = [self._question(kind, params, None) for kind, params in searches]
        return self._batches.first_pages(questions, offered=self._batch_offered)

    def validate(self, resource: Json) -> list[Issue]:
        """What ``$validate`` finds; an invalid resource is an answer, not an error."""
        kind = type_of(resource)
        asked = Asked("POST", kind)
        try:
            reply = self._wire.send(
                asked,
                self._wire.base.url(f"{kind}/$validate"),
                body=write(resource),
                outcome_is_the_answer=True,
            )
        except OsteoHandoverError as fault:
            if fault.status in _VALIDATION_FAILED and fault.issues:
                return list(fault.issues)
            raise
        return list(issues_of(reply.expect("OperationOutcome")))

    # --- writing --------------------------------------------------------------------------------------------

    def batch(self, entries: Sequence[Entry], *, prefer: Prefer = "minimal") -> list[EntryResult]:
        """One result per entry; a failed entry is a result, not an exception (see EntryResult.fault)."""
        return self._post_bundle(bundles.batch(entries), entries, prefer) if entries else []

    def transaction(self, entries: Sequence[Entry], *, prefer: Prefer = "minimal") -> list[EntryResult]:
        """All or nothing. A second call writes the same again, if made of PUTs by id; POSTs would duplicate.

        A failure is raised with ``entry`` set when the server tells which entry it was.
        """
        if not entries:
            return []
        answers = self._post_bundle(bundles.transaction(entries), entries, prefer)
        if fault := bundles.first_fault(entries, answers):
            raise fault
        for index, (entry, answer) in enumerate(zip(entries, answers, strict=True)):
            if entry.method == "PUT" and "?" not in entry.url:
                require_same_id(entry.asked, entry.url.partition("/")[2], answer.id, index)
        return answers

    def create(self, resource: Json, *, prefer: Prefer = "minimal") -> Written:
        """POST: a second call makes a second resource. After a time-out, look before calling again."""
        kind = type_of(resource)
        return written(self._write("POST", kind, resource, {}, prefer))

    def update(
        self,
        resource: Json,
        *,
        if_match: str | None = None,
        if_none_match: bool = False,
        prefer: Prefer = "minimal",
    ) -> Written:
        """PUT by id, which creates where the server lets clients choose ids; a second call changes nothing.

        With ``if_match``, the version that was read, VersionConflict when somebody wrote in between. Give it
        for every change (https://hl7.org/fhir/R4/http.html#concurrency); for a first write
        ``if_none_match``, which servers may ignore.
        """
        kind, wanted = type_of(resource), str(resource.get("id", ""))
        headers = {"If-Match": bundles.etag(if_match)} if if_match else {}
        if if_none_match:
            headers["If-None-Match"] = "*"
        stored = written(self._write("PUT", location(kind, wanted), resource, headers, prefer), wanted)
        require_same_id(Asked("PUT", kind), wanted, stored.id)
        return stored

    def update_conditional(self, resource: Json, search: Params, *, prefer: Prefer = "minimal") -> Written:
        """PUT by search: a second call updates the same resource. Two *simultaneous* calls may create two.

        RecordFault with status 412 when several resources match.
        """
        kind = type_of(resource)
        reply = self._write("PUT", f"{kind}?{encode(search)}", resource, {}, prefer, Purpose.CONDITIONAL)
        return self._written_by_search(reply, kind, search)

    def create_conditional(self, resource: Json, search: Params, *, prefer: Prefer = "minimal") -> Written:
        """POST unless the search finds one: a second call leaves that one unchanged (``created`` is False).

        No guarantee for simultaneous calls (https://hl7.org/fhir/R4/http.html#ccreate).
        Raises RecordFault with status 412 when several match.
        """
        kind = type_of(resource)
        headers = {"If-None-Exist": encode(search)}
        reply = self._write("POST", kind, resource, headers, prefer, Purpose.CONDITIONAL)
        return self._written_by_search(reply, kind, search)

    def delete(self, resource_type: str, resource_id: str, *, if_match: str | None = None) -> None:
        """Gone afterwards, whether it was there or not."""
        headers = {"If-Match": bundles.etag(if_match)} if if_match else {}
        with suppress(NotThere):
            self._send(Asked("DELETE", resource_type), location(resource_type, resource_id), headers=headers)

    # --- inside ---------------------------------------------------------------------------------------------

    def _send(
        self,
        asked: Asked,
        where: str,
        *,
        body: Json | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        content = None if body is None else write(body)
        return self._wire.send(asked, self._wire.base.url(where), body=content, headers=headers)

    def _get(self, resource_type: str, where: str) -> Json:
        headers = {"Cache-Control": "no-cache"}  # as of a search, see `paging.SEARCH_HEADERS`
        return self._send(Asked("GET", resource_type), where, headers=headers).expect(resource_type)

    def _write(
        self,
        method: str,
        where: str,
        resource: Json,
        headers: Mapping[str, str],
        prefer: Prefer,
        purpose: Purpose = Purpose.RESOURCE,
    ) -> Reply:
        asked = Asked(method, resource["resourceType"], purpose)
        return self._send(asked, where, body=resource, headers={"Prefer": f"return={prefer}", **headers})

    def _question(self, resource_type: str, params: Params, accept: Accept | None) -> Question:
        checked_type(resource_type)
        return self._searcher.prepared(Question.of(resource_type, params, accept))

    def _post_bundle(self, bundle: Json, entries: Sequence[Entry], prefer: Prefer) -> list[EntryResult]:
        reply = self._write("POST", "", bundle, {}, prefer, bundles.purpose_of(entries))
        return bundles.results(reply.expect("Bundle"), len(entries))

    @property
    def _batch_offered(self) -> bool:
        known = self._capabilities
        return known is None or known.batch.worth_asking

    def _written_by_search(self, reply: Reply, resource_type: str, search: Params) -> Written:
        """A server that found one need not say which; then it is looked up."""
        try:
            return written(reply)
        except TryAgainLater:
            found = self.search(resource_type, search, limit=2).matches
            if len(found) != 1:
                raise
        return Written(str(found[0].get("id")), version(found[0]), created=reply.status == 201)
