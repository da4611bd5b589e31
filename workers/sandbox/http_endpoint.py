"""The HTTP side: headers in, headers out, and the faults that only HTTP can have."""

import asyncio
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import format_datetime
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from adapter.input.wire_json import ReadOnlyJson
from workers.sandbox.faults import FaultEffect, FaultRule, Recorder
from workers.sandbox.interactions import Interactions
from workers.sandbox.resource_store import ResourceStore
from workers.sandbox.wire import (
    FhirRequest,
    FhirResponse,
    RequestRefused,
    moment_of,
    parse_json,
    refusal_response,
)

BASE_PATH = "/fhir"
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
_ACCEPTED = ("json", "*/*", "application/*")
_HTML = (
    "<!DOCTYPE html><html><head><title>Gateway</title></head><body><h1>The gateway is busy</h1></body></html>"
)


@dataclass(frozen=True, slots=True)
class TokenGate:
    """A server that wants a token: its SMART configuration, and which Authorization it takes."""

    configuration: ReadOnlyJson
    admits: Callable[[str], bool]

    def status(self, authorization: str | None) -> int | None:
        """401, or None for who may come in."""
        return None if self.admits((authorization or "").removeprefix("Bearer ")) else 401


class HttpEndpoint:
    """Turns HTTP requests into interactions. `abort` cuts the connection to a client without an answer."""

    def __init__(
        self,
        interactions: Interactions,
        recorder: Recorder,
        abort: Callable[[Scope], None],
        admin_key: str | None,
        gate: TokenGate | None = None,
    ) -> None:
        self._interactions, self._recorder = interactions, recorder
        self._faults, self._abort, self._admin_key = interactions.faults, abort, admin_key
        self._gate = gate

    def app(self) -> Starlette:
        routes = [
            Route(BASE_PATH, self.fhir, methods=_METHODS),
            Route(BASE_PATH + "/{path:path}", self.fhir, methods=_METHODS),
            Route("/_faults", self.admin, methods=["GET", "POST", "DELETE"]),
        ]
        # Level 1: most of the gain for little of the time, and drills measure the client, not this.
        return Starlette(
            routes=routes, middleware=[Middleware(GZipMiddleware, minimum_size=1000, compresslevel=1)]
        )

    async def fhir(self, request: Request) -> Response:
        path = tuple(request.path_params.get("path", "").strip("/").split("/"))
        method = "GET" if request.method == "HEAD" else request.method
        ask = FhirRequest(method, path if path != ("",) else (), headers=request.headers)
        self._recorder.requests[method, ask.type] += 1
        if rule := self._take(FaultEffect.DELAY, ask):
            await asyncio.sleep(int(rule.value or 0) / 1000)
        if refused := self._refusal(request, ask):
            return refused
        try:
            answer = self._interactions.handle(await _complete_request(request, ask))
        except RequestRefused as refusing:
            answer = refusal_response(refusing)
        if self._take(FaultEffect.DROP, ask):
            return _DroppedConnection(self._abort)
        return self._response(ask, answer)

    async def admin(self, request: Request) -> Response:
        """Faults over HTTP, for drills from another process; there only when the sandbox was given a key."""
        if self._admin_key is None or request.headers.get("x-sandbox-key") != self._admin_key:
            return Response(status_code=404)
        if request.method == "DELETE":
            self._faults.clear()
        if request.method == "POST":
            try:
                wanted = parse_json(await request.body())
                self._faults.add_rule(FaultEffect(wanted.pop("effect")), wanted.pop("value", None), **wanted)
            except (RequestRefused, AttributeError, KeyError, TypeError, ValueError):
                return JSONResponse(
                    {"error": "A fault is {effect, value, times, method, type, retry_after, share}."}, 400
                )
        rules = self._faults.rules
        return JSONResponse([{name: getattr(rule, name) for name in FaultRule.__slots__} for rule in rules])

    def _take(self, effect: FaultEffect, ask: FhirRequest) -> FaultRule | None:
        return self._faults.take_rule(effect, ask.method, ask.type)

    def _refusal(self, request: Request, ask: FhirRequest) -> Response | None:
        """What is answered before the request is looked at."""
        accepts = request.headers.get("accept", "*/*")
        if not any(kind in accepts for kind in _ACCEPTED):
            return self._response(
                ask, refusal_response(RequestRefused(406, "not-supported", "Only JSON is served."))
            )
        if self._gate and ask.path == (".well-known", "smart-configuration"):
            return JSONResponse(dict(self._gate.configuration))
        if self._gate and (status := self._gate.status(request.headers.get("authorization"))):
            return self._response(
                ask, refusal_response(RequestRefused(status, "login", "A valid token is required."))
            )
        rule = self._take(FaultEffect.BEARER, ask)
        if rule and request.headers.get("authorization") != f"Bearer {rule.value}":
            response = self._response(
                ask, refusal_response(RequestRefused(401, "login", "A valid token is required."))
            )
            response.headers["WWW-Authenticate"] = "Bearer"
            return response
        if rule := self._take(FaultEffect.HTML, ask):
            return HTMLResponse(_HTML, int(rule.value or 200))
        if rule := self._take(FaultEffect.STATUS, ask):
            response = self._response(
                ask, refusal_response(RequestRefused(int(rule.value or 503), "transient", "A drill."))
            )
            if rule.retry_after is not None:
                response.headers["Retry-After"] = str(rule.retry_after)
            return response
        return None

    def _response(self, ask: FhirRequest, answer: FhirResponse) -> Response:
        body = answer.body
        if body and self._take(FaultEffect.TRUNCATE, ask):
            body = body[: len(body) // 2]
        headers = reply_headers(self._interactions.store, answer)
        return Response(body, answer.status, headers, answer.media if body else None)


def reply_headers(store: ResourceStore, answer: FhirResponse) -> dict[str, str]:
    """What is said beside the body: the time here, and which version it is about."""
    version, headers = answer.version, {"Date": _http_date(store.now()), **answer.headers}
    if version:
        headers |= {"ETag": version.etag, "Last-Modified": _http_date(version.at)}
        if answer.located:
            headers["Location"] = f"{store.base}/{version.local}/_history/{version.version}"
    return headers


class _DroppedConnection(Response):
    """No answer at all: the client learns nothing of what was done."""

    def __init__(self, abort: Callable[[Scope], None]) -> None:
        super().__init__()
        self._abort = abort

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        self._abort(scope)
        while (await receive())["type"] != "http.disconnect":
            pass


async def _complete_request(request: Request, ask: FhirRequest) -> FhirRequest:
    """The request with its body: JSON, or the form of a `_search`, perhaps gzipped."""
    raw = await request.body()
    if raw and request.headers.get("content-encoding", "").lower() == "gzip":
        try:
            raw = zlib.decompress(raw, wbits=31)
        except zlib.error:
            raise RequestRefused(400, "structure", "The body is not gzip.") from None
    query = parse_qsl(request.url.query, keep_blank_values=True)
    searching = ask.path[1:] == ("_search",)
    if searching:
        query += parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True)
    body = parse_json(raw) if raw and not searching else None
    return FhirRequest(ask.method, ask.path, tuple(query), ask.headers, body)


def _http_date(at: int) -> str:
    return format_datetime(moment_of(at), usegmt=True)
