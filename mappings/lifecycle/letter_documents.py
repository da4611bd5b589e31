"""The letter that leaves is filed beside it: its pages, and the document for whoever takes documents. Pure.

A letter refers to its DocumentReference, so both are written at once or neither is, and what has left is never filed
anew. A corrected letter is the next edition of the one before it; whose basis was withdrawn is filed as an error.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from adapter import wire_json
from adapter.errors import SoftwareFault
from adapter.letter import Correction, Letter
from mappings.codes import PLAN_KEY
from mappings.documents import Attestation, Filing, Paper, document_bundle, document_reference, place_of
from mappings.documents.filing import EDITION
from mappings.lifecycle.plan.correction import Consequence
from mappings.lifecycle.release.release_codes import code_in
from mappings.lifecycle.release.signature import release_of
from mappings.lifecycle.situation import Situation, corrected_of
from mappings.outbound.draft import Action as Done
from mappings.outbound.draft import Draft, Drafts, Write
from mappings.outbound.fingerprint import carried
from mappings.outbound.ids import location_of
from mappings.outbound.resources.communications import identity

Json = dict[str, Any]
KIND = "DocumentReference"
# What a plan that we end makes of the letters that were filed about it; any other end leaves them as they are.
STANDING = {Consequence.CORRECT: "superseded", Consequence.RETRACT: "entered-in-error"}


def reference_to(scene: Situation, letter: Json, said: Letter) -> Json:
    """The payload that leads from a Communication to the letter as it is filed."""
    place = place_of(_key(scene, letter), _edition(scene, letter))
    return {"contentReference": {"reference": place, "type": KIND, "display": said.title}}


def withdrawn_by(scene: Situation, letter: Json) -> Correction | None:
    """The date printed on the letter that a withdrawal is about: the day of its release, where somebody released it."""
    places = (str(it.get("reference")) for it in letter.get("partOf") or ())
    releases = (release_of(scene.server.existing.get(it, {})) for it in places)
    return next((Correction((), replaces=it.day) for it in releases if it), None)


def beside(scene: Situation, drawn: Drafts, writes: tuple[Write, ...]) -> Iterator[Write]:
    """What has to be written with these writes: the letters that leave, and what became of those before them."""
    for write in writes:
        resource = write.draft.resource
        match write.draft.type:
            case "Communication" if write.changes and resource.get("status") == "in-progress":
                if (place := _filed_at(resource)) and place not in scene.server.aliases().values():
                    yield _filed(scene, drawn, resource)
            case "CarePlan" if write.ended and resource.get("status") == "revoked":
                yield from _put_aside(scene, write.location)
            case _:
                pass


# --- a letter that leaves ------------------------------------------------------------------------------------------


def _filed_at(letter: Json) -> str | None:
    references = (it.get("contentReference") or {} for it in letter.get("payload") or ())
    return next((str(it["reference"]) for it in references if it.get("type") == KIND), None)


def _filed(scene: Situation, drawn: Drafts, letter: Json) -> Write:
    filing, paper = _filing(scene, drawn, letter), _paper(scene, letter)
    document = wire_json.write(document_bundle(paper, filing))
    draft = document_reference(paper, filing, document)
    return Write(Done.CREATE, draft, draft.location)


def _paper(scene: Situation, letter: Json) -> Paper:
    """The pages of what the Communication says, made again from what it was made of."""
    release = release_of(letter)
    day = date.fromisoformat(release.day) if release else scene.now.date()
    retraction = code_in(letter.get("category")) == "gp_retraction_letter"
    corrected = withdrawn_by(scene, letter) if retraction else corrected_of(scene)
    (said,) = scene.speaker.say(
        letter["recipient"], day, release=release, corrected=corrected, retraction=retraction
    )
    return scene.speaker.paper(said, day)


def _filing(scene: Situation, drawn: Drafts, letter: Json) -> Filing:
    release, edition = release_of(letter), _edition(scene, letter)
    at = place_of(_key(scene, letter), edition - 1) if edition > 1 else ""
    earlier = next((place for place, name in scene.server.aliases().items() if name == at), None)
    held: Json = scene.server.existing[earlier] if earlier else {}
    master: Json = held.get("masterIdentifier") or {}
    return Filing(
        plan=_plan(scene, drawn, letter),
        communication=_first(scene, letter),
        device=drawn.device.resource,
        patient=scene.folder.resource,
        custodian=scene.institution.organization or scene.speaker.reading.patient.managing_organization,
        released=Attestation(release.by.reference | {"display": release.by.name}, release.at)
        if release
        else None,
        edition=edition,
        enclosed=_enclosed(scene, drawn),
        earlier=earlier,
        replaced=master.get("value") if master.get("system") == EDITION else None,
    )


def _plan(scene: Situation, drawn: Drafts, letter: Json) -> Json:
    """The plan that the letter is about: the one that is written with it, else the one on the server."""
    (about,) = letter["basedOn"]
    at = location_of(about["reference"])
    if drawn.plan and at == drawn.plan.location:
        return drawn.plan.resource
    if at in scene.server.existing:
        return scene.server.existing[at]
    raise SoftwareFault("a letter without its plan cannot be filed", resource_type="Communication")


def _enclosed(scene: Situation, drawn: Drafts) -> dict[str, Json]:
    """The steps of the plan and the scores that it rests on; of the rest of the record nothing."""
    scores = {location_of(it.evidence) for it in scene.speaker.reading.record.t_scores}
    held = {f"{it.get('resourceType')}/{it.get('id')}": it for it in scene.folder.resources}
    return {it.location: it.resource for it in drawn.requests} | {at: held[at] for at in scores & held.keys()}


# --- editions ------------------------------------------------------------------------------------------------------


def _key(scene: Situation, letter: Json) -> str:
    return carried(_first(scene, letter), PLAN_KEY) or ""


def _first(scene: Situation, letter: Json) -> Json:
    return (letter, *_before(scene, letter))[-1]


def _edition(scene: Situation, letter: Json) -> int:
    return 1 + sum(1 for _ in _before(scene, letter))


def _before(scene: Situation, letter: Json) -> Iterator[Json]:
    """The letters to the same recipient in whose place this one comes, the newest first.

    Of several the one that was released in full counts, not one that went ahead of it. Ends, since nobody can point
    to a letter that was written later; a server that says otherwise is not followed in circles.
    """
    seen = {carried(letter, PLAN_KEY)}
    while found := _parts(scene, letter):
        letter = max(found, key=lambda it: code_in(it.get("category")) != "gp_interim_letter")
        name = carried(letter, PLAN_KEY)
        if name in seen:
            return
        seen.add(name)
        yield letter


def _parts(scene: Situation, letter: Json) -> list[Json]:
    places = (location_of(str(it.get("reference"))) for it in letter.get("partOf") or ())
    held = (scene.server.existing[it] for it in places if it in scene.server.existing)
    to = {identity(it) for it in letter.get("recipient") or ()}
    return [it for it in held if to & {identity(who) for who in it.get("recipient") or ()}]


# --- letters that no longer hold -----------------------------------------------------------------------------------


def _put_aside(scene: Situation, plan: str) -> Iterator[Write]:
    """Everything that is filed about a plan that we end, in the standing that this end gives it."""
    standing = STANDING.get(scene.finding.action)
    for place, resource in scene.server.existing.items():
        if standing and resource["resourceType"] == KIND and resource.get("status") == "current":
            related = (resource.get("context") or {}).get("related") or ()
            if plan in {location_of(str(it.get("reference"))) for it in related}:
                draft = Draft({**resource, "status": standing}, carried(resource, PLAN_KEY) or "", "")
                yield Write(Done.UPDATE, draft, place, if_match=scene.server.etag(place), ended=True)
