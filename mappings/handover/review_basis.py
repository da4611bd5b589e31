"""What a review of one patient rests on, as digests: equal means that deciding again would come to the same.

Pure.

Everything goes in whole, as it was read: versions say what changed only on servers that keep them. What is
left out is what reading leaves out too, the Medications that came along for other patients of the same
searches. Beside that stands a digest of the versions alone, by which nothing that changed can be told
without reading any of it whole.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from hashlib import blake2b

import orjson

from adapter.input.wire_json import Json
from mappings.handover.patient_record import PatientRecord
from mappings.valuesets import coding

UNTOLD = ""  # no digest: nothing counts as decided before
_SUBSETTED = coding("tag-subsetted")["code"]
_BYTES = 16


def untold() -> str:
    """Of versions that do not tell everything."""
    return UNTOLD


@dataclass(frozen=True, slots=True)
class ReviewBasis:
    """What a review rested on: what was known before reading, what was read, its versions and its days.

    Untold where empty. The versions count on the day of the reading only: a server may
    change what it calls the same.
    """

    known: str = UNTOLD
    content: str = UNTOLD
    versions: str = UNTOLD
    decided: date = date.max
    until: date = date.min  # from here on time alone may have changed what was decided
    read: date = date.min

    @classmethod
    def of_text(cls, text: str | None) -> "ReviewBasis":
        """As it was written down; nothing told for what an earlier release wrote."""
        parts = (text or "").split(":")
        if len(parts) != 6:
            return cls()
        decided, until, read = map(date.fromisoformat, parts[3:])
        known, content, versions = parts[:3]
        return cls(known, content, versions, decided, until, read)

    @property
    def text(self) -> str | None:
        """To be written down; None where nothing counts as decided before."""
        days = (it.isoformat() for it in (self.decided, self.until, self.read))
        return ":".join((self.known, self.content, self.versions, *days)) if self.content else None

    def same(self, earlier: "ReviewBasis") -> bool:
        """Whether deciding again on the day of this one would come to the same."""
        told = self.content != UNTOLD and (self.known, self.content) == (earlier.known, earlier.content)
        return told and earlier.decided <= self.read < earlier.until

    def versions_on(self, day: date, known: str) -> str:
        """The versions that, on their day alone, show that there is nothing to decide; else untold."""
        return self.versions if (self.read, self.known) == (day, known) else UNTOLD

    def lasting(self, until: date) -> "ReviewBasis":
        """What was decided on it lasts until then."""
        return replace(self, until=until)

    def read_again(self, earlier: "ReviewBasis") -> "ReviewBasis":
        """Found to be the same: what was decided then holds as long as it did."""
        return replace(self, decided=earlier.decided, until=earlier.until)


def known_of(written: Mapping[str, str], rules: str) -> str:
    """The digest of what we wrote last, and of what decides and words; ``UNTOLD`` without rules."""
    return _digest([_text([rules, dict(written)])]) if rules else UNTOLD


def review_basis_of(patient: PatientRecord, written: Mapping[str, str], rules: str, day: date) -> ReviewBasis:
    """Nothing told without rules, and for numbers that no digest can be made of."""
    known = known_of(written, rules)
    if known == UNTOLD:
        return ReviewBasis()
    try:
        return ReviewBasis(known, _digest(_parts(patient)), patient.versions(), day, read=day)
    except orjson.JSONEncodeError:
        return ReviewBasis()


def versions_of(resources: Iterable[Json]) -> str:
    """The digest of each resource's name and meta, its version above all.

    Untold where a version is missing or one resource came in two of them.

    Labels are in it, since servers change those without making another version.
    """
    told: dict[tuple[str, str], Json] = {}
    for resource in resources:
        about, name = (
            _unmarked(resource.get("meta") or {}),
            (resource["resourceType"], resource.get("id", "")),
        )
        if not isinstance(about.get("versionId"), str) or told.setdefault(name, about) != about:
            return UNTOLD
    try:
        return _digest([_text(sorted(told.items()))])
    except orjson.JSONEncodeError:
        return UNTOLD


def _unmarked(about: Json) -> Json:
    """Without the label by which a server says that it sent a part of the resource."""
    if not isinstance(about.get("tag"), list):
        return about
    labels = [it for it in about["tag"] if not isinstance(it, dict) or it.get("code") != _SUBSETTED]
    rest = about | {"tag": labels}
    if not labels:
        del rest["tag"]
    return rest


def _digest(parts: Iterable[bytes]) -> str:
    """Each part stands for itself."""
    digest = blake2b(digest_size=_BYTES)
    for part in parts:
        digest.update(b"%d|" % len(part))
        digest.update(part)
    return digest.hexdigest()


def _parts(patient: PatientRecord) -> Iterator[bytes]:
    """In an order that does not depend on that of the answers."""
    yield _text([patient.patient, patient.resource])
    yield from _in_order(patient.resources)
    yield _text(sorted(patient.existing.items()))
    yield _text(patient.recipients)
    yield _text(patient.clinicians)
    yield from _in_order(patient.duplicates)
    yield _text(patient.strays)
    for former, resources in sorted(patient.former.items()):
        yield _text(former)
        yield from _in_order(resources)
    yield _text({kind: sorted(reasons) for kind, reasons in patient.gaps.items()})


def _in_order(resources: Iterable[Json]) -> list[bytes]:
    """Each as text, and how many: of the Medications those that another one of them names."""
    shared = [resource for resource in resources if resource.get("resourceType") == "Medication"]
    texts = [_text(resource) for resource in resources if resource.get("resourceType") != "Medication"]
    whole = b"\n".join(texts) if shared else b""
    texts += [_text(it) for it in shared if f"Medication/{it.get('id')}".encode() in whole]
    return [b"%d" % len(texts), *sorted(texts)]


def _text(value: object) -> bytes:
    return orjson.dumps(value, default=_as_json, option=orjson.OPT_SORT_KEYS)


def _as_json(value: object) -> object:
    """Numbers keep their digits, sets get an order."""
    match value:
        case Decimal() if value.is_finite():
            return orjson.Fragment(str(value).encode())
        case frozenset():
            return sorted(value)
        case _:
            raise TypeError
