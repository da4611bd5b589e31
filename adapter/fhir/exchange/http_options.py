"""How to reach a server: time limits, bounds, certificates, proxies."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """How to reach the server. Time-outs in seconds; the environment (proxies, netrc) is not looked at."""

    connect_timeout: float = 3.0  # a firewall may keep silent: soon known, and tried again later
    read_timeout: float = 30.0  # between two pieces of an answer; the first comes when a search is done
    total_timeout: float = 60.0  # from the first byte of a request to the last one of its answer
    # Requests, at most; whoever comes when as many are under way as the server bears waits. Workers hand in
    # their `threads` (16 at most); for all others, such as the HTTP server, this is a bound against a flood,
    # which nobody has measured.
    at_once: int = 32
    # Seconds until an answer begins. Whatever was asked: fifty patients take HAPI one or two, and whoever
    # takes ten has too much to do.
    slow_answer: float = 10.0
    # Of an answer, after decompression: a small body may unpack to more than the memory holds. Beyond it
    # several patients are asked for by halves, and one without what is included
    # (`workers.review.searches.includes`).
    max_bytes: int = 16 * 1024 * 1024
    ca_bundle: str | None = None  # a file; certificates are always verified
    client_cert: str | tuple[str, str] | None = None  # one PEM file, or certificate and key
    proxies: Mapping[str, str] = field(default_factory=dict, repr=False)  # may hold a password
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # such as an API key


DEFAULT_HTTP = HttpOptions()
