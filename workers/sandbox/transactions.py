"""Transactions (all or nothing) and batches (each entry for itself)."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from urllib.parse import parse_qsl

import orjson

from adapter.input.wire_json import Json, JsonValue
from workers.sandbox.faults import FaultEffect, Faults, Recorder
from workers.sandbox.interactions import Interactions
from workers.sandbox.query.search_parameters import PARAMETERS
from workers.sandbox.resource_store import ResourceStore
from workers.sandbox.wire import (
    FhirRequest,
    FhirResponse,
    RequestRefused,
    dump_json,
    instant,
    parse_json,
    refusal_response,
    status_line,
)
from workers.sandbox.write_interactions import WRITES, condition_of, conditional_id, sole_match

# R4 3.1.0.11.2: the order in which a transaction takes effect.
_ORDER = {"DELETE": 0, "POST": 1, "PUT": 2, "PATCH": 2, "GET": 3, "HEAD": 3}

_CONDITIONS: Mapping[str, str] = MappingProxyType(
    {"ifMatch": "if-match", "ifNoneMatch": "if-none-match", "ifNoneExist": "if-none-exist"}
)


def interactions_of(
    store: ResourceStore, faults: Faults, recorder: Recorder, page_ttl: float
) -> Interactions:
    """All interactions, bundles among them."""
    interactions = Interactions(store, faults, page_ttl=page_ttl)
    interactions.bundles = BundleInteraction(interactions, recorder)
    store.on_commit = recorder.writes.extend
    return interactions


@dataclass(frozen=True, slots=True)
class PlannedEntry:
    """One entry of a transaction: what will be done, or what already stands in its place."""

    index: int
    full_url: str
    ask: FhirRequest
    identity: str = ""  # Type/id of what a write is about
    answer: FhirResponse | None = None


@dataclass(frozen=True, slots=True)
class BundleInteraction:
    """Performs the bundles that are posted to the base."""

    interactions: Interactions
    recorder: Recorder

    def __call__(self, ask: FhirRequest) -> FhirResponse:
        """A batch-response or transaction-response; raises RequestRefused when a transaction fails."""
        bundle = ask.body
        if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
            raise RequestRefused(400, "structure", "Only a Bundle can be posted here.")
        kind, entries = bundle.get("type"), bundle.get("entry", [])
        if kind not in ("batch", "transaction") or not isinstance(entries, list):
            raise RequestRefused(400, "value", "Only a batch or a transaction can be posted here.")
        answers = self._batch(ask, entries) if kind == "batch" else self._transaction(ask, entries)
        if kind == "batch" and self.interactions.faults.take_rule(FaultEffect.BARE_BATCH, ask.method, ""):
            answers = []
        response: Json = {"resourceType": "Bundle", "id": str(uuid.uuid4()), "type": f"{kind}-response"}
        return FhirResponse(200, dump_json(response | ({"entry": answers} if answers else {})))

    def _batch(self, outer: FhirRequest, entries: list[JsonValue]) -> list[Json]:
        return [
            _response(outer, *self._handle_alone(outer, entry, index)) for index, entry in enumerate(entries)
        ]

    def _handle_alone(
        self, outer: FhirRequest, entry: object, index: int
    ) -> tuple[FhirRequest, FhirResponse]:
        try:
            ask = self._request_of(outer, entry)
            self._throttle(ask)
            return ask, self.interactions.perform(ask)
        except RequestRefused as refused:
            return outer, refusal_response(refused.inside_entry(index))

    def _throttle(self, ask: FhirRequest) -> None:
        if rule := self.interactions.faults.take_rule(FaultEffect.THROTTLED_ENTRY, ask.method, ask.type):
            raise RequestRefused(int(rule.value or 429), "throttled", "Too many requests.")

    def _transaction(self, outer: FhirRequest, entries: list[JsonValue]) -> list[Json]:
        with self.interactions.store.commit():
            plans = [self._plan_entry(index, entry, outer) for index, entry in enumerate(entries)]
            _refuse_duplicates(plans)
            targets = {
                planned.full_url: planned.identity
                for planned in plans
                if planned.full_url and planned.identity
            }
            answers = {}
            for planned in sorted(plans, key=lambda planned: _ORDER.get(planned.ask.method, 9)):
                answers[planned.index] = self._perform(planned, targets)
        return [_response(outer, planned.ask, answers[planned.index]) for planned in plans]

    def _perform(self, planned: PlannedEntry, targets: Mapping[str, str]) -> FhirResponse:
        try:
            if planned.answer:
                return planned.answer
            ask = planned.ask
            if ask.body is not None:
                ask = replace(
                    ask, body=_ReferenceRewriting(self.interactions, targets).rewrite_value(ask.body)
                )
            return self.interactions.perform(ask)
        except RequestRefused as refused:
            raise refused.inside_entry(planned.index) from None

    def _request_of(self, outer: FhirRequest, entry: JsonValue) -> FhirRequest:
        """The interaction of one entry.

        The bundle's preferences hold for it; resources come back only if asked.
        """
        request = entry.get("request") if isinstance(entry, dict) else None
        method, url = (
            (request.get("method"), request.get("url")) if isinstance(request, dict) else (None, None)
        )
        if not isinstance(request, dict) or method not in _ORDER or not isinstance(url, str):
            raise RequestRefused(400, "structure", "An entry needs a request with method and url.")
        path, _, query = url.lstrip("/").partition("?")
        if ":" in path:
            raise RequestRefused(400, "value", "The url of an entry is relative to the base.")
        headers = {"prefer": "return=minimal" if method in WRITES else "", **outer.headers}
        headers = {name: headers[name] for name in ("prefer", "cache-control") if name in headers}
        headers |= {header: str(request[name]) for name, header in _CONDITIONS.items() if name in request}
        ask = FhirRequest(
            method, tuple(path.split("/")), tuple(parse_qsl(query)), headers, entry.get("resource")
        )
        if not ask.type and ask.path[0] not in ("metadata", "_history"):
            raise RequestRefused(400, "value", "The url of an entry names a resource type first.")
        self.recorder.entries[method, ask.type] += 1
        return ask

    def _plan_entry(self, index: int, entry: JsonValue, outer: FhirRequest) -> PlannedEntry:
        """Settle before anything is written which resource each entry is about."""
        try:
            ask = self._request_of(outer, entry)
            full_url = entry.get("fullUrl")
            return self._identify_entry(
                PlannedEntry(index, full_url if isinstance(full_url, str) else "", ask)
            )
        except RequestRefused as refused:
            raise refused.inside_entry(index) from None

    def _identify_entry(self, planned: PlannedEntry) -> PlannedEntry:
        ask = planned.ask
        match ask.method, ask.path:
            case _ if ask.type not in PARAMETERS:
                return planned
            case "POST", (_,):
                return self._identify_create(planned)
            case "PUT", (type_,):
                id_ = conditional_id(self.interactions.store, ask)
            case "DELETE", (type_,):
                found = sole_match(self.interactions.store, type_, ask.query)
                if found is None:
                    return replace(planned, answer=FhirResponse(204))
                id_ = found.id
            case "PUT" | "DELETE", (type_, id_):
                pass
            case _:
                return planned
        return replace(planned, identity=f"{type_}/{id_}", ask=replace(ask, path=(type_, id_), query=()))

    def _identify_create(self, planned: PlannedEntry) -> PlannedEntry:
        """Answers a conditional create that matches; gives any other an id, for the references."""
        ask, store = planned.ask, self.interactions.store
        found = sole_match(store, ask.type, condition_of(ask)) if "if-none-exist" in ask.headers else None
        if found:
            body = b"" if ask.prefers("return") == "minimal" else found.body or b""
            return replace(planned, identity=found.local, answer=FhirResponse(200, body, found, located=True))
        id_ = str(uuid.uuid4())
        return replace(planned, identity=f"{ask.type}/{id_}", ask=replace(ask, new_id=id_))


def _refuse_duplicates(plans: list[PlannedEntry]) -> None:
    """Neither one resource nor one condition may be written by two entries."""
    seen: set[object] = set()
    for planned in plans:
        written = planned.identity if not planned.answer else ""
        condition = (planned.ask.type, planned.ask.headers.get("if-none-exist"))
        for mark in (written, condition if condition[1] else ""):
            if mark and mark in seen:
                raise RequestRefused(400, "duplicate", "Two entries write the same resource.").inside_entry(
                    planned.index
                )
            seen.add(mark)


@dataclass(frozen=True, slots=True)
class _ReferenceRewriting:
    """Makes references of a transaction real: fullUrls of entries, and conditional references."""

    interactions: Interactions
    targets: Mapping[str, str]

    def rewrite_value(self, value: object, name: str = "") -> JsonValue:
        match value:
            case dict():
                return {key: self.rewrite_value(item, key) for key, item in value.items()}
            case list():
                return [self.rewrite_value(item, name) for item in value]
            case str() if name == "reference":
                return self._rewrite_reference(value)
            case str() if name == "div":
                return self._rewrite_narrative(value)
            # Identifier.value may hold the same urn: that is a name, not a reference.
            case str() if name not in ("value", "fullUrl"):
                return self.targets.get(value, value)
        return value

    def _rewrite_reference(self, reference: str) -> str:
        if reference in self.targets:
            return self.targets[reference]
        if reference.startswith("urn:uuid:"):
            raise RequestRefused(400, "not-found", "A urn:uuid reference names no entry of this transaction.")
        type_, asked, query = reference.partition("?")
        if not asked or type_ not in PARAMETERS:
            return reference
        found = sole_match(self.interactions.store, type_, tuple(parse_qsl(query)))
        if found is None:
            raise RequestRefused(412, "not-found", "A conditional reference matches nothing.")
        return found.local

    def _rewrite_narrative(self, div: str) -> str:
        for full_url, identity in self.targets.items() if "urn:uuid:" in div else ():
            div = div.replace(f'"{full_url}"', f'"{identity}"')
        return div


def _response(outer: FhirRequest, ask: FhirRequest, answer: FhirResponse) -> Json:
    return dict(_response_parts(outer, ask, answer))


def _response_parts(
    outer: FhirRequest, ask: FhirRequest, answer: FhirResponse
) -> Iterator[tuple[str, JsonValue]]:
    response: Json = {"status": status_line(answer.status)}
    if answer.located and answer.version:
        response["location"] = f"{answer.version.local}/_history/{answer.version.version}"
    if answer.version:
        response |= {"etag": answer.version.etag, "lastModified": instant(answer.version.at)}
    is_outcome = answer.status >= 400 or (
        ask.method in WRITES and outer.prefers("return") == "OperationOutcome"
    )
    if answer.body and is_outcome:
        response["outcome"] = parse_json(answer.body)
    elif answer.body:
        yield "resource", orjson.Fragment(answer.body)
    yield "response", response
