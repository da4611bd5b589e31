"""Whether a Redis answers: asked once, without waiting; when it does not, the fault says who must act."""

import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from adapter.errors import ConfigurationFault, OsteoHandoverError
from adapter.input.wire_json import ReadOnlyJson
from workers.broker.broker_fault import BrokerAway

SECONDS = 3.0
STANDARD_PORT = 6379

REFUSES = "refuses the user or the password: correct them in broker_url"
FORBIDS = "does not let this user work: give it all commands on this database"
UNTRUSTED = "shows a certificate that is not trusted: name its authority in broker_ca_bundle"
NO_TLS = (
    "does not speak TLS on this port: name its port for TLS, or use redis:// where nobody else is on the way"
)
MUTE = "takes the connection and says nothing: with rediss://, name its port for TLS; else see what listens there"
SILENT = "does not answer: start it, correct broker_url, or unset it, and `run` reviews in its own process"
# Whole phrases of redis-py and of OpenSSL: other texts of theirs quote the address, and a
# host may be called `connecting`.
NOT_TAKEN = "Timeout connecting to server"
HANDSHAKE = "The handshake operation timed out"
NO_DATABASE = "refuses what it was asked: correct the number of the database at the end of broker_url"


def connect_redis(address: str, tls: ReadOnlyJson, seconds: float = SECONDS) -> redis.Redis:
    """A client of a Redis that just answered; raises what prevents it, with its address and no login."""
    try:
        client = redis.Redis.from_url(
            _redis_py_address(address),
            socket_timeout=seconds,
            socket_connect_timeout=seconds,
            retry=Retry(NoBackoff(), 0),  # by itself it would try for seconds, and say nothing
            **tls,
        )
    except ValueError:
        raise ConfigurationFault(
            "broker_url is no address of a Redis: it looks like rediss://user:password@host:6379/0"
        ) from None
    try:
        client.ping()
    except redis.RedisError as error:
        client.close()
        fault = _fault(error, address)
    else:
        return client
    raise fault  # without a cause: that one may quote the password


def _redis_py_address(address: str) -> str:
    """Celery has names of its own for a socket in the file system and for its database."""
    parts = urlsplit(address)
    if parts.scheme != "redis+socket":
        return address
    return f"unix://{parts.netloc}{parts.path}?{parts.query.replace('virtual_host=', 'db=')}"


def without_login(address: str) -> str:
    """Scheme, host and port: what a person looks for, without the user and the password."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.hostname or parts.path}" + (
        f":{parts.port or STANDARD_PORT}" if parts.hostname else ""
    )


def _fault(error: redis.RedisError, address: str) -> OsteoHandoverError:
    broker = f"Redis at {without_login(address)}"
    for link in _causes(error):
        match link:
            case redis.AuthenticationError():
                return ConfigurationFault(f"{broker} {REFUSES}.")
            case redis.exceptions.NoPermissionError():
                return ConfigurationFault(f"{broker} {FORBIDS}.")
            case redis.ResponseError():
                return ConfigurationFault(f"{broker} {NO_DATABASE}.")
            case ssl.SSLCertVerificationError():
                return ConfigurationFault(f"{broker} {UNTRUSTED}.")
            case ssl.SSLError():
                return ConfigurationFault(f"{broker} {NO_TLS}.")
            case redis.TimeoutError() if _is_taken(link):
                # A plain port waits for the end of a line, which a greeting of TLS has not.
                return BrokerAway(f"{broker} {MUTE}.")
            case _:
                pass
    return BrokerAway(f"{broker} {SILENT}.")


def _is_taken(error: redis.TimeoutError) -> bool:
    """Whether the connection was; with TLS the greeting is a part of connecting."""
    return str(error) != NOT_TAKEN or any(HANDSHAKE in str(cause) for cause in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what was behind it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
