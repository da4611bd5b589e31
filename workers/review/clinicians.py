"""By whose name a letter goes: the people whom completed release Tasks name, looked up in the directory.

Nobody is taken at a Task's word: a reference must lead to an active person on this server. Only an identifier that
this server does not know may stand with the name beside it, for the clinician may be kept elsewhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapter.fhir.search import Params, SearchResult
from mappings.lifecycle.release.release_codes import code_in, words
from mappings.lifecycle.release.release_task import (
    ASKS_RELEASE,
    PERSONS,
    answered_at,
    named_in,
)
from mappings.lifecycle.release.signature import Clinician, release_of
from workers.review.fhir_server import FhirServer
from workers.review.recipients import name_of
from workers.review.references import target

Json = dict[str, Any]


def clinicians(
    existing: Sequence[Json], server: FhirServer, base_url: str, language: str
) -> dict[str, Clinician]:
    """The clinician of each completed release Task that names one, by ``Task/id``.

    Who is written on a plan or letter as having released it is not looked up again: people leave.
    """
    marks = {it.at: it.by for held in existing if (it := release_of(held))}
    completed = {f"Task/{it['id']}": it for it in existing if _completed(it)}
    found = {place: marks[at] for place, task in completed.items() if (at := answered_at(task)) in marks}
    asked = {place: tuple(named_in(task)) for place, task in completed.items() if place not in found}
    wanted = [one for several in asked.values() for one in several]
    if not wanted:
        return found
    directory = _directory(wanted, server, base_url)
    for place, references in asked.items():
        people = (_person(it, directory, base_url, language) for it in references)
        if person := next(filter(None, people), None):
            found[place] = person
    return found


def known(reference: Json, server: FhirServer, base_url: str, language: str) -> Clinician | None:
    """The clinician behind one reference; None when it leads to nobody who may release."""
    return _person(reference, _directory([reference], server, base_url), base_url, language)


def _completed(resource: Json) -> bool:
    return (
        resource["resourceType"] == "Task"
        and resource.get("status") == "completed"
        and code_in(resource.get("code")) in ASKS_RELEASE
    )


def _directory(references: Sequence[Json], server: FhirServer, base_url: str) -> tuple[Json, ...]:
    searches = list(_searches(references, base_url))
    found: list[SearchResult] = server.batch_searches(searches) if searches else []
    return tuple(it for result in found for it in (*result.matches, *result.included))


def _searches(references: Sequence[Json], base_url: str) -> Iterator[tuple[str, Params, None]]:
    for kind in PERSONS:
        places = {at[1] for it in references if (at := target(it, base_url)) and at[0] == kind}
        include = [("_include", "PractitionerRole:practitioner")] if kind == "PractitionerRole" else []
        if places:
            yield kind, [("_id", ",".join(sorted(places))), *include], None
        tokens = {token for it in references if it.get("type", PERSONS[0]) == kind and (token := _token(it))}
        if tokens:
            yield kind, [("identifier", ",".join(sorted(tokens))), *include], None


def _token(reference: Json) -> str | None:
    identifier = reference.get("identifier")
    if reference.get("reference") or not isinstance(identifier, dict) or not identifier.get("value"):
        return None
    return f"{identifier.get('system', '')}|{identifier['value']}"


def _person(reference: Json, directory: Sequence[Json], base_url: str, language: str) -> Clinician | None:
    people = {(it["resourceType"], str(it["id"])): it for it in directory}
    found = people.get(at) if (at := target(reference, base_url)) else _identified(reference, directory)
    if found is not None:
        return _clinician(found, reference, people, base_url, language)
    name = str(reference.get("display") or "").strip()
    if reference.get("reference") or not _token(reference) or not name:
        return None
    return Clinician(reference, name, words("clinician", language))


def _identified(reference: Json, directory: Sequence[Json]) -> Json | None:
    token = _token(reference)
    tokens = (
        (it, f"{held.get('system', '')}|{held.get('value')}")
        for it in directory
        for held in it.get("identifier") or ()
    )
    return next((it for it, held in tokens if token and held == token), None)


def _clinician(
    found: Json, reference: Json, people: Mapping[tuple[str, str], Json], base_url: str, language: str
) -> Clinician | None:
    """Name and role as the directory has them; a role without a person in it releases nothing."""
    person = found
    if found["resourceType"] == "PractitionerRole":
        person = people.get(target(found.get("practitioner"), base_url) or ("", "")) or {}
    said = (found.get("practitioner") or {}).get("display")
    name = name_of(person) if person else str(said or "").strip()
    if found.get("active") is False or person.get("active") is False or not name:
        return None
    return Clinician(reference, name, _role(found) or words("clinician", language))


def _role(found: Json) -> str:
    qualified = (it.get("code") for it in found.get("qualification") or ())
    for concept in (*(found.get("code") or ()), *qualified):
        shown = (it.get("display") for it in (concept or {}).get("coding") or ())
        if said := (concept or {}).get("text") or next(filter(None, shown), None):
            return str(said)
    return ""
