"""Names that never change: one matter of one patient has the same id on every run and machine.

An id is the UUIDv5 of a business key, and the key names the clinical occasion (server, patient, pathway, and
for a letter or a task its recipient or reason), never the content: a corrected result updates the same plan.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha1
from uuid import UUID

from adapter.input.fhir_id import PATTERN as FHIR_ID
from mappings.codes import BASE

OUTPUT = f"{BASE}/CodeSystem/output"
CONTENT_FINGERPRINT = f"{BASE}/NamingSystem/content-fingerprint"
PATHWAY_FINGERPRINT = f"{BASE}/NamingSystem/pathway-fingerprint"

# Chosen once; another value would orphan all that was written.
NAMESPACE = UUID("9d4c6f0e-6a39-5f0b-8a9e-2f6f4d1f7c55")

_OWN = "-own"
_LOCATION = re.compile(rf"(?:^|/)([A-Z][A-Za-z]+/{FHIR_ID})(?:/_history/({FHIR_ID}))?$")


# so many are remembered: those of one patient are asked for again and again, and mean the same each time
ASKED = 512


@lru_cache(ASKED)
def resource_id(resource_type: str, key: str) -> str:
    """The id under which a resource is written, and the value of its plan-key identifier."""
    return _version_5(f"{resource_type}|{key}")


def _version_5(name: str) -> str:
    """The text of ``uuid.uuid5(NAMESPACE, name)`` (RFC 9562, 5.5), at a quarter of the cost."""
    held = bytearray(sha1(NAMESPACE.bytes + name.encode(), usedforsecurity=False).digest()[:16])
    held[6] = held[6] & 0x0F | 0x50
    held[8] = held[8] & 0x3F | 0x80
    text = held.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def plan_key(server: str, patient_reference: str, pathway_id: str) -> str:
    """One plan per server, patient and pathway."""
    return "|".join((server, location_of(patient_reference), pathway_id))


def canonical(pathway_id: str, version: str) -> str:
    """The pathway as ``instantiatesCanonical`` wants it."""
    return f"{BASE}/PlanDefinition/{pathway_id}|{version}"


def own_system(pathway_id: str) -> str:
    """The code system of the codes that one pathway has for itself."""
    return f"{BASE}/CodeSystem/{pathway_id}{_OWN}"


def is_own(system: str) -> bool:
    """Whether it is the code system of some pathway's own codes."""
    return system.startswith(f"{BASE}/CodeSystem/") and system.endswith(_OWN)


def rule_uri(rule: str) -> str:
    """A rule id as a URI: it fits ``instantiatesUri`` and ``Provenance.policy`` without an extension."""
    return f"{BASE}/rules/{rule}"


@lru_cache(ASKED)
def location_of(reference: str) -> str:
    """``Type/id`` of an absolute, versioned or plain literal reference; anything else as it stands."""
    found = _LOCATION.search(reference)
    return found[1] if found else reference


def is_local(reference: str) -> bool:
    """Whether it is a plain ``Type/id``, versioned or not, which a resource beside it may point to."""
    return reference[:1].isupper() and _LOCATION.fullmatch(reference) is not None


@lru_cache(ASKED)
def version_of(reference: str) -> str | None:
    """The version that a versioned reference names."""
    found = _LOCATION.search(reference)
    return found[2] if found else None


def references(value: object) -> Iterator[str]:
    """Every literal reference in a resource or Bundle, contained ones too, in no meaningful order."""
    # Without recursion: somebody else's Bundle may be nested as deep as the parser lets it be.
    waiting = [value]
    while waiting:
        held = waiting.pop()
        if isinstance(held, dict):
            literal = held.get("reference")
            if isinstance(literal, str):
                yield literal
            waiting += [part for part in held.values() if isinstance(part, (dict, list))]
        elif isinstance(held, list):
            waiting += [it for it in held if isinstance(it, (dict, list))]
