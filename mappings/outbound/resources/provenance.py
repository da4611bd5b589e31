"""Who made it, from what, by which rules: the Device of this release and the Provenance of one write."""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from adapter.clinical.decision import Decision, PathwayVersion
from adapter.input.wire_json import Json
from mappings.outbound.content import Fragment, digest
from mappings.outbound.draft import Draft, Subject, WriteContext
from mappings.outbound.fingerprint import seal
from mappings.outbound.ids import PATHWAY_FINGERPRINT, canonical, rule_uri
from mappings.outbound.resources.citations import organization, rules_of, source_reference
from mappings.valuesets import coding

SOFTWARE = "osteo-handover"
ASSEMBLER = coding("provenance-assembler")
VERIFIER = coding("provenance-verifier")
UPDATE = coding("provenance-update")
CREATE = coding("provenance-create")


def device(context: WriteContext) -> Draft:
    """One Device per server and release."""
    return _device(context.site, context.software_version)


@lru_cache(16)  # of a process mostly one
def _device(site: str, version: str) -> Draft:
    content: Json = {
        "resourceType": "Device",
        "status": "active",
        "deviceName": [{"name": SOFTWARE, "type": "user-friendly-name"}],
        "version": [{"value": version}],
    }
    return seal(content, f"{site}|{version}")


def provenance(subject: Subject, decision: Decision, context: WriteContext, key: str, author: Json) -> Draft:
    """What every Provenance says: sources as read, every rule as a policy, the pathway by its fingerprint.

    ``Provenance.policy`` is the list of what the activity was governed by: canonical of the pathway first,
    then one URI per rule that stands behind an output. No extension is needed.
    """
    institution = organization(subject, context)
    content: Json = {
        "resourceType": "Provenance",
        "target": [],
        "recorded": context.now,
        "policy": [
            canonical(decision.pathway.id, decision.pathway.version),
            *[rule_uri(rule) for rule in rules_of(decision)],
        ],
        "activity": {"coding": [CREATE]},
        "agent": [
            {
                "type": {"coding": [ASSEMBLER]},
                "who": author,
                **({"onBehalfOf": institution} if institution else {}),
            }
        ],
        "entity": [
            *[
                {"role": "source", "what": source_reference(source)}
                for source in sorted(set(subject.sources))
            ],
            _pathway(decision.pathway),
        ],
    }
    return Draft(content, key, "")


def about(template: Draft, written: Iterable[Draft], *, created: bool) -> Draft:
    """The Provenance of exactly these writes; the same writes replayed give the same id."""
    drafts = sorted(written, key=lambda draft: draft.location)
    targets = [{"reference": draft.location} for draft in drafts]
    activity = {"coding": [CREATE if created else UPDATE]}
    content = {**template.resource, "target": targets, "activity": activity}
    name = f"{template.key}|{digest([draft.fingerprint for draft in drafts])}"
    return replace(seal(content, name), key=template.key)


@lru_cache(16)
def _pathway(pathway: PathwayVersion) -> Json:
    what = {
        "type": "PlanDefinition",
        "identifier": {"system": PATHWAY_FINGERPRINT, "value": pathway.fingerprint},
        "display": f"{pathway.id} {pathway.version}",
    }
    return Fragment({"role": "source", "what": what})
