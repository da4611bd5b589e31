"""A patient, an institution, and a server as far as reconciling can see it."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from itertools import count
from typing import Any

from adapter.clinical.decision import Decision
from adapter.input.wire_json import Json, JsonValue
from mappings.outbound import Action, Draft, Drafts, Subject, Write, WriteContext, drafts, entries, reconcile
from mappings.outbound.fingerprint import seal
from mappings.outbound.ids import location_of
from mappings.outbound.resources.provenance import about
from tests.factories import NECK, SPINE, a_decision

GP: Json = {
    "type": "Practitioner",
    "identifier": {"system": "http://fhir.nl/fhir/NamingSystem/agb-z", "value": "01000001"},
    "display": "Huisartsenpraktijk De Linde",
}
OTHER_GP: Json = {"reference": "Practitioner/other"}
HOSPITAL: Json = {"reference": "Organization/hospital"}
SUBJECT = Subject("Patient/17", (SPINE, NECK, "Observation/text/_history/1", "Patient/17/_history/3"))
CONTEXT = WriteContext(
    site="hospital-a",
    software_version="0.1.0",
    now="2026-11-20T08:00:00Z",
    organization=HOSPITAL,
    gp=(GP,),
    letters="Dear colleague",
)
LATER = replace(CONTEXT, now="2026-11-21T08:00:00Z")


def drawn(
    decision: Decision | None = None, subject: Subject = SUBJECT, context: WriteContext = CONTEXT
) -> Drafts:
    return drafts(subject, decision or a_decision(), context)


def every(drafts: Drafts) -> tuple[Draft, ...]:
    """All that would be written on an empty server."""
    content = tuple(drafts.content())
    written = [Write(Action.CREATE, draft, draft.location) for draft in content]
    return (drafts.device, *content, about(drafts.provenance, written)) if content else ()


def asked(drafts: Drafts, reason: str) -> Draft:
    """A question that reconciling would find a reason for."""
    question = drafts.question(reason)
    return seal(question.resource, question.key)


class ServerInMemory:
    """Keeps what is written; gives ids and strips versions from references as a server would."""

    def __init__(self, *, own_ids: bool = False, strips_versions: bool = False) -> None:
        self.own_ids, self.strips_versions = own_ids, strips_versions
        self.resources: dict[str, Json] = {}
        self.ledger: dict[str, str] = {}
        self.ids = count(1)
        self.written = 0

    def review(self, drawn: Drafts, *, ledger: Mapping[str, str] | None = None) -> tuple[Write, ...]:
        """Reconcile and write, as a worker would; an empty ledger is one that was lost."""
        known = {place: it for place, it in self.resources.items() if it["resourceType"] != "Provenance"}
        writes = reconcile(drawn, deepcopy(known), self.ledger if ledger is None else ledger)
        self.take(writes)
        return writes

    def take(self, writes: Iterable[Write]) -> None:
        """Write what changes, and keep the versions in the ledger."""
        self._take(entries(writes, update_create=not self.own_ids))

    def edit(self, kind: str, **changes: Any) -> None:
        """A human at work."""
        self.change(
            next(place for place, it in self.resources.items() if it["resourceType"] == kind), **changes
        )

    def change(self, place: str, **changes: Any) -> None:
        """What a human does to one resource."""
        self._put(place, {**self.resources[place], **changes})

    def of(self, kind: str) -> list[Json]:
        return [it for it in self.resources.values() if it["resourceType"] == kind]

    def _take(self, sent: list[JsonValue]) -> None:
        places = {it.full_url: f"{it.url}/{next(self.ids)}" for it in sent if it.full_url}
        for entry in sent:
            place = places.get(entry.full_url, entry.url)
            if entry.if_match:
                assert entry.if_match == f'W/"{self.resources[place]["meta"]["versionId"]}"'
            self._put(place, self._stored(entry.resource, places))
            self.ledger[place] = self.resources[place]["meta"]["versionId"]

    def _put(self, place: str, resource: Json) -> None:
        version = int(self.resources.get(place, {}).get("meta", {}).get("versionId", "0")) + 1
        meta = {"versionId": str(version), "lastUpdated": f"2026-11-20T08:00:{version:02}Z"}
        self.resources[place] = deepcopy(resource) | {"id": place.partition("/")[2], "meta": meta}
        self.written += 1

    def _stored(self, value: JsonValue, places: Mapping[str, str]) -> JsonValue:
        if isinstance(value, list):
            return [self._stored(it, places) for it in value]
        if not isinstance(value, dict):
            return value
        stored = {name: self._stored(it, places) for name, it in value.items()}
        if isinstance(literal := stored.get("reference"), str):
            plain = location_of(literal) if self.strips_versions else literal
            stored["reference"] = places.get(literal, plain)
        return stored
