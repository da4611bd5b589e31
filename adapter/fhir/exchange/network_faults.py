"""Who must act when a request gets no answer, or only a part of one.

The library's own text is never repeated: it quotes the address.
"""

import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import ReadTimeoutError

from adapter.errors import (
    AnswerTooLarge,
    AnswerTooLate,
    ConfigurationFault,
    OsteoHandoverError,
    TryAgainLater,
)
from adapter.fhir.statuses import Asked, fault_of_status

NOT_TRUSTED = "Check the certificate of the server and the CA bundle."
# The text of the library quotes the address, and a patient may be number 14071: only this
# whole phrase is the proxy's.
PROXY_WANTS_LOGIN = "Tunnel connection failed: 407"
NO_TLS_THERE = (
    "What answers there speaks no TLS: name the port that does, or http where nobody else is on the way."
)


def too_slow(asked: Asked) -> OsteoHandoverError:
    """A request that was cut because its time was up."""
    return AnswerTooLate(
        f"{asked}: the answer took longer than a whole request may. The same request may succeed later.",
        resource_type=asked.resource_type,
    )


def too_large(asked: Asked, status: int, limit: int) -> OsteoHandoverError:
    """An answer that was cut because it has more than ``limit`` bytes."""
    return AnswerTooLarge(
        f"{asked}: the answer is larger than {limit} bytes. Ask for less at a time.",
        status=status,
        resource_type=asked.resource_type,
    )


def fault_of_network(asked: Asked, error: requests.RequestException) -> OsteoHandoverError:
    """No answer or half of one: a broken line, certificates, a proxy, or settings that cannot be sent."""
    kind = type(error).__name__
    if isinstance(error, requests.exceptions.SSLError) and not _cut_short(error):
        why = NO_TLS_THERE if _says(error, "WRONG_VERSION_NUMBER") else NOT_TRUSTED
        return ConfigurationFault(f"{asked}: no trusted TLS connection with{_whom(error)}. {why}")
    if isinstance(error, requests.exceptions.ProxyError) and PROXY_WANTS_LOGIN in str(error):
        return fault_of_status(asked, 407)
    if isinstance(error, ValueError):  # InvalidURL, InvalidHeader and their like
        return ConfigurationFault(f"{asked}: cannot be sent ({kind}). Check base URL, proxy and headers.")
    passing = AnswerTooLate if _too_late(error) else TryAgainLater
    return passing(
        f"{asked}: no complete answer from{_whom(error)} ({kind}). The same request may succeed later.",
        resource_type=asked.resource_type,
    )


def _too_late(error: requests.RequestException) -> bool:
    """Whether the server was reached and then kept silent, at once or in the middle of an answer."""
    return any(isinstance(cause, requests.ReadTimeout | ReadTimeoutError) for cause in _causes(error))


def _whom(error: requests.RequestException) -> str:
    """Which server was asked: scheme, host and port, for the rest of an address may speak of a patient."""
    parts = urlsplit(getattr(error.request, "url", None) or "")
    if not parts.hostname:
        return " the server"
    return f" {parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _cut_short(error: BaseException) -> bool:
    """Whether a TLS connection ended early, which may pass; all other TLS faults are configuration."""
    return any(isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError) for cause in _causes(error))


def _says(error: BaseException, reason: str) -> bool:
    return any(
        isinstance(cause, ssl.SSLError) and getattr(cause, "reason", None) == reason
        for cause in _causes(error)
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
