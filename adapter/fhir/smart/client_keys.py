"""Our keys: a file with private ones in, signatures and the public key set out. No error quotes the file.

Two algorithms, the two that every SMART server knows: RS384 with RSA of 2048 bits or
more, ES384 with the curve P-384.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt import PyJWK, encode
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from jwt.exceptions import PyJWTError
from jwt.utils import base64url_encode

from adapter.errors import ConfigurationFault
from adapter.input.wire_json import Json, ReadOnlyJson

RS384, ES384 = "RS384", "ES384"
_SHORTEST_RSA = 2048
# What RFC 7638 takes the thumbprint of.
_THUMBED = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y")}

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class ClientKey:
    """One private key of ours and the name under which the server knows its public half."""

    kid: str
    algorithm: str
    private: PrivateKey = field(repr=False)

    def signed(self, claims: ReadOnlyJson, jwks_url: str | None = None) -> str:
        """A JWT with these claims; `jwks_url` says where the public half can be fetched."""
        headers = {"kid": self.kid, **({"jku": jwks_url} if jwks_url else {})}
        return encode(dict(claims), self.private, algorithm=self.algorithm, headers=headers)

    def public(self) -> Json:
        """The public half as a JWK."""
        return {**_public_jwk(self.private), "kid": self.kid, "alg": self.algorithm, "use": "sig"}


def key_set(keys: Sequence[ClientKey]) -> Json:
    """The JWKS to register: public halves only."""
    return {"keys": [key.public() for key in keys]}


def load_keys(file: Path, kid: str | None = None) -> tuple[ClientKey, ...]:
    """The private keys of a PEM file, JWK or JWKS, in order; raises ConfigurationFault if there are none.

    `kid` names the key of a PEM file, or chooses one of several; without it a key without a name
    is called by its thumbprint.
    """
    try:
        text = file.read_text("utf-8")
        found = tuple(_from_jwks(text) if text.lstrip().startswith("{") else _from_pem(text, kid))
    except (OSError, ValueError, TypeError, KeyError, UnsupportedAlgorithm, PyJWTError):
        found = ()
    chosen = tuple(key for key in found if kid is None or key.kid == kid)
    if not chosen:
        raise ConfigurationFault(
            f"{file}: holds no private key that can be used; give a PEM file without a password, a JWK or a JWKS, "
            f"with RSA of at least {_SHORTEST_RSA} bits or EC P-384"
            + (f", and the kid {kid}." if kid else ".")
        )
    return chosen


def with_new_key(text: str | None, algorithm: str) -> str:
    """A JWKS with a new private key in front of the newest old one: two keys, for the changeover."""
    new: PrivateKey = (
        ec.generate_private_key(ec.SECP384R1())
        if algorithm == ES384
        else rsa.generate_private_key(public_exponent=65537, key_size=3072)
    )
    jwk = _private_jwk(new) | {"kid": _thumbprint(_public_jwk(new)), "alg": algorithm, "use": "sig"}
    former = json.loads(text)["keys"] if text else []
    return json.dumps({"keys": [jwk, *former[:1]]}, indent=1) + "\n"


def _from_pem(text: str, kid: str | None) -> Iterator[ClientKey]:
    private = load_pem_private_key(text.encode(), None)
    algorithm = _algorithm(private)
    if algorithm and isinstance(private, PrivateKey):
        yield ClientKey(kid or _thumbprint(_public_jwk(private)), algorithm, private)


def _from_jwks(text: str) -> Iterator[ClientKey]:
    document = json.loads(text)
    for jwk in document.get("keys", [document]):
        if "d" not in jwk or jwk.get("use", "sig") != "sig":
            continue
        private = PyJWK(jwk, _of_type(jwk)).key
        algorithm = _algorithm(private)
        if algorithm and isinstance(private, PrivateKey):
            yield ClientKey(str(jwk.get("kid") or _thumbprint(jwk)), algorithm, private)


def _of_type(jwk: ReadOnlyJson) -> str:
    return ES384 if jwk["kty"] == "EC" else RS384


def _algorithm(private: object) -> str | None:
    match private:
        case rsa.RSAPrivateKey() if private.key_size >= _SHORTEST_RSA:
            return RS384
        case ec.EllipticCurvePrivateKey() if isinstance(private.curve, ec.SECP384R1):
            return ES384
        case _:
            return None


def _public_jwk(private: PrivateKey) -> Json:
    if isinstance(private, rsa.RSAPrivateKey):
        jwk = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    else:
        jwk = ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
    return {name: jwk[name] for name in _THUMBED[jwk["kty"]]}


def _private_jwk(private: PrivateKey) -> Json:
    if isinstance(private, rsa.RSAPrivateKey):
        jwk = RSAAlgorithm.to_jwk(private, as_dict=True)
    else:
        jwk = ECAlgorithm.to_jwk(private, as_dict=True)
    return {name: value for name, value in jwk.items() if name != "key_ops"}


def _thumbprint(jwk: ReadOnlyJson) -> str:
    named = {name: jwk[name] for name in _THUMBED[jwk["kty"]]}
    return base64url_encode(sha256(json.dumps(named, separators=(",", ":")).encode()).digest()).decode()
