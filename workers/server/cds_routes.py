"""CDS Hooks over HTTP: the list of services, calls, feedback, and which web pages may call."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from workers.server.admission import Admission
from workers.server.cds_clients import CdsClients
from workers.server.cds_services import CdsServices

RequestHandler = Callable[[Request], Awaitable[Response]]
ROOT = "/cds-services"


@dataclass(frozen=True, slots=True)
class CdsRoutes:
    """Who may call, and what answers. The list of services holds no patient and is open."""

    clients: CdsClients
    services: CdsServices
    admission: Admission
    origins: tuple[str, ...]

    def doors(self) -> Sequence[tuple[str, list[str], RequestHandler]]:
        """Path, methods and what answers."""
        return (
            (ROOT, ["GET"], self.discover_services),
            (ROOT + "/{service}", ["POST"], self.call_service),
            (ROOT + "/{service}/feedback", ["POST"], self.take_feedback),
        )

    def middleware(self) -> list[Middleware]:
        """For web pages of other addresses, where the settings name them."""
        if not self.origins:
            return []
        methods, headers = ["GET", "POST"], ["Authorization", "Content-Type"]
        return [
            Middleware(
                CORSMiddleware, allow_origins=self.origins, allow_methods=methods, allow_headers=headers
            )
        ]

    async def discover_services(self, _: Request) -> Response:
        """What is offered, and which searches should come along."""
        return JSONResponse(self.services.discovery())

    async def call_service(self, request: Request) -> Response:
        """Cards for one patient."""
        body = await self._admitted_body(request)
        return JSONResponse(
            await run_in_threadpool(self.services.cards_for, request.path_params["service"], body)
        )

    async def take_feedback(self, request: Request) -> Response:
        """What a clinician made of a card."""
        body = await self._admitted_body(request)
        await run_in_threadpool(self.services.keep_feedback, request.path_params["service"], body)
        return JSONResponse({})

    async def _admitted_body(self, request: Request) -> bytes:
        name = self.clients.admit_client(request.headers.get("authorization", ""), request.url.path)
        self.admission.count_request(name)
        return await self.admission.read_body(request)
