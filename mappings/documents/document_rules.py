"""What must hold for every document of ours, checked before it leaves: the rules of R4, and ours."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from adapter.input.wire_json import Json
from mappings.outbound.ids import references

STANDINGS = frozenset({"preliminary", "final", "amended"})


def broken(bundle: Json) -> tuple[str, ...]:
    """The names of the rules that a document breaks, none if it may leave; names only, no values."""
    return tuple(name for name, holds in RULES.items() if not holds(bundle))


def _has_identifier(bundle: Json) -> bool:
    identifier = bundle.get("identifier") or {}
    return bool(identifier.get("system") and identifier.get("value"))


def _composition_first(bundle: Json) -> bool:
    kinds = [entry["resource"]["resourceType"] for entry in bundle.get("entry", ())]
    return kinds[:1] == ["Composition"] and kinds.count("Composition") == 1


def _urls_are_unique(bundle: Json) -> bool:
    urls = _urls(bundle)
    return all(urls) and len(urls) == len(set(urls))


def _without_versions(bundle: Json) -> bool:
    return not any("/_history/" in url for url in _urls(bundle))


def _leads_nowhere_else(bundle: Json) -> bool:
    """No reference leads out of the document, to a server that its reader may not ask."""
    inside = set(_urls(bundle))
    return all(reference.startswith("#") or reference in inside for reference in references(bundle))


def _all_reached(bundle: Json) -> bool:
    """Nothing is enclosed that the letter does not lead to."""
    resources = {entry["fullUrl"]: entry["resource"] for entry in bundle.get("entry", ())}
    waiting, seen = _urls(bundle)[:1], set[str]()
    while waiting:
        url = waiting.pop()
        if url in resources and url not in seen:
            seen.add(url)
            waiting += references(resources[url])
    return seen == set(resources)


def _one_patient(bundle: Json) -> bool:
    kinds = [entry["resource"]["resourceType"] for entry in bundle.get("entry", ())]
    return kinds.count("Patient") == 1


def _sections_say_something(bundle: Json) -> bool:
    """cmp-1: a section has a text, an entry or a section."""
    return all(
        section.get("text") or section.get("entry") or section.get("section")
        for section in _sections(_composition_of(bundle))
    )


def _is_attested(bundle: Json) -> bool:
    """Only a document that is more than preliminary has an attester; an amendment names its original."""
    first = _composition_of(bundle)
    final = first.get("status") in ("final", "amended")
    replaces = bool(first.get("relatesTo"))
    return (
        first.get("status") in STANDINGS
        and final == bool(first.get("attester"))
        and (first.get("status") != "amended" or replaces)
    )


def _composition_of(bundle: Json) -> Json:
    entries = bundle.get("entry") or [{}]
    first: Json = entries[0].get("resource", {})
    return first


def _sections(value: Json) -> Iterator[Json]:
    for section in value.get("section", ()):
        yield section
        yield from _sections(section)


def _urls(bundle: Json) -> list[str]:
    return [str(entry.get("fullUrl", "")) for entry in bundle.get("entry", ())]


RULES: Mapping[str, Callable[[Json], bool]] = MappingProxyType(
    {
        "document-type": lambda bundle: bundle.get("type") == "document",
        "bdl-7": _urls_are_unique,
        "bdl-8": _without_versions,
        "bdl-9": _has_identifier,
        "bdl-10": lambda bundle: bool(bundle.get("timestamp")),
        "bdl-11": _composition_first,
        "cmp-1": _sections_say_something,
        "dangling": _leads_nowhere_else,
        "unreached": _all_reached,
        "one-patient": _one_patient,
        "attested": _is_attested,
    }
)
