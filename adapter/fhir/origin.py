"""Where requests may go: the configured base and nothing else.

A server tells a client where the next page is, and a client that believes it carries its token to any host.
Comparing text is not enough (``base.evil.com``, ``base@evil.com``, ``/r4-evil``, ``/r4/%2e%2e/admin``), so a
link is taken apart, compared by scheme, host, port and path segments, and *built again on the configured
origin*: even a link that two parsers read differently cannot leave it.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from adapter.errors import ConfigurationFault

_PORTS = {"http": 80, "https": 443}
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f\\]")

Origin = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Base:
    """The base URL of a FHIR server, taken apart once."""

    origin: str
    path: str
    key: Origin

    @classmethod
    def parse(cls, url: str) -> "Base":
        """Raises ConfigurationFault for anything but ``http(s)://host[:port][/path]``."""
        parts = _url_parts(url.strip())
        key = _origin(parts) if parts else None
        if parts is None or key is None:
            raise ConfigurationFault("The base URL must look like https://server/path.")
        if "@" in parts.netloc or parts.query or parts.fragment or not _has_no_dot_segment(parts.path):
            raise ConfigurationFault(
                "The base URL must hold no user name, query, fragment or dots; credentials have settings of their own."
            )
        return cls(f"{parts.scheme.lower()}://{parts.netloc}", parts.path.rstrip("/"), key)

    def url(self, relative: str = "") -> str:
        """The absolute URL of ``Type/id``, ``Type?query`` or, empty, of the base itself."""
        return f"{self.origin}{self.path}/{relative}" if relative else f"{self.origin}{self.path}"

    def holds(self, url: str) -> bool:
        """Is this URL on our origin and below our path?"""
        parts = _url_parts(url)
        return parts is not None and _origin(parts) == self.key and self._below(parts)

    def follow(self, link: str, *, at: str, rewrite: bool = False) -> str:
        """The URL that a link found at ``at`` leads to; raises ConfigurationFault when it leaves the base.

        ``rewrite`` is for servers behind a reverse proxy that do not know their own outer name: a link that
        differs in nothing but scheme, host and port is then read as ours.
        """
        parts = _url_parts(link, at)
        origin = _origin(parts) if parts else None
        if parts is None or origin is None or not self._below(parts):
            raise ConfigurationFault("The server sent a link outside its base URL; it was not followed.")
        if origin != self.key and not rewrite:
            raise ConfigurationFault(
                "The server sent a link to another origin; it was not followed. Behind a reverse proxy, either tell "
                "the server its outer address or switch on the rewriting of next links."
            )
        return f"{self.origin}{parts.path}" + (f"?{parts.query}" if parts.query else "")

    def _below(self, parts: SplitResult) -> bool:
        inside = parts.path == self.path or parts.path.startswith(f"{self.path}/")
        return inside and "@" not in parts.netloc and _has_no_dot_segment(parts.path)


def beyond_this_machine(host: str | None) -> bool:
    """Whether a connection to this host crosses a network; a name that nobody can tell does."""
    if host is None or host == "localhost":
        return host is None
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return True


def _url_parts(url: str, at: str = "") -> SplitResult | None:
    """None for what cannot be a URL (broken IPv6, look-alike characters in the host, control characters)."""
    try:
        return None if _UNPRINTABLE.search(url) else urlsplit(urljoin(at, url))
    except ValueError:
        return None


def _origin(parts: SplitResult) -> Origin | None:
    scheme = parts.scheme.lower()
    try:
        port = parts.port or _PORTS.get(scheme)
    except ValueError:  # a port that is no number, or beyond 65535
        return None
    return (scheme, parts.hostname, port) if port and parts.hostname and scheme in _PORTS else None


def _has_no_dot_segment(path: str) -> bool:
    """No dot segments, however they are written: requests would resolve them after our check."""
    return not {".", ".."} & set(unquote(path).replace("\\", "/").split("/"))
