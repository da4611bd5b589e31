"""What a review of one patient rests on, as one digest: equal means that deciding again would come to the same. Pure.

Everything goes in whole, as it was read: versions say what changed only on servers that keep them. What is left out is
what reading leaves out too, the Medications that came along for other patients of the same searches.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from hashlib import sha256

import orjson

from adapter.wire_json import Json
from mappings.lifecycle.patient_record import PatientRecord

UNTOLD = ""  # no digest: nothing counts as decided before


def basis_of(patient: PatientRecord, written: Mapping[str, str], rules: str, day: date) -> str:
    """The digest of what was read about a patient, what we wrote last, what decides and words, and the day.

    The day stands for everything that time alone changes: an age, a window of a rule, a step that is due. ``UNTOLD``
    without rules, and for numbers that no digest can be made of.
    """
    if not rules:
        return UNTOLD
    digest = sha256(f"{rules}|{day.isoformat()}".encode())
    try:
        for part in _parts(patient, written):
            digest.update(b"%d|" % len(part))
            digest.update(part)
    except orjson.JSONEncodeError:
        return UNTOLD
    return digest.hexdigest()


def _parts(patient: PatientRecord, written: Mapping[str, str]) -> Iterator[bytes]:
    """In an order that does not depend on that of the answers; each part stands for itself."""
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
    yield _text(dict(written))


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
