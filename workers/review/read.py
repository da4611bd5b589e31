"""Read: everything about a batch of patients in one request, and their GPs in a second one."""

import logging
from collections.abc import Sequence
from datetime import date
from functools import partial

from adapter.errors import OsteoHandoverError
from adapter.input.wire_json import Json
from mappings.handover.duplicates import duplicates_of
from mappings.handover.institution import Institution
from mappings.handover.patient_record import PatientRecord
from mappings.handover.review_basis import untold
from mappings.inbound.former_records import former_ids
from mappings.inbound.gaps import NO_GAPS
from workers.review.directory.clinicians import clinicians, unknown_releasers
from workers.review.directory.recipients import named_by, recipients
from workers.review.directory.release_team import receives
from workers.review.fhir_server import ReadingServer
from workers.review.searches.batch_answers import NOBODY, answers_about, existing_of
from workers.review.searches.patient_searches import own_searches, record_searches

log = logging.getLogger(__name__)


def duplicates_on_server(ids: Sequence[str], server: ReadingServer, institution: Institution) -> list[Json]:
    """Our resources about these patients that have an elder with the same plan key.

    Asked after writing, where ids are the server's.
    """
    own = server.batch_searches(list(own_searches(ids, server.capabilities(), institution)))
    existing = existing_of(ids, own, institution)
    return [duplicate for held in existing.values() for duplicate in duplicates_of(held).values()]


def read(
    ids: Sequence[str], server: ReadingServer, institution: Institution, on: date
) -> list[PatientRecord]:
    """One record per patient as of a day, in order.

    Raises RecordFault when one of them is not on the server.
    """
    found = answers_about(ids, server, institution, on)
    base, patients = found.base, found.patients
    if found.strays:
        log.warning("the server returned %d resources that were not asked for; none is used", found.strays)
    doubles = {one: duplicates_of(found.existing[one]) for one in ids}
    existing = {
        one: {at: it for at, it in found.existing[one].items() if at not in doubles[one]} for one in ids
    }
    held = {at: it for several in existing.values() for at, it in several.items()}
    answered = clinicians(held, server, institution, on)
    return [
        PatientRecord(
            one,
            patients[one],
            (*found.record[one], *found.record[NOBODY]),
            existing[one],
            recipients(patients[one], found.directory, base, on),
            {
                location: who
                for location, who in answered.items()
                if location in existing[one]
                and not receives(who, named_by(patients[one]), found.directory, base)
            },
            tuple(doubles[one].values()),
            found.strays,
            {id_: tuple(found.former[id_]) for id_ in former_ids(patients[one], base) if found.former[id_]},
            found.gaps.get(one, NO_GAPS),
            # Who was looked up for a Task is no part of the answers, and may change alone.
            untold if unknown_releasers(existing[one], base) else partial(found.versions, one),
        )
        for one in ids
    ]


NOT_A_PATIENT = "osteo-handover-asks-whether-you-serve"


def serves(server: ReadingServer, institution: Institution, on: date) -> bool:
    """Whether the server answers the searches of a review at all: about nobody, and for any patient."""
    asked = list(record_searches([NOT_A_PATIENT], server.capabilities(), institution, on))
    try:
        anybody, *_ = server.batch_searches(
            [("Patient", [("_count", "1"), ("_elements", "id")], None), *asked]
        )
    except OsteoHandoverError:
        return False
    return bool(anybody.matches)
