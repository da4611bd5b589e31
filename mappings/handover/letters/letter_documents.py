"""The letter that leaves is filed beside it: its pages, and the document for whoever takes documents. Pure.

A letter refers to its DocumentReference, so both are written at once or neither is, and what has left is
never filed anew. It carries the digest of everything that is filed, so that nothing of it can be
exchanged before it is sent. A corrected letter is the next edition of the one before it; whose basis was
withdrawn is filed as an error.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from adapter.errors import SoftwareFault
from adapter.input import wire_json
from adapter.input.wire_json import Json
from mappings.codes import PLAN_KEY
from mappings.documents import (
    Attestation,
    DocumentMetadata,
    RenderedLetter,
    document_bundle,
    document_reference,
    edition_location,
)
from mappings.documents.document_metadata import EDITION
from mappings.handover.letters.letter_edition import (
    KIND,
    edition,
    edition_key,
    filed_at,
    first_edition,
    pledged,
)
from mappings.handover.letters.letter_text import LetterWriter
from mappings.handover.plan.correction import Consequence
from mappings.handover.release.release_codes import code_in
from mappings.handover.release.released_parts import parts_identifier
from mappings.handover.release.signature import release_of
from mappings.handover.situation import Situation
from mappings.outbound.draft import Action, Draft, Drafts, Write
from mappings.outbound.fingerprint import carried, seal
from mappings.outbound.ids import location_of

# What a plan that we end makes of the letters that were filed about it; any other
# end leaves them as they are.
STANDING = {Consequence.CORRECT: "superseded", Consequence.RETRACT: "entered-in-error"}


@dataclass(frozen=True, slots=True)
class LetterDocuments:
    """Files the letters about one patient."""

    situation: Situation
    writer: LetterWriter
    drafts: Drafts = field(repr=False)

    def sealed(self) -> Drafts:
        """The drafts, where each letter that leaves carries the digest of what is filed with it."""
        if not any(_leaves(communication.resource) for communication in self.drafts.communications):
            return self.drafts
        letters = (
            seal(self._pledged(communication.resource), communication.key)
            if _leaves(communication.resource)
            else communication
            for communication in self.drafts.communications
        )
        return replace(self.drafts, communications=tuple(letters))

    def ended(self, writes: Iterable[Write]) -> Iterator[Write]:
        """The same for a withdrawal, whose letter stands on the server already."""
        for write in writes:
            if write.draft.type == "Communication" and _leaves(write.draft.resource):
                letter = self._pledged(write.draft.resource)
                yield replace(write, draft=replace(seal(letter, ""), resource=letter))
            else:
                yield write

    def entailed_by(self, writes: Iterable[Write]) -> Iterator[Write]:
        """What these writes entail: documents of letters that leave, and the end of those before them."""
        for write in writes:
            resource = write.draft.resource
            match write.draft.type:
                case "Communication" if write.changes and _leaves(resource):
                    yield self._filed(resource)
                case "CarePlan" if write.ended and resource.get("status") == "revoked":
                    yield from self._put_aside(write.location)
                case _:
                    pass

    def _filed(self, letter: Json) -> Write:
        """Updates what is filed: for a letter that had not left, a process that died in between left it."""
        metadata, rendered = self._metadata(letter), self._rendered(letter)
        document = wire_json.write(document_bundle(rendered, metadata))
        draft, server = document_reference(rendered, metadata, document), self.situation.server
        if location := server.find(draft):
            return Write(Action.UPDATE, draft, location, if_match=server.etag(location))
        return Write(Action.CREATE, draft, draft.location)

    def _pledged(self, letter: Json) -> Json:
        rendered = self._rendered(letter)
        document = wire_json.parse(wire_json.write(document_bundle(rendered, self._metadata(letter))))
        patient = self.situation.patient.resource
        return pledged(letter, parts_identifier(rendered.pdf, rendered.html, document, patient))

    def _rendered(self, letter: Json) -> RenderedLetter:
        """The pages of what the Communication says, made again from what it was made of."""
        release = release_of(letter)
        day = date.fromisoformat(release.day) if release else self.situation.today
        if code_in(letter.get("category")) == "gp_retraction_letter":
            return self.writer.rendered(self.writer.retraction(letter, day, release), day)
        (said,) = self.writer.letters(letter["recipient"], day, release)
        return self.writer.rendered(said, day)

    def _metadata(self, letter: Json) -> DocumentMetadata:
        seen, server = self.situation, self.situation.server
        release, number = release_of(letter), edition(server, letter)
        at = edition_location(edition_key(server, letter), number - 1) if number > 1 else ""
        earlier = next((location for location, name in server.aliases.items() if name == at), None)
        held: Json = server.existing[earlier] if earlier else {}
        master: Json = held.get("masterIdentifier") or {}
        signed = (
            Attestation(release.by.reference | {"display": release.by.name}, release.at) if release else None
        )
        return DocumentMetadata(
            plan=self._plan(letter),
            communication=first_edition(server, letter),
            device=self.drafts.device.resource,
            patient=seen.patient.resource,
            custodian=seen.institution.organization or seen.reading.patient.managing_organization,
            released=signed,
            edition=number,
            enclosed=self._enclosed(),
            earlier=earlier,
            replaced=master.get("value") if master.get("system") == EDITION else None,
        )

    def _plan(self, letter: Json) -> Json:
        """The plan that the letter is about: the one that is written with it, else the one on the server."""
        (about,) = letter["basedOn"]
        at, drafted = location_of(about["reference"]), self.drafts.plan
        if drafted and at == drafted.location:
            return drafted.resource
        if at in self.situation.server.existing:
            return self.situation.server.existing[at]
        raise SoftwareFault("a letter without its plan cannot be filed", resource_type="Communication")

    def _enclosed(self) -> dict[str, Json]:
        """The steps of the plan and the scores that it rests on; of the rest of the record nothing."""
        seen = self.situation
        scores = {location_of(score.evidence) for score in seen.reading.record.t_scores}
        held = {
            f"{resource.get('resourceType')}/{resource.get('id')}": resource
            for resource in seen.patient.resources
        }
        return {request.location: request.resource for request in self.drafts.requests} | {
            at: held[at] for at in scores & held.keys()
        }

    def _put_aside(self, plan: str) -> Iterator[Write]:
        """Everything that is filed about a plan that we end, in the standing that this end gives it."""
        server, standing = self.situation.server, STANDING.get(self.situation.consequence)
        for location, resource in server.existing.items():
            if standing and resource["resourceType"] == KIND and resource.get("status") == "current":
                related = (resource.get("context") or {}).get("related") or ()
                if plan in {location_of(str(reference.get("reference"))) for reference in related}:
                    draft = Draft({**resource, "status": standing}, carried(resource, PLAN_KEY) or "", "")
                    yield Write(Action.UPDATE, draft, location, if_match=server.etag(location), ended=True)


def _leaves(letter: Json) -> bool:
    return letter.get("status") == "in-progress" and filed_at(letter) is not None
