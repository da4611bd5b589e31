"""Marks duplicates on the server, also when somebody else marks the same ones at this moment."""

import logging
from collections.abc import Iterable
from contextlib import suppress

from adapter.errors import VersionConflict
from adapter.input.wire_json import Json
from mappings.handover.duplicates import MARKED, unmarked
from workers.review.fhir_server import FhirServer

log = logging.getLogger(__name__)


def mark_entered_in_error(duplicates: Iterable[Json], server: FhirServer) -> int:
    """Mark duplicates as entered in error; gives how many were not yet."""
    fresh = unmarked(duplicates)
    for duplicate in fresh:
        with suppress(VersionConflict):  # another worker marks it at this moment
            server.update(
                duplicate | {"status": MARKED}, if_match=(duplicate.get("meta") or {}).get("versionId")
            )
    if fresh:
        log.error(
            "%d resources stood twice on the server; the younger ones are marked as entered in error",
            len(fresh),
        )
    return len(fresh)
