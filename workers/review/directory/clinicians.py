"""The clinicians who release letters: completed release Tasks name them, the directory confirms them.

Nobody is taken at a Task's word: a reference must lead to an active person on this server, and to a member of
the team that is asked, where one is set. Only where none is set may an identifier that this server does not
know stand with the name beside it, for the clinician may be kept elsewhere.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from adapter.fhir.search import Params, SearchResult
from adapter.input.wire_json import Json
from mappings.handover.institution import Institution
from mappings.handover.release.release_codes import code_in
from mappings.handover.release.release_task import (
    ASKS_RELEASE,
    PERSONS,
    named_in,
)
from mappings.handover.release.signature import Clinician, release_of
from mappings.outbound.resources.communications import identity
from mappings.outbound.server.server_view import ServerView
from workers.review.directory.recipients import name_of
from workers.review.directory.release_team import members, role_locations
from workers.review.fhir_server import ReadingServer
from workers.review.references import target


def clinicians(
    existing: Mapping[str, Json], server: ReadingServer, institution: Institution, on: date
) -> dict[str, Clinician]:
    """The clinician of each completed release Task that names one who may release, by ``Task/id``.

    Whom we wrote on a plan or letter as having released it by this Task is not looked up again: people leave.
    """
    base_url = institution.reading.base_url
    found = dict(_marked_clinicians(existing, _completed(existing), base_url))
    asked = unknown_releasers(existing, base_url)
    wanted = [one for several in asked.values() for one in several]
    if not wanted:
        return found
    directory = _directory(wanted, server, base_url)
    people = {
        location: [who for reference in references if (who := _person(reference, directory, base_url))]
        for location, references in asked.items()
    }
    allowed = _allowed([who for several in people.values() for who in several], server, institution, on)
    first = {
        location: next((who for who in several if allowed(who)), None) for location, several in people.items()
    }
    return found | {location: who for location, who in first.items() if who}


def unknown_releasers(existing: Mapping[str, Json], base_url: str) -> dict[str, tuple[Json, ...]]:
    """Whom completed release Tasks name, to be looked up, by ``Task/id``; a Task without a name adds none."""
    completed = _completed(existing)
    found = dict(_marked_clinicians(existing, completed, base_url))
    named = {location: tuple(named_in(task)) for location, task in completed.items() if location not in found}
    return {location: several for location, several in named.items() if several}


def known(reference: Json, server: ReadingServer, institution: Institution, on: date) -> Clinician | None:
    """The clinician behind one reference; None when it leads to nobody who may release."""
    base_url = institution.reading.base_url
    found = _person(reference, _directory([reference], server, base_url), base_url)
    return found if found and _allowed([found], server, institution, on)(found) else None


def _allowed(
    people: Sequence[Clinician], server: ReadingServer, institution: Institution, on: date
) -> Callable[[Clinician], bool]:
    """Everybody where no team is set, else its members."""
    owner = institution.release_owner
    if owner is None or not people:
        return lambda _who: True
    team = members(owner, people, server, institution.reading.base_url, on)
    return lambda who: not team.isdisjoint(who.known_as)


def _marked_clinicians(
    existing: Mapping[str, Json], completed: Mapping[str, Json], base_url: str
) -> Iterator[tuple[str, Clinician]]:
    """Marks of ours that nobody has touched, about people whom the Task itself names."""
    view = ServerView(existing, {})
    for location, resource in existing.items():
        release = release_of(resource)
        if release and release.task in completed and not view.edited(location):
            named = {identity(it) for it in named_in(completed[release.task])}
            if identity(release.by.reference) in named:
                locations = _locations(release.by.reference, {}, base_url)
                yield release.task, replace(release.by, known_as=locations)


def _completed(existing: Mapping[str, Json]) -> dict[str, Json]:
    return {
        location: it
        for location, it in existing.items()
        if it["resourceType"] == "Task"
        and it.get("status") == "completed"
        and code_in(it.get("code")) in ASKS_RELEASE
    }


def _directory(references: Sequence[Json], server: ReadingServer, base_url: str) -> tuple[Json, ...]:
    searches = list(_searches(references, base_url))
    found: list[SearchResult] = server.batch_searches(searches) if searches else []
    return tuple(it for result in found for it in (*result.matches, *result.included))


def _searches(references: Sequence[Json], base_url: str) -> Iterator[tuple[str, Params, None]]:
    for kind in PERSONS:
        ids = {at[1] for reference in references if (at := target(reference, base_url)) and at[0] == kind}
        include = [("_include", "PractitionerRole:practitioner")] if kind == "PractitionerRole" else []
        if ids:
            yield kind, [("_id", ",".join(sorted(ids))), *include], None
        tokens = {
            token
            for reference in references
            if reference.get("type", PERSONS[0]) == kind and (token := _token(reference))
        }
        if tokens:
            yield kind, [("identifier", ",".join(sorted(tokens))), *include], None


def _token(reference: Json) -> str | None:
    identifier = reference.get("identifier")
    if reference.get("reference") or not isinstance(identifier, dict) or not identifier.get("value"):
        return None
    return f"{identifier.get('system', '')}|{identifier['value']}"


def _person(reference: Json, directory: Sequence[Json], base_url: str) -> Clinician | None:
    people = {(it["resourceType"], str(it["id"])): it for it in directory}
    found = people.get(at) if (at := target(reference, base_url)) else _identified(reference, directory)
    if found is not None:
        return _clinician(found, reference, people, base_url)
    name = str(reference.get("display") or "").strip()
    if reference.get("reference") or not _token(reference) or not name:
        return None
    return Clinician(reference, name, "", _locations(reference, {}, base_url))


def _identified(reference: Json, directory: Sequence[Json]) -> Json | None:
    token = _token(reference)
    tokens = (
        (it, f"{held.get('system', '')}|{held.get('value')}")
        for it in directory
        for held in it.get("identifier") or ()
    )
    return next((it for it, held in tokens if token and held == token), None)


def _clinician(
    found: Json, reference: Json, people: Mapping[tuple[str, str], Json], base_url: str
) -> Clinician | None:
    """Name and role from the directory, no other role; a role without a person releases nothing."""
    person = found
    if found["resourceType"] == "PractitionerRole":
        person = people.get(target(found.get("practitioner"), base_url) or ("", "")) or {}
    said = (found.get("practitioner") or {}).get("display")
    name = name_of(person) if person else str(said or "").strip()
    if found.get("active") is False or person.get("active") is False or not name:
        return None
    locations = _locations(reference, found, base_url) | _locations({}, person, base_url)
    return Clinician(reference, name, _role(found), locations)


def _locations(reference: Json, found: Json, base_url: str) -> frozenset[str]:
    """What a person is known by: where the directory has the person or the role, and business identifiers."""
    held = [*(found.get("identifier") or ()), reference.get("identifier") or {}]
    tokens = {f"{it.get('system', '')}|{it['value']}" for it in held if it.get("value")}
    location = target(reference, base_url)
    own = {f"{found['resourceType']}/{found['id']}"} if found else set()
    role = set(role_locations(found, base_url)) if found.get("resourceType") == "PractitionerRole" else set()
    return frozenset(tokens | own | role | ({"/".join(location)} if location else set()))


def _role(found: Json) -> str:
    qualified = (it.get("code") for it in found.get("qualification") or ())
    for concept in (*(found.get("code") or ()), *qualified):
        shown = (coding.get("display") for coding in (concept or {}).get("coding") or ())
        if said := (concept or {}).get("text") or next(filter(None, shown), None):
            return str(said)
    return ""
