"""An authorisation server of SMART Backend Services that checks every claim and says which is wrong."""

import asyncio
import json
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import jwt
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from adapter.input.wire_json import Json

CLIENT = "osteo-handover-test"
ALL = "system/*.cruds"


@dataclass
class AuthorisationServer:
    """`jwks` are the public keys that it knows; tokens live until they are revoked."""

    url: str
    jwks: Json
    grants: str | None = None  # None: whatever was asked
    refuses: str | None = None  # a scope that makes it refuse
    algorithms: tuple[str, ...] = ("RS384", "ES384")
    seconds: float = 300
    fails: int = 0  # so many answers of 503 first
    audience: str | None = None
    subject: str = CLIENT
    tokens: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    asked: list[dict[str, str]] = field(default_factory=list)

    @property
    def configuration(self) -> Json:
        return {
            "token_endpoint": self.url,
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "capabilities": ["client-confidential-asymmetric", "permission-v2"],
        }

    def admits(self, token: str) -> bool:
        return token in self.tokens

    def answer(self, form: dict[str, str]) -> tuple[int, Json]:
        self.asked.append(form)
        if self.fails:
            self.fails -= 1
            return 503, {}
        try:
            self._check(form)
        except jwt.PyJWTError as error:
            quoted = f"{error} in {form['client_assertion']}"
            return 401, {"error": "invalid_client", "error_description": quoted}
        if self.refuses and self.refuses in form["scope"]:
            return 400, {"error": "invalid_scope", "error_description": "not registered"}
        token = secrets.token_urlsafe(24)
        self.tokens.add(token)
        scope = form["scope"] if self.grants is None else self.grants
        told = {"access_token": token, "token_type": "bearer", "expires_in": self.seconds, "scope": scope}
        return 200, told

    def _check(self, form: dict[str, str]) -> None:
        assertion = form["client_assertion"]
        kid = jwt.get_unverified_header(assertion).get("kid")
        known = next((it for it in self.jwks["keys"] if it["kid"] == kid), None)
        if known is None:
            raise jwt.InvalidKeyError("kid is unknown")
        needed = ["iss", "sub", "aud", "exp", "jti"]
        claims = jwt.decode(
            assertion,
            jwt.PyJWK(known),
            algorithms=self.algorithms,
            audience=self.audience or self.url,
            issuer=CLIENT,
            subject=self.subject,
            options={"require": needed},
        )
        if claims["jti"] in self.seen:
            raise jwt.InvalidTokenError("jti was used before")
        self.seen.add(claims["jti"])


@contextmanager
def authorising(*keys: Any) -> Iterator[AuthorisationServer]:
    """The server on a free port of the loopback; it knows the public halves of these keys."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/token"
    held = AuthorisationServer(url, {"keys": [it.public() for it in keys]})

    async def token(request: Request) -> JSONResponse:
        status, body = held.answer(dict(parse_qsl((await request.body()).decode())))
        return JSONResponse(json.loads(json.dumps(body)), status)

    app = Starlette(routes=[Route("/token", token, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])), daemon=True)
    thread.start()
    try:
        yield held
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
