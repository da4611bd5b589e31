"""Finds what would leave this machine unprotected, and whether an operator allowed that.

A password, a token or a letter in the clear is read by whoever is on the way. On this machine itself nobody
is on the way; in a network that is closed to others, as between containers, an operator may allow it by name.
"""

import logging
import ssl
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from typing_extensions import TypedDict

from adapter.errors import ConfigurationFault
from adapter.fhir.origin import beyond_this_machine
from workers.settings.all_settings import Settings

log = logging.getLogger(__name__)

REDIS, FHIR = "redis", "fhir"
_WITHOUT_NETWORK = frozenset({"redis+socket", "unix"})


def unprotected_settings(settings: Settings) -> Iterator[tuple[str, str]]:
    """What goes over a network in the clear, by its name in `allow_unprotected`, with the reason."""
    url = urlsplit(settings.broker_url.get_secret_value()) if settings.broker_url else None
    if url and url.scheme not in {"rediss", *_WITHOUT_NETWORK} and beyond_this_machine(url.hostname):
        yield REDIS, "broker_url goes to another machine without TLS: use rediss://"
    server = urlsplit(settings.fhir_base_url)
    if settings.fhir_auth != "none" and server.scheme == "http" and beyond_this_machine(server.hostname):
        yield FHIR, f"fhir_auth {settings.fhir_auth} goes to another machine over http: use https://"


def require_protection(settings: Settings, what: str) -> None:
    """Raises ConfigurationFault when this goes out in the clear and nobody allowed it."""
    for name, why in unprotected_settings(settings):
        if name == what and name not in settings.allow_unprotected:
            raise ConfigurationFault(
                f"{why}, or say allow_unprotected={name} where nobody else is on the network."
            )
        if name == what:
            log.warning("%s; the settings allow it", why)


class RedisTls(TypedDict, total=False):
    """How redis-py and kombu are told to check a certificate, and to show one."""

    ssl_cert_reqs: ssl.VerifyMode
    ssl_check_hostname: bool
    ssl_ca_certs: str
    ssl_certfile: str
    ssl_keyfile: str


def redis_tls(settings: Settings) -> RedisTls:
    """How a rediss:// address is reached: with the certificate checked, always; empty for any other.

    Left to itself Celery checks nothing and gives its password to whoever answers.
    """
    url = urlsplit(settings.broker_url.get_secret_value()) if settings.broker_url else None
    if url is None or url.scheme != "rediss":
        return {}
    if any(name.startswith("ssl") for name, _ in parse_qsl(url.query, keep_blank_values=True)):
        raise ConfigurationFault(
            "broker_url must not say how its certificate is checked; see broker_ca_bundle, broker_client_cert."
        )
    tls: RedisTls = {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True}
    if settings.broker_ca_bundle:
        tls["ssl_ca_certs"] = str(settings.broker_ca_bundle)
    if settings.broker_client_cert:
        tls["ssl_certfile"] = str(settings.broker_client_cert)
    if settings.broker_client_key:
        tls["ssl_keyfile"] = str(settings.broker_client_key)
    return tls


def broker_of(settings: Settings) -> tuple[str, RedisTls]:
    """The address of Redis, with login, and how to reach it; raises ConfigurationFault if not allowed."""
    if settings.broker_url is None:
        raise ConfigurationFault("OSTEO_HANDOVER_BROKER_URL is needed: workers get their work through Redis.")
    require_protection(settings, REDIS)
    return settings.broker_url.get_secret_value(), redis_tls(settings)
