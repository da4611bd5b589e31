"""Who may release here: members of the team that is asked, if one is set, and never the recipient.

| the team is       | its members are                                  |
| ----------------- | ------------------------------------------------ |
| CareTeam          | its participants, whose membership has not ended |
| Organization,     | whoever has an active PractitionerRole there     |
| HealthcareService |                                                  |
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from adapter.fhir.search import Params
from adapter.input.wire_json import Json, JsonValue
from mappings.handover.release.signature import Clinician
from mappings.inbound.resources.dates import last_day
from workers.review.fhir_server import ReadingServer
from workers.review.references import target

ROLE_AT = {"Organization": "organization", "HealthcareService": "service"}


def members(
    owner: Json, people: Iterable[Clinician], server: ReadingServer, base_url: str, on: date
) -> frozenset[str]:
    """The ``Practitioner/id`` of these people, and their roles, that belong to the team on a day."""
    kind, name = target(owner, base_url) or ("", "")
    if kind == "CareTeam":
        (found,) = server.batch_searches([(kind, [("_id", name)], lambda it: it.get("id") == name)])
        return frozenset(
            participant for team in found.matches for participant in _participants(team, base_url, on)
        )
    known = sorted({it for who in people for it in who.known_as if it.startswith("Practitioner/")})
    if kind not in ROLE_AT or not known:
        return frozenset()
    asked: Params = [("practitioner", ",".join(known)), (ROLE_AT[kind], f"{kind}/{name}")]
    (roles,) = server.batch_searches([("PractitionerRole", asked, None)])
    current = (
        match
        for match in roles.matches
        if match.get("active") is not False and _lasts(match.get("period"), on)
    )
    return frozenset(location for role in current for location in role_locations(role, base_url))


def role_locations(role: Json, base_url: str) -> Iterator[str]:
    """A role, and whoever has it."""
    yield f"PractitionerRole/{role.get('id')}"
    if whose := target(role.get("practitioner"), base_url):
        yield "/".join(whose)


def receives(
    who: Clinician, recipients: Sequence[JsonValue], directory: Mapping[tuple[str, str], Json], base_url: str
) -> bool:
    """Whether somebody is among those to whom the letter goes, as a person or by a role."""
    known: set[str] = set()
    for recipient in (it for it in recipients if isinstance(it, dict)):
        identifier = recipient.get("identifier")
        if isinstance(identifier, dict):
            known.add(f"{identifier.get('system', '')}|{identifier.get('value')}")
        if location := target(recipient, base_url):
            known.add("/".join(location))
            found = directory.get(location) or {}
            known |= {f"{it.get('system', '')}|{it.get('value')}" for it in found.get("identifier") or ()}
            known |= set(role_locations(found, base_url)) if location[0] == "PractitionerRole" else set()
    return not known.isdisjoint(who.known_as)


def _participants(team: Json, base_url: str, on: date) -> Iterator[str]:
    if team.get("status") in ("inactive", "entered-in-error"):
        return
    for participant in team.get("participant") or ():
        location = target(participant.get("member"), base_url)
        if location and _lasts(participant.get("period"), on):
            yield "/".join(location)


def _lasts(period: object, on: date) -> bool:
    ended = last_day(period.get("end")) if isinstance(period, dict) else None
    return ended is None or ended >= on
