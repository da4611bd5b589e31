"""Finds the patients whose versions show that nothing changed, before anybody is read whole.

The searches of a review are asked for `id` and `meta` of each resource, for whose it is, and for what reading
follows from there. What comes is a fraction of the bytes, and of the work. Only a digest of versions that
equals that of an earlier whole reading says anything; whatever else comes means that the patient is read.
"""

import logging
from collections.abc import Mapping
from datetime import date

from adapter.errors import OsteoHandoverError
from adapter.fhir.search import pairs
from adapter.input.wire_json import Json
from mappings.handover.institution import Institution
from mappings.inbound.queries import WHOLE_OTHERWISE
from workers.review.fhir_server import FhirServer
from workers.review.review_outcome import BUGS, concerns_everybody
from workers.review.searches.batch_answers import answers_about
from workers.review.searches.includes import NAMED_BY, REFUSED, Search

log = logging.getLogger(__name__)

_ABOUT = ("id", "meta")
# Whose a resource is, as R4 calls it; the others have a subject.
_WHOSE = {
    "Patient": ("generalPractitioner", "link"),
    "Medication": (),
    "Practitioner": (),
    "PractitionerRole": (),
    "Organization": (),
    "Task": ("for",),
    "Appointment": ("participant",),
    **dict.fromkeys(("AllergyIntolerance", "DetectedIssue", "Device", "FamilyMemberHistory"), ("patient",)),
}
# An included result is asked for by the parameters of the report that includes it.
_BROUGHT = {"DiagnosticReport": NAMED_BY["Observation"]}
# What a server must or should send of a Patient in any case: all its modifiers, and
# what belongs to every resource.
_UNAVOIDABLE = frozenset({
    "resourceType", "id", "meta", "implicitRules", "language", "text", "contained", "extension", "modifierExtension",
    "active", "deceasedBoolean", "deceasedDateTime", "generalPractitioner", "link",
})  # fmt: skip


def unchanged(
    stored: Mapping[str, str], server: FhirServer, institution: Institution, on: date
) -> frozenset[str]:
    """Those patients of whom what is on the server has the versions whose digest was stored.

    Raises what concerns everybody; for any other trouble it is the reading of whole
    resources that finds out whose it is.
    """
    if not stored or server.refused.versions:
        return frozenset()
    try:
        found = answers_about(list(stored), server, institution, on, for_versions)
    except OsteoHandoverError as fault:
        if fault.status in REFUSED:
            log.info("the server refuses to be asked for versions alone: everything is read whole")
            server.refused.versions = True
        elif concerns_everybody(fault):
            raise
        return frozenset()
    except BUGS:  # reading whole finds out whose record it is that we do not understand
        log.exception("a mistake in our own code")
        return frozenset()
    if any(map(_is_whole, found.patients.values())):
        log.info("the server sends whole resources where versions are asked for: everything is read whole")
        server.refused.versions = True
    return frozenset(one for one, versions in stored.items() if found.versions(one) == versions)


def for_versions(search: Search) -> Search:
    """The same search, with less of each resource; one that says already what it wants stays as it is."""
    kind, params, accept = search
    if any(name == "_elements" for name, _ in pairs(params)):
        return search
    wanted = (*_ABOUT, *_WHOSE.get(kind, ("subject",)), *NAMED_BY.get(kind, ()), *_BROUGHT.get(kind, ()))
    return kind, [*pairs(params), ("_elements", ",".join(wanted)), WHOLE_OTHERWISE], accept


def _is_whole(patient: Json) -> bool:
    return not _UNAVOIDABLE.issuperset(patient)
