"""What a review of one patient rests on, as digests: equal means that deciding again would come to the same. Pure.

Everything goes in whole, as it was read: versions say what changed only on servers that keep them. What is left out is
what reading leaves out too, the Medications that came along for other patients of the same searches. Beside that stands
a digest of the versions alone, by which nothing that changed can be told without reading any of it whole.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import blake2b

import orjson

from adapter.wire_json import Json
from mappings.lifecycle.patient_record import PatientRecord
from mappings.valuesets import coding

UNTOLD = ""  # no digest: nothing counts as decided before
_SUBSETTED = coding("tag-subsetted")["code"]
_BYTES = 16


@dataclass(frozen=True, slots=True)
class ReviewBasis:
    """What a review rested on: what was known before reading, what was read, and the versions of that; untold where empty."""

    known: str = UNTOLD
    content: str = UNTOLD
    versions: str = UNTOLD

    @classmethod
    def of_text(cls, text: str | None) -> "ReviewBasis":
        """As it was written down; nothing told for what an earlier release wrote."""
        parts = (text or "").split(":")
        return cls(*parts) if len(parts) == 3 else cls()

    @property
    def text(self) -> str | None:
        """To be written down; None where nothing counts as decided before."""
        return f"{self.known}:{self.content}:{self.versions}" if self.content else None

    def same(self, earlier: "ReviewBasis") -> bool:
        """Whether deciding again would come to the same."""
        return self.content != UNTOLD and (self.known, self.content) == (earlier.known, earlier.content)


def known_of(written: Mapping[str, str], rules: str, day: date) -> str:
    """The digest of what we wrote last, what decides and words, and the day; ``UNTOLD`` without rules.

    The day stands for everything that time alone changes: an age, a window of a rule, a step that is due.
    """
    return _digest([_text([rules, day.isoformat(), dict(written)])]) if rules else UNTOLD


def basis_of(patient: PatientRecord, written: Mapping[str, str], rules: str, day: date) -> ReviewBasis:
    """Nothing told without rules, and for numbers that no digest can be made of."""
    known = known_of(written, rules, day)
    if known == UNTOLD:
        return ReviewBasis()
    try:
        return ReviewBasis(known, _digest(_parts(patient)), patient.versions)
    except orjson.JSONEncodeError:
        return ReviewBasis()


def versions_of(resources: Iterable[Json]) -> str:
    """The digest of who they are and what is noted about each of them, its version above all; untold where one has none.

    Labels are in it, since servers change those without making another version.
    """
    told: set[bytes] = set()
    for it in resources:
        about = it.get("meta") or {}
        if not isinstance(about.get("versionId"), str):
            return UNTOLD
        try:
            told.add(_text([it["resourceType"], it.get("id"), _unmarked(about)]))
        except orjson.JSONEncodeError:
            return UNTOLD
    return _digest(sorted(told))


def _unmarked(about: Json) -> Json:
    """Without the label by which a server says that it sent a part of the resource."""
    if not isinstance(about.get("tag"), list):
        return about
    labels = [it for it in about["tag"] if not isinstance(it, dict) or it.get("code") != _SUBSETTED]
    rest = {name: value for name, value in about.items() if name != "tag"}
    return rest | {"tag": labels} if labels else rest


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
    shared = [it for it in resources if it.get("resourceType") == "Medication"]
    texts = [_text(it) for it in resources if it.get("resourceType") != "Medication"]
    whole = b"\n".join(texts) if shared else b""
    texts += [_text(it) for it in shared if f"Medication/{it.get('id')}".encode() in whole]
    return [b"%d" % len(texts), *sorted(texts)]


def _text(value: object) -> bytes:
    return orjson.dumps(value, default=_plain, option=orjson.OPT_SORT_KEYS)


def _plain(value: object) -> object:
    """Numbers keep their digits, sets get an order."""
    match value:
        case Decimal() if value.is_finite():
            return orjson.Fragment(str(value).encode())
        case frozenset():
            return sorted(value)
        case _:
            raise TypeError
