"""Who is asked for an export and its files: the server's own host, and hosts that the settings list.

Nobody else.

A manifest names addresses, and whoever follows them blindly carries a token to any host and can be sent to
any machine of the hospital. To a host that is not listed nothing is sent at all. Questions about the
export itself carry the token, to a listed host too. For a file it goes to the host of the first address
alone, and only where the manifest asks for it: a redirect to a store of files loses it, as that store has
a right of its own in the address.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from adapter.errors import ConfigurationFault
from adapter.fhir.auth import NO_AUTH, Auth
from adapter.fhir.exchange.http_options import DEFAULT_HTTP, HttpOptions
from adapter.fhir.http import RawAnswer, Wire
from adapter.fhir.origin import Base
from adapter.fhir.statuses import Asked

Sink = Callable[[bytes], None]

WHOLE_FILE = 3600.0  # seconds that one file may take
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS = 3


class ExportHosts:
    """Connections by host, each with and without the token. To be closed."""

    def __init__(
        self, base_url: str, listed: Sequence[str], auth: Auth = NO_AUTH, http: HttpOptions = DEFAULT_HTTP
    ) -> None:
        self.base = Base.parse(base_url)
        own = Base.parse(self.base.origin)
        self._known = [own, *(it for it in map(Base.parse, listed) if it.key != own.key)]
        self._own, self._auth = own, auth
        self._http = replace(http, total_timeout=max(http.total_timeout, WHOLE_FILE))
        self._wires: dict[tuple[str, bool], Wire] = {}

    def answer(self, asked: Asked, url: str, headers: Mapping[str, str]) -> RawAnswer:
        """One exchange about an export, with the token."""
        return self._wire(url, token=True).answer(asked, url, headers=headers)

    def stream(
        self, asked: Asked, url: str, sink: Sink, *, token: bool, headers: Mapping[str, str]
    ) -> RawAnswer:
        """A file, piece by piece; redirects are followed to known hosts."""
        first = self._of(url)
        answer = self._wire(url, token=token).stream(asked, url, sink, headers=headers)
        for _ in range(_MAX_REDIRECTS):
            location = answer.headers.get("Location")
            if answer.status not in _REDIRECTS or not location:
                break
            url = _absolute(url, location)
            shown = token and self._of(url) is first
            answer = self._wire(url, token=shown).stream(asked, url, sink, headers=headers)
        return answer

    def absolute(self, address: str) -> str:
        """An address as an answer gives it; raises ConfigurationFault for a host that nobody listed."""
        url = _absolute(f"{self.base.url()}/", address)
        self._of(url)
        return url

    def close(self) -> None:
        for wire in self._wires.values():
            wire.close()
        self._wires.clear()

    def _of(self, url: str) -> Base:
        known = next((it for it in self._known if it.holds(url)), None)
        if known is None:
            raise ConfigurationFault(
                f"The export lies on {_host(url)}, which is neither the server's own host nor listed: nothing was "
                "sent there. If it is the hospital's store of files, add it to `hosts` of the setting `export`."
            )
        return known

    def _wire(self, url: str, *, token: bool) -> Wire:
        base = self._of(url)
        key = base.origin, token
        if key not in self._wires:
            # Fixed headers, such as an API key, are for the server itself.
            http = self._http if base is self._own else replace(self._http, headers={})
            self._wires[key] = Wire(base, self._auth if token else NO_AUTH, http)
        return self._wires[key]


def _absolute(at: str, address: str) -> str:
    try:
        return urljoin(at, address)
    except ValueError:
        raise ConfigurationFault("The server gave an address of the export that is none.") from None


def _host(url: str) -> str:
    """Scheme, host and port; the rest of an address may be a right."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an address that cannot be read"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
