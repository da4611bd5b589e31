"""The answer at each path. Errors say who must act, and quote nothing of what was sent."""

import json
import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from typing_extensions import TypedDict

from adapter.errors import OsteoHandoverError, RecordFault
from adapter.input.wire_json import Json, ReadOnlyJson, Unparsable, parse, write
from mappings.handover.institution import Institution
from mappings.stored_decision import canonical_bytes
from workers.assessment.record_assessment import Assessment, assess_resources
from workers.host.clock import Clock, today
from workers.server.admission import Admission, NotAdmitted
from workers.server.api_description import api_description
from workers.server.cds_routes import CdsRoutes, RequestHandler
from workers.server.health import Health
from workers.server.hint_receiver import HintReceiver

log = logging.getLogger(__name__)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_JSON = frozenset({"application/json", "application/fhir+json"})


@dataclass(frozen=True, slots=True)
class HttpRoutes:
    """What is answered at each path, for one institution."""

    institution: Institution
    zone: str
    clock: Clock
    admission: Admission
    health: Health
    public_keys: Callable[[], ReadOnlyJson] | None = None
    hints: HintReceiver | None = None
    cds: CdsRoutes | None = None

    def app(self) -> Starlette:
        doors = {
            "/health/live": self.report_live,
            "/health/ready": self.report_ready,
            "/openapi.json": self.serve_description,
        }
        doors |= {"/.well-known/jwks.json": self.serve_keys} if self.public_keys else {}
        routes = [Route(path, self._log_faults(door), methods=["GET"]) for path, door in doors.items()]
        routes.append(Route("/assess", self._log_faults(self.assess_record), methods=["POST"]))
        if self.hints:
            hinted = self._log_faults(self.take_hint)
            routes += [
                Route(path, hinted, methods=["POST", "PUT"]) for path in ("/hints", "/hints/{place:path}")
            ]
        if self.cds:
            routes += [
                Route(path, self._log_faults(door), methods=way) for path, way, door in self.cds.doors()
            ]
        return Starlette(routes=routes, middleware=self.cds.middleware() if self.cds else [])

    async def report_live(self, _: Request) -> Response:
        """This process answers."""
        return JSONResponse({"status": "live"})

    async def report_ready(self, _: Request) -> Response:
        """Whether the work gets done; 503 as long as something lags."""
        found = await run_in_threadpool(self.health.readiness)
        status, code = ("ready", 200) if found.well else ("lags", 503)
        return JSONResponse({"status": status, **found.lags}, code)

    async def serve_keys(self, _: Request) -> Response:
        """Our public keys, for authorisation servers."""
        if self.public_keys is None:
            return JSONResponse({"error": "There are no keys."}, 404)
        held = await run_in_threadpool(self.public_keys)
        return JSONResponse(dict(held), headers={"Cache-Control": "public, max-age=300"})

    async def serve_description(self, _: Request) -> Response:
        """This interface, for programs."""
        return JSONResponse(api_description(self.institution.version))

    async def assess_record(self, request: Request) -> Response:
        """A Bundle with one patient in; what a review would decide, draft and write out."""
        self.admission.admit_client(request)
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media not in _JSON:
            raise NotAdmitted(415, "Send application/fhir+json.")
        body = await self.admission.read_body(request)
        on = _day(request.query_params.get("on")) or today(self.clock, self.zone)
        return Response(
            await run_in_threadpool(self._assessment_body, body, on),
            media_type="application/json; charset=utf-8",
        )

    async def take_hint(self, request: Request) -> Response:
        """A server says that something changed: kept at once, followed up after the answer."""
        if self.hints is None:
            return JSONResponse({"error": "No server may send hints."}, 404)
        self.hints.admission.admit_client(request)
        hint = await run_in_threadpool(self.hints.take_hint, await self.hints.admission.read_body(request))
        return JSONResponse({}, background=BackgroundTask(self.hints.begin_work, hint))

    def _assessment_body(self, body: bytes, on: date) -> bytes:
        try:
            bundle = parse(body)
        except Unparsable as error:
            problem = RecordFault(f"The body {error}.")
        else:
            return write(_assessment_reply(assess_resources([bundle], self.institution, on), on))
        raise problem

    def _log_faults(self, door: RequestHandler) -> RequestHandler:
        """Adds a log line and the request's number in the answer, and tells faults in a sentence."""

        async def answer(request: Request) -> Response:
            given, began = request.headers.get("x-request-id", ""), time.monotonic()
            number = given if _REQUEST_ID.fullmatch(given) else uuid4().hex
            response = await _reply_or_fault(door, request)
            response.headers.update(
                {"X-Request-ID": number, "Cache-Control": response.headers.get("cache-control", "no-store")}
            )
            took = (time.monotonic() - began) * 1000
            log.info(
                "%s %s %d in %.0f ms, request %s",
                request.method,
                request.scope["route"].path,
                response.status_code,
                took,
                number,
            )
            return response

        return answer


async def _reply_or_fault(door: RequestHandler, request: Request) -> Response:
    try:
        return await door(request)
    except NotAdmitted as refusal:
        headers = {"Retry-After": str(refusal.after)} if refusal.after else {}
        headers |= {"WWW-Authenticate": "Bearer"} if refusal.status == 401 else {}
        return JSONResponse({"error": str(refusal)}, refusal.status, headers)
    except RecordFault as fault:
        return JSONResponse({"error": str(fault)}, 422)
    except OsteoHandoverError as fault:
        log.error("%s: %s", type(fault).__name__, fault)  # noqa: TRY400 - the trace of a known fault tells nothing
        return JSONResponse({"error": str(fault)}, 500)


class AssessmentReply(TypedDict):
    """What `POST /assess` answers; `api_description` has the same for programs."""

    patient: str
    outcome: str
    on: str
    decision: Json | None
    resources: list[Json]
    letter: str | None
    alarms: list[str]


def _assessment_reply(found: Assessment, on: date) -> AssessmentReply:
    return {
        "patient": found.patient,
        "outcome": found.outcome,
        "on": on.isoformat(),
        "decision": json.loads(canonical_bytes(found.decision)) if found.decision else None,
        "resources": list(found.resources),
        "letter": found.letter,
        "alarms": list(found.alarms),
    }


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotAdmitted(400, "on is a day such as 2026-11-20.") from None
