"""The wire: JSON in, JSON out, no medicine. ``FhirClient`` is the door; the rest is behind it.

client -> batch_searches -> paging, bundles -> search -> completeness, http
http -> statuses, origin, auth, wire_json, outcomes
http -> exchange: sessions, how many requests at once, an answer that drips, and none at all
capabilities: what a server says it can do; addresses, write_result: what is asked for, and what was written
smart: tokens for a private key; export: Bulk Data
"""

from adapter.fhir.auth import Auth, BasicAuth, BearerAuth, NoAuth
from adapter.fhir.bundles import Entry, EntryResult
from adapter.fhir.capabilities import Capabilities
from adapter.fhir.client import FhirClient
from adapter.fhir.completeness import Gap
from adapter.fhir.exchange.http_options import HttpOptions
from adapter.fhir.paging import SearchOptions
from adapter.fhir.search import ForeignResource, SearchResult
from adapter.fhir.write_result import Written

__all__ = [
    "Auth",
    "BasicAuth",
    "BearerAuth",
    "Capabilities",
    "Entry",
    "EntryResult",
    "FhirClient",
    "ForeignResource",
    "Gap",
    "HttpOptions",
    "NoAuth",
    "SearchOptions",
    "SearchResult",
    "Written",
]
