"""Which edition of a letter this is: a corrected letter is the next edition of the one it replaces. Pure."""

from collections.abc import Iterator

from adapter.input.wire_json import Json
from mappings.codes import PLAN_KEY
from mappings.documents import edition_location
from mappings.handover.release.release_codes import code_in
from mappings.outbound.fingerprint import carried
from mappings.outbound.ids import location_of
from mappings.outbound.resources.communications import identity
from mappings.outbound.server.server_view import ServerView

KIND = "DocumentReference"


def reference_to(server: ServerView, letter: Json, title: str) -> Json:
    """The payload that leads from a Communication to the letter as it is filed."""
    location = edition_location(edition_key(server, letter), edition(server, letter))
    return {"contentReference": {"reference": location, "type": KIND, "display": title}}


def pledged(letter: Json, parts: Json) -> Json:
    """The same letter with the digest of what was released on the reference to it."""
    payload = [
        {"contentReference": {**at, "identifier": parts}}
        if (at := it.get("contentReference") or {}).get("type") == KIND
        else it
        for it in letter.get("payload") or ()
    ]
    return {**letter, "payload": payload}


def filed_at(letter: Json) -> str | None:
    """Where the letter that this Communication carries is filed."""
    references = (payload.get("contentReference") or {} for payload in letter.get("payload") or ())
    return next(
        (str(reference["reference"]) for reference in references if reference.get("type") == KIND), None
    )


def edition_key(server: ServerView, letter: Json) -> str:
    """What all editions of one letter have in common."""
    return carried(first_edition(server, letter), PLAN_KEY) or ""


def first_edition(server: ServerView, letter: Json) -> Json:
    """The letter that all later editions correct."""
    return (letter, *_before(server, letter))[-1]


def edition(server: ServerView, letter: Json) -> int:
    """Counted from one."""
    return 1 + sum(1 for _ in _before(server, letter))


def _before(server: ServerView, letter: Json) -> Iterator[Json]:
    """The letters to the same recipient in whose place this one comes, the newest first.

    Of several the one that was released in full counts, not one that went ahead of it. Ends, since nobody can
    point to a letter that was written later; a server that says otherwise is not followed in circles.
    """
    seen = {carried(letter, PLAN_KEY)}
    while found := _parts(server, letter):
        letter = max(found, key=lambda it: code_in(it.get("category")) != "gp_interim_letter")
        name = carried(letter, PLAN_KEY)
        if name in seen:
            return
        seen.add(name)
        yield letter


def _parts(server: ServerView, letter: Json) -> list[Json]:
    locations = (location_of(str(reference.get("reference"))) for reference in letter.get("partOf") or ())
    held = (server.existing[location] for location in locations if location in server.existing)
    to = {identity(recipient) for recipient in letter.get("recipient") or ()}
    return [it for it in held if to & {identity(who) for who in it.get("recipient") or ()}]
