"""A client for exports of a scripted server, and what such a server answers."""

from adapter.fhir import BearerAuth
from adapter.fhir.exchange.http_options import HttpOptions
from adapter.fhir.export import (
    ExportClient,
    ExportFile,
    ExportHosts,
    FileKind,
)
from adapter.input.wire_json import Json, JsonValue
from tests.unit.fhir.server import FakeServer

TOKEN = "Bearer secret"


MADE = "2026-11-20T10:00:00Z"


def a_client(server: FakeServer, *listed: FakeServer) -> ExportClient:
    options = HttpOptions(headers={"X-Api-Key": "k"})
    return ExportClient(ExportHosts(server.base, [it.root for it in listed], BearerAuth("secret"), options))


def shown(server: FakeServer) -> list[str | None]:
    """The Authorization of each request that arrived."""
    return [it.headers.get("Authorization") for it in server.asked]


def a_manifest(**changes: JsonValue) -> Json:
    return {"transactionTime": MADE, "requiresAccessToken": True, "output": [], "error": [], **changes}


def a_file(server: FakeServer, path: str = "/files/1") -> ExportFile:
    return ExportFile(FileKind.OUTPUT, "Patient", f"{server.root}{path}")


def fetched(client: ExportClient, file: ExportFile, *, needs_token: bool = True) -> bytes:
    pieces: list[bytes] = []
    client.file(file, pieces.append, needs_token=needs_token)
    return b"".join(pieces)
