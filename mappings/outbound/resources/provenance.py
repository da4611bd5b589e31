"""Who made it, from what, by which rules: the Device of this release and the Provenance of one write."""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from adapter.clinical.decision import Decision, PathwayVersion
from adapter.input.wire_json import Json
from mappings.outbound.content import Fragment, digest
from mappings.outbound.draft import Action, Draft, Subject, Write, WriteContext
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


def about(template: Draft, written: Iterable[Write]) -> Draft:
    """The Provenance of exactly these writes; the same writes sent again give the same id.

    What is said once more over another version, after a plan came back, is another write.
    """
    writes = sorted(written, key=lambda write: write.draft.location)
    created = all(write.action is Action.CREATE for write in writes)
    content = {
        **template.resource,
        "target": [{"reference": write.draft.location} for write in writes],
        "activity": {"coding": [CREATE if created else UPDATE]},
    }
    name = f"{template.key}|{digest([_name(write) for write in writes])}"
    return replace(seal(content, name), key=template.key)


def _name(write: Write) -> str:
    return f"{write.draft.fingerprint} over {write.if_match}" if write.if_match else write.draft.fingerprint


@lru_cache(16)
def _pathway(pathway: PathwayVersion) -> Json:
    what = {
        "type": "PlanDefinition",
        "identifier": {"system": PATHWAY_FINGERPRINT, "value": pathway.fingerprint},
        "display": f"{pathway.id} {pathway.version}",
    }
    return Fragment({"role": "source", "what": what})
