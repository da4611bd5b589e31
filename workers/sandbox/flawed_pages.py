"""Pages of a search from servers in trouble: cut short, with a warning, or with an unreadable entry."""

from enum import StrEnum

import orjson

from adapter.input.wire_json import Json
from workers.sandbox.faults import FaultEffect, Faults
from workers.sandbox.wire import FhirRequest, dump_json, operation_outcome

_MARK = "what stands here is replaced by what JSON or FHIR does not allow"


class EntryDefect(StrEnum):
    """What real servers store and give back."""

    NAN = "nan"
    KEY = "key"  # one key twice
    NUL = "nul"
    SURROGATE = "surrogate"  # half a character
    DIGITS = "digits"  # seventy of them
    EXPONENT = "exponent"


_WRITTEN = {
    EntryDefect.NAN: b"NaN",
    EntryDefect.KEY: b'1,"flaw":2',
    EntryDefect.NUL: rb'"\u0000"',
    EntryDefect.SURROGATE: rb'"\ud83d"',
    EntryDefect.DIGITS: b"-2." + b"5" * 70,
    EntryDefect.EXPONENT: b"1e99999",
}


def flaw_page(page: bytes, ask: FhirRequest, faults: Faults) -> bytes:
    """The page with whatever the rules in force do to it."""
    if rule := faults.take_rule(FaultEffect.SHORT_ANSWER, ask.method, ask.type):
        page = _shorten_page(page, int(rule.value or 0))
    if rule := faults.take_rule(FaultEffect.WARNING, ask.method, ask.type):
        page = _add_warning(page, str(rule.value or "incomplete"))
    if rule := faults.take_rule(FaultEffect.UNREADABLE_ENTRY, ask.method, ask.type):
        kind, _, place = str(rule.value).partition(" ")
        page = _spoil_entry(page, place, EntryDefect(kind))
    if faults.take_rule(FaultEffect.UNVERSIONED, ask.method, ask.type):
        page = _drop_versions(page)
    return page


def _shorten_page(page: bytes, kept: int) -> bytes:
    bundle = orjson.loads(page)
    entries = bundle.get("entry", [])
    links = [link for link in bundle["link"] if link["relation"] != "next"]
    return dump_json({**bundle, "link": links, "total": max(len(entries), 1), "entry": entries[:kept]})


def _add_warning(page: bytes, code: str) -> bytes:
    bundle = orjson.loads(page)
    told: Json = {
        "resource": operation_outcome(code, "told by a drill", severity="warning"),
        "search": {"mode": "outcome"},
    }
    return dump_json({**bundle, "entry": [*bundle.get("entry", []), told]})


def _drop_versions(page: bytes) -> bytes:
    bundle = orjson.loads(page)
    for entry in bundle.get("entry", []):
        entry["resource"]["meta"].pop("versionId", None)
    return dump_json(bundle)


def _spoil_entry(page: bytes, place: str, defect: EntryDefect) -> bytes:
    bundle = orjson.loads(page)
    for entry in bundle.get("entry", []):
        if f"{entry['resource']['resourceType']}/{entry['resource']['id']}" == place:
            entry["resource"]["flaw"] = _MARK
    return dump_json(bundle).replace(dump_json(_MARK), _WRITTEN[defect])
