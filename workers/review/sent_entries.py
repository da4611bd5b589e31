"""Sends entries so that a second sending makes nothing twice, as far as the server can be held to it.

Where the server gives the ids, a new resource is sent with a condition that finds it, if it was made before.
A Provenance is found by a tag alone. A server that takes no such condition (some take none but about
identifiers, some want the right to search for Provenance) is asked without, and remembered.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from adapter.errors import ConfigurationFault, RecordFault, VersionConflict
from adapter.fhir.bundles import Entry, EntryResult
from adapter.fhir.write_result import Written
from adapter.input.wire_json import Json
from mappings.outbound.server.conditional_create import BY_TAG
from workers.review.fhir_server import FhirServer
from workers.review.first_writes import overwrote, put_back
from workers.review.references import pointing
from workers.review.searches.includes import REFUSED

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

# Where a parameter of a condition is not seen, the condition matches everything, which is too many.
NO_TAGS = REFUSED | {412}


def send_transaction(entries: Sequence[Entry], server: FhirServer) -> list[EntryResult]:
    """All or none, one answer for each; raises the errors of the server."""
    if not any(map(_is_by_tag, entries)):
        return server.transaction(entries)
    without = [replace(it, if_none_exist=None) if _is_by_tag(it) else it for it in entries]
    return _by_tag_where_taken(
        lambda: server.transaction(entries), lambda: server.transaction(without), server
    )


def send_entry(entry: Entry, locations: Mapping[str, str], server: FhirServer) -> tuple[str, str, str]:
    """Alone, pointing to where the others went; gives type, id and version."""
    resource: Json = pointing(entry.resource, locations)
    if entry.method == "PUT":
        made = server.update(resource, if_match=entry.if_match, if_none_match=entry.if_none_match)
        if overwrote(entry, created=made.created, version=made.version) and put_back(
            entry, made.version, server
        ):
            raise VersionConflict("A first write came late; what stood there was put back.")
    else:
        made = _create(entry, resource, server)
    return str(resource["resourceType"]), made.id, made.version or ""


def _create(entry: Entry, resource: Json, server: FhirServer) -> Written:
    name, _, value = (entry.if_none_exist or "").partition("=")

    def conditionally() -> Written:
        return server.create_conditional(resource, [(name, value)])

    if not _is_by_tag(entry):
        return conditionally()
    return _by_tag_where_taken(conditionally, lambda: server.create(resource), server)


def _by_tag_where_taken(
    send: Callable[[], Answer], without: Callable[[], Answer], server: FhirServer
) -> Answer:
    """Sent with its condition about a tag, and without it where the server takes no such condition."""
    if not server.refused.tags:
        try:
            return send()
        except (ConfigurationFault, RecordFault) as fault:
            if fault.status not in NO_TAGS:
                raise
    answer = without()
    if not server.refused.tags:
        log.warning("the server takes no condition about a tag: a Provenance that is sent twice stands twice")
        server.refused.tags = True
    return answer


def _is_by_tag(entry: Entry) -> bool:
    return (entry.if_none_exist or "").startswith(BY_TAG)
