"""The RESTful interactions of FHIR, for single requests and for bundle entries alike."""

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit, urlunsplit

from workers.sandbox.bulk_exports import EXPORTED_AT, STATUS, BulkExports
from workers.sandbox.capability import capability_statement
from workers.sandbox.faults import FaultEffect, Faults
from workers.sandbox.flawed_pages import flaw_page
from workers.sandbox.query.date_ranges import date_span
from workers.sandbox.query.result_pages import PagedResult, ResultPages
from workers.sandbox.query.search_parameters import PARAMETERS
from workers.sandbox.query.search_plan import SearchPlan, page_size, plan_search, run_search
from workers.sandbox.resource_store import ResourceStore
from workers.sandbox.validation import validate_resource
from workers.sandbox.wire import (
    FhirRequest,
    FhirResponse,
    RequestRefused,
    StoredVersion,
    dump_json,
    refusal_response,
)
from workers.sandbox.write_interactions import WRITES, write_resource

WHOSE = frozenset({"patient", "subject", "_id", "identifier", "group-identifier"})


class Interactions:
    """What a client can ask of the store.

    `handle` never raises RequestRefused; `perform` does, so that a bundle can stop.
    """

    def __init__(self, store: ResourceStore, faults: Faults, *, page_ttl: float) -> None:
        self.store, self.faults = store, faults
        self.bundles: Callable[[FhirRequest], FhirResponse] | None = None
        self._pages = ResultPages(store, page_ttl, self._next_link)
        self._exports = BulkExports(store, faults)
        self._stale: dict[str, tuple[int, list[int]]] = {}

    def handle(self, ask: FhirRequest) -> FhirResponse:
        try:
            return self.perform(ask)
        except RequestRefused as refused:
            return refusal_response(refused)

    def perform(self, ask: FhirRequest) -> FhirResponse:
        """One interaction; raises RequestRefused."""
        if ask.type and ask.type not in PARAMETERS:
            raise RequestRefused(404, "not-supported", f"'{ask.type}' is no resource type of FHIR R4.")
        if ask.type and self.faults.take_rule(FaultEffect.FORBIDDEN, ask.method, ask.type):
            raise RequestRefused(403, "forbidden", "This account may not do that.")
        if (ask.method, ask.path[-1:], ask.type in EXPORTED_AT) == ("GET", ("$export",), True):
            return self._exports.kick_off(ask)
        answer = self._handle_resources(ask) if ask.type else self._handle_system(ask)
        if answer is None:
            raise RequestRefused(405, "not-supported", "This interaction is not supported.")
        return answer

    def _handle_system(self, ask: FhirRequest) -> FhirResponse | None:
        match ask.method, ask.path:
            case "GET", ("metadata",):
                return self._metadata()
            case "GET", ("_history",):
                return self._history(ask, ())
            case "GET", ():
                return self._later_page(ask)
            case "POST", () if self.bundles:
                return self.bundles(ask)
            case _, (place, *rest) if place == STATUS:
                return self._exports.answer_request(ask.method, rest)
        return None

    def _handle_resources(self, ask: FhirRequest) -> FhirResponse | None:
        match ask.method, ask.path:
            case "POST", (*_, "$validate"):
                return FhirResponse(200, dump_json(validate_resource(ask.type, ask.body)))
            case ("GET", (_,)) | ("POST", (_, "_search")):
                return self._search(ask)
            case "GET", (*path, "_history") if len(path) < 3:
                return self._history(ask, tuple(path))
            case "GET", (type_, id_):
                return self._read_response(ask, self.store.read(type_, id_))
            case "GET", (type_, id_, "_history", version):
                return self._read_response(ask, self.store.vread(type_, id_, version))
            case method, _ if method in WRITES:
                return self._write(ask)
            case _:
                return None

    def _write(self, ask: FhirRequest) -> FhirResponse:
        if self.faults.take_rule(FaultEffect.READ_ONLY, ask.method, ask.type):
            raise RequestRefused(403, "forbidden", "This server is read-only.")
        return write_resource(self.store, ask)

    def _metadata(self) -> FhirResponse:
        rule = self.faults.take_rule(FaultEffect.VERSION, "GET", "")
        claimed = str(rule.value) if rule else "4.0.1"
        told = capability_statement(self.store.base, self.store.now(), claimed)
        if self.faults.take_rule(FaultEffect.NO_VERSIONING, "GET", ""):
            for offered in told["rest"][0]["resource"]:
                offered["versioning"] = "no-version"
        return FhirResponse(200, dump_json(told))

    def _read_response(self, ask: FhirRequest, version: StoredVersion | None) -> FhirResponse:
        if version is None:
            raise RequestRefused(404, "not-found", f"There is no such {ask.type}.")
        if version.body is None:
            raise RequestRefused(410, "deleted", f"This {ask.type} was deleted.")
        if ask.headers.get("if-none-match", "").strip() in (version.etag, "*"):
            return FhirResponse(304, b"", version)
        return FhirResponse(200, version.body, version)

    def _later_page(self, ask: FhirRequest) -> FhirResponse:
        page = dict(ask.query).get("_page", "")
        if not page:
            raise RequestRefused(400, "not-supported", "Searching all types at once is not supported.")
        if self.faults.take_rule(FaultEffect.EXPIRED_PAGE, "GET", ""):
            raise RequestRefused(410, "expired", "This page has expired; ask the search again.")
        return FhirResponse(200, self._pages.later_page(page))

    def _search(self, ask: FhirRequest) -> FhirResponse:
        self._refuse_search(ask)
        hidden = self.faults.take_rule(FaultEffect.IGNORE_PARAMETER, ask.method, ask.type)
        unseen = self.faults.take_rule(FaultEffect.UNSEEN_PARAMETER, ask.method, ask.type)
        made = plan_search(
            ask.type,
            ask.query,
            self.store.base,
            strict=ask.prefers("handling") == "strict",
            ignored=frozenset(str(rule.value) for rule in (hidden, unseen) if rule),
        )
        claimed = urlencode(ask.query) if unseen else made.self_query
        seqs = self._intrude_rows(ask, self._matching_rows(ask, made))
        url = f"{self.store.base}/{ask.type}" + (f"?{claimed}" if claimed else "")
        page = self._pages.first_page(PagedResult("searchset", seqs, url, made))
        return FhirResponse(200, flaw_page(page, ask, self.faults))

    def _refuse_search(self, ask: FhirRequest) -> None:
        names = {name for name, _ in ask.query}
        about_patients = ask.type == "Patient" or "patient" in PARAMETERS[ask.type]
        free = about_patients and WHOSE.isdisjoint(names)
        if free and self.faults.take_rule(FaultEffect.PATIENT_ONLY, ask.method, ask.type):
            raise RequestRefused(403, "forbidden", "A search must name a patient.")
        if "_include" in names and self.faults.take_rule(FaultEffect.NO_INCLUDE, ask.method, ask.type):
            raise RequestRefused(400, "not-supported", "Nothing is included here.")

    def _matching_rows(self, ask: FhirRequest, made: SearchPlan) -> list[int]:
        rule = self.faults.take_rule(FaultEffect.STALE_SEARCH, ask.method, made.type)
        if not rule or "no-cache" in ask.headers.get("cache-control", ""):
            return run_search(self.store, made)
        key, now = f"{made.type}?{made.self_query}", self.store.now()
        asked, seqs = self._stale.get(key, (None, []))
        if asked is None or now - asked > int(rule.value or 60) * 1000:
            seqs = run_search(self.store, made)
            self._stale[key] = now, seqs
        return seqs

    def _intrude_rows(self, ask: FhirRequest, seqs: list[int]) -> list[int]:
        rule = self.faults.take_rule(FaultEffect.INTRUDER, ask.method, ask.type)
        if not rule:
            return seqs
        if rule.value:
            named = self.store.read(ask.type, str(rule.value).split("/")[-1])
            return [*seqs, named.seq] if named else seqs
        matching = set(seqs)
        other_rows = (seq for seq in run_search(self.store, SearchPlan(ask.type)) if seq not in matching)
        return [*seqs, *list(other_rows)[:1]]

    def _next_link(self, url: str) -> str:
        rule = self.faults.take_rule(FaultEffect.FOREIGN_NEXT, "GET", "")
        if not rule:
            return url
        elsewhere = urlsplit(str(rule.value))
        return urlunsplit(urlsplit(url)._replace(scheme=elsewhere.scheme, netloc=elsewhere.netloc))

    def _history(self, ask: FhirRequest, path: tuple[str, ...]) -> FhirResponse:
        """Newest first, of one resource, a type or all; `_since` and `_count` are understood."""
        query, made = dict(ask.query), SearchPlan(ask.type, total="accurate")
        made.count = page_size(query.get("_count", str(made.count)))
        made.count_only = made.count == 0
        made.used = [(name, query[name]) for name in ("_since", "_count") if name in query]
        since = date_span(query["_since"].replace(" ", "+")) if "_since" in query else (0, 0)
        if since is None:
            raise RequestRefused(400, "value", "_since takes an instant.")
        seqs = self.store.history(path, since[0])
        if len(path) == 2 and not seqs and not self.store.read(*path):
            raise RequestRefused(404, "not-found", f"There is no such {ask.type}.")
        url = "/".join((self.store.base, *path, "_history")) + (f"?{made.self_query}" if made.used else "")
        return FhirResponse(200, self._pages.first_page(PagedResult("history", seqs, url, made)))
