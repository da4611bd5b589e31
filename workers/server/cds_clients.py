"""Who calls a CDS service: a system whose issuer and keys are set, by a signed token for this address."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import jwt
from jwt import PyJWKSet
from jwt.exceptions import PyJWKSetError, PyJWTError
from jwt.types import Options

from adapter.errors import ConfigurationFault
from adapter.input.wire_json import ReadOnlyJson
from workers.host.clock import Clock
from workers.server.admission import NotAdmitted
from workers.settings.serve_settings import CdsClient, ServeSettings

# What CDS Hooks 2.0 recommends. HMAC and `none` would let anybody sign who can read a public key.
ALGORITHMS = ("ES384", "RS384")
REQUIRED = ["iss", "aud", "exp", "iat", "jti"]
APART = 30  # seconds that two clocks may differ
LONGEST = 3600  # seconds that a token may be good for: so long its number is remembered
_UNTIMED: Options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "require": REQUIRED}


@dataclass(slots=True)
class CdsClients:
    """The systems that may call, by their issuer; and the numbers of the tokens that were used."""

    public_url: str
    clients: Mapping[str, CdsClient] = field(repr=False)
    clock: Clock = field(repr=False)
    _used: dict[tuple[str, str], float] = field(default_factory=dict, init=False, repr=False)

    def admit_client(self, authorization: str, path: str) -> str:
        """The name of the system; raises NotAdmitted with the fault of its token and none of its text."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise NotAdmitted(401, "A signed token of a known system is required.")
        try:
            name, claims = self._verify_token(token.strip(), f"{self.public_url}{path}")
        except PyJWTError as error:
            raise NotAdmitted(401, f"The token is refused: {type(error).__name__}.") from None
        self._require_fresh(claims)
        return name

    def _verify_token(self, token: str, audience: str) -> tuple[str, ReadOnlyJson]:
        header = jwt.get_unverified_header(token)
        issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
        found = next(
            ((name, client) for name, client in self.clients.items() if client.issuer == issuer), None
        )
        if found is None:
            raise jwt.InvalidIssuerError
        name, client = found
        key = next((key for key in keys_of(name, client.keys).keys if key.key_id == header.get("kid")), None)
        if key is None:
            raise jwt.InvalidKeyError
        claims = jwt.decode(
            token, key, algorithms=ALGORITHMS, audience=audience, issuer=client.issuer, options=_UNTIMED
        )
        return name, claims

    def _require_fresh(self, claims: ReadOnlyJson) -> None:
        """Refuses a token used before, not good now or good for over an hour, by our clock."""
        now, issued, until = self.clock().timestamp(), claims["iat"], claims["exp"]
        if not all(isinstance(claim, int | float) for claim in (issued, until)):
            raise NotAdmitted(401, "The token is refused: its times are no numbers.")
        if until < now - APART or issued > now + APART or until > now + LONGEST + APART:
            raise NotAdmitted(401, "The token is refused: it is not good now, or for more than an hour.")
        number = (str(claims["iss"]), str(claims["jti"]))
        self._used = {token_id: end for token_id, end in self._used.items() if end >= now - APART}
        if number in self._used:
            raise NotAdmitted(401, "The token is refused: it was used before.")
        self._used[number] = until


def keys_of(name: str, file: Path) -> PyJWKSet:
    """The public keys of a system, read anew for each call: an exchanged key needs no restart."""
    try:
        return PyJWKSet.from_json(file.read_text("utf-8"))
    except (OSError, ValueError, PyJWKSetError, PyJWTError):
        raise ConfigurationFault(f"serve: the keys of {name} are no JWKS with a public key.") from None


def clients_of(settings: ServeSettings, clock: Clock) -> CdsClients | None:
    """By the settings; None where nobody may call. Raises ConfigurationFault for keys that cannot be used."""
    for name, client in settings.cds_clients.items():
        keys_of(name, client.keys)
    return CdsClients(settings.public_url, settings.cds_clients, clock) if settings.cds_clients else None
