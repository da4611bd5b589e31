"""The recipient of the letter: the GP whom the patient's record names, if the server knows that GP.

A server may refuse a whole transaction for one reference to a resource that it does not have, and a
letter to nobody is worse than a question to a human: a GP who cannot be found is left out, and the
missing recipient becomes a Task.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial

from adapter.fhir.search import Accept, Params
from adapter.input.wire_json import Json, JsonValue
from mappings.inbound.resources.dates import first_day, last_day
from workers.review.references import target

FoundPeople = Mapping[tuple[str, str], Json]  # (type, id) -> the resource

RECIPIENTS = ("Practitioner", "PractitionerRole", "Organization")


def searches(patients: Iterable[Json], base_url: str) -> list[tuple[str, Params, Accept]]:
    """One search per type for everybody whom these patients name."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for patient in patients:
        for kind, key in filter(None, (target(it, base_url) for it in named_by(patient))):
            if kind in RECIPIENTS:
                wanted[kind].add(key)
    return [
        (kind, [("_id", ",".join(sorted(keys)))], partial(_among, frozenset(keys)))
        for kind, keys in sorted(wanted.items())
    ]


def _among(keys: frozenset[str], resource: Json) -> bool:
    return resource.get("id") in keys


def recipients(patient: Json, people: FoundPeople, base_url: str, on: date) -> tuple[Json, ...]:
    """References for `Communication.recipient` as of a day, with the name to write on the letter."""
    return tuple(filter(None, (_recipient(it, people, base_url, on) for it in named_by(patient))))


def named_by(patient: Json) -> Sequence[JsonValue]:
    """The GPs whom a record names, as it names them."""
    named = patient.get("generalPractitioner")
    return named if isinstance(named, list) else ()


def _recipient(reference: object, people: FoundPeople, base_url: str, on: date) -> Json | None:
    if not isinstance(reference, dict):
        return None
    said = {"display": shown} if (shown := _printable(reference.get("display"))) else {}
    if (location := target(reference, base_url)) and (found := people.get(location)):
        if found.get("active") is False or not _lasts(found.get("period"), on):
            return None
        name = name_of(found)
        return {"reference": "/".join(location), **({"display": name} if name else said)}
    identifier = reference.get("identifier")
    if isinstance(identifier, dict) and isinstance(identifier.get("value"), str):
        kind = reference.get("type")
        if kind not in (None, *RECIPIENTS) or not _lasts(identifier.get("period"), on):
            return None
        return {**({"type": kind} if kind else {}), "identifier": identifier, **said}
    return None


def _lasts(period: object, on: date) -> bool:
    """Whether a role or an identifier is in force: one that ended is nobody's address."""
    start, end = (period.get(name) for name in ("start", "end")) if isinstance(period, dict) else (None, None)
    begun, ended = first_day(start), last_day(end)
    return (begun is None or begun <= on) and (ended is None or ended >= on)


def name_of(resource: Json) -> str:
    """The name of a practitioner, a role or an organization; empty when it has none."""
    match resource.get("resourceType"), resource.get("name"):
        case "Organization", str(name):
            return _printable(name)
        case "Practitioner", [dict(name), *_]:
            return _human(name)
        case _:
            shown = [resource.get(part) for part in ("practitioner", "organization")]
            texts = [_printable(it.get("display")) for it in shown if isinstance(it, dict)]
            return ", ".join(filter(None, texts))


def _human(name: Json) -> str:
    if text := _printable(name.get("text")):
        return text
    given = name.get("given")
    parts = [*(given if isinstance(given, list) else ()), name.get("family")]
    return " ".join(filter(None, map(_printable, parts)))


def _printable(written: object) -> str:
    """Drops what no server stores and no printer prints: a control character must not lose the letter."""
    if not isinstance(written, str):
        return ""
    return "".join(letter for letter in written if letter.isprintable()).strip()
