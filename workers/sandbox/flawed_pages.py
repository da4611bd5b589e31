"""Pages of a search from servers in trouble: cut short, with a warning, or with an unreadable entry."""

from enum import StrEnum

import orjson

from adapter.input.wire_json import Json
from workers.sandbox.faults import FaultEffect, Faults
from workers.sandbox.wire import FhirRequest, dump, outcome

_MARK = "what stands here is replaced by what JSON or FHIR does not allow"


class Defect(StrEnum):
    """What real servers store and give back."""

    NAN = "nan"
    KEY = "key"  # one key twice
    NUL = "nul"
    SURROGATE = "surrogate"  # half a character
    DIGITS = "digits"  # seventy of them
    EXPONENT = "exponent"


_WRITTEN = {
    Defect.NAN: b"NaN",
    Defect.KEY: b'1,"flaw":2',
    Defect.NUL: rb'"\u0000"',
    Defect.SURROGATE: rb'"\ud83d"',
    Defect.DIGITS: b"-2." + b"5" * 70,
    Defect.EXPONENT: b"1e99999",
}


def flawed(page: bytes, ask: FhirRequest, faults: Faults) -> bytes:
    """The page with whatever the rules in force do to it."""
    if rule := faults.take(FaultEffect.SHORT_ANSWER, ask.method, ask.type):
        page = _short(page, int(rule.value or 0))
    if rule := faults.take(FaultEffect.WARNING, ask.method, ask.type):
        page = _warned(page, str(rule.value or "incomplete"))
    if rule := faults.take(FaultEffect.UNREADABLE_ENTRY, ask.method, ask.type):
        kind, _, place = str(rule.value).partition(" ")
        page = _spoiled(page, place, Defect(kind))
    if faults.take(FaultEffect.UNVERSIONED, ask.method, ask.type):
        page = _unversioned(page)
    return page


def _short(page: bytes, kept: int) -> bytes:
    bundle = orjson.loads(page)
    entries = bundle.get("entry", [])
    links = [link for link in bundle["link"] if link["relation"] != "next"]
    return dump({**bundle, "link": links, "total": max(len(entries), 1), "entry": entries[:kept]})


def _warned(page: bytes, code: str) -> bytes:
    bundle = orjson.loads(page)
    told: Json = {
        "resource": outcome(code, "told by a drill", severity="warning"),
        "search": {"mode": "outcome"},
    }
    return dump({**bundle, "entry": [*bundle.get("entry", []), told]})


def _unversioned(page: bytes) -> bytes:
    bundle = orjson.loads(page)
    for entry in bundle.get("entry", []):
        entry["resource"]["meta"].pop("versionId", None)
    return dump(bundle)


def _spoiled(page: bytes, place: str, defect: Defect) -> bytes:
    bundle = orjson.loads(page)
    for entry in bundle.get("entry", []):
        if f"{entry['resource']['resourceType']}/{entry['resource']['id']}" == place:
            entry["resource"]["flaw"] = _MARK
    return dump(bundle).replace(dump(_MARK), _WRITTEN[defect])
