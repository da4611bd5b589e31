"""`_include` and wide searches where a server takes them, and what replaces them where it does not.

The reading of a record asks for Medications, the results of reports and the members of panels beside
what names them. A server that refuses that is asked without, and remembered; whatever was named and did
not come, for this reason or any other, is asked for by its id. A server that answers no search without
a code or a category is asked by category; and so is any server for the one patient whose letters and
scans of the last years, with their files inside, weigh more than an answer may. What is told beside the
record is left out where the account may not search for it, and what has no day where the server cannot
be asked for that: doctor says so.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from adapter.errors import AnswerTooLarge, ConfigurationFault, RecordFault
from adapter.fhir.capabilities import ServerRefusals
from adapter.fhir.search import Accept, Params, SearchResult, pairs, without_includes
from adapter.input.wire_json import Json, JsonValue
from mappings.inbound.gaps import SPARED
from mappings.inbound.queries import NARROWER, is_of_missing, is_wide
from workers.review.batches import batches
from workers.review.fhir_server import ReadingServer
from workers.review.references import patients_of, target

Search = tuple[str, Params, Accept | None]

# Statuses by which servers refuse a parameter that they do not know.
REFUSED = frozenset({400, 403, 405, 422, 501})
AT_ONCE = 50  # ids in one search
NAMED_BY: Mapping[str, tuple[str, ...]] = {
    "MedicationRequest": ("medicationReference",),
    "MedicationStatement": ("medicationReference",),
    "MedicationAdministration": ("medicationReference",),
    "MedicationDispense": ("medicationReference",),
    "DiagnosticReport": ("result",),
    "Observation": ("hasMember",),
}
_BROUGHT = frozenset({"Medication", "Observation"})
_NOTHING = SearchResult([], [], [])


def searched(server: ReadingServer, searches: Sequence[Search]) -> list[SearchResult]:
    """One result for each, in order; without what the server refused: `_include`, types, or wide searches."""
    while True:
        refused = server.refused.so_far()
        asked = [
            _without_refused(search, refused) for search in searches if not _is_left_out(search, refused)
        ]
        try:
            found = iter(server.batch_searches(asked))
            return [_NOTHING if _is_left_out(search, refused) else next(found) for search in searches]
        except AnswerTooLarge:
            if len(_wide_of(searches)) != 1:
                raise  # of several patients: their halves may come through
            searches = [_narrowed(search) if is_wide(pairs(search[1])) else search for search in searches]
        except (ConfigurationFault, RecordFault) as fault:  # alone, and as an entry of a batch
            if fault.status not in REFUSED or fault.entry is None or not _learnt(asked, fault.entry, server):
                raise


def _learnt(asked: Sequence[Search], entry: int, server: ReadingServer) -> bool:
    """Whether the refused search can be asked in another way from now on."""
    kind, params, _ = asked[entry]
    if kind in SPARED:
        server.refused.types.add(kind)
    elif is_of_missing(pairs(params)):
        server.refused.missing.add(kind)
    elif is_wide(pairs(params)):
        server.refused.wide.add(kind)
    elif any(_includes(held) for of, held, _ in asked if of == kind):
        server.refused.includes.add(kind)
    else:
        return False
    return True


def not_brought(record: Iterable[Json], wanted: frozenset[str], base: str) -> Iterator[Search]:
    """Searches by id for what these resources name and what is not among them."""
    held = list(record)
    there = {(it["resourceType"], it.get("id")) for it in held}
    missing: defaultdict[str, set[str]] = defaultdict(set)
    for resource in held:
        for link in links(resource):
            location = target(link, base)
            if location and location[0] in _BROUGHT and location not in there:
                missing[location[0]].add(location[1])
    for kind, ids in sorted(missing.items()):
        for some in batches(sorted(ids), AT_ONCE):
            yield kind, [("_id", ",".join(some))], _theirs(frozenset(some), wanted, base)


def _theirs(ids: frozenset[str], wanted: frozenset[str], base: str) -> Accept:
    """What was asked for, and of nobody else: a report may name the result of another patient by mistake."""

    def accept(resource: Json) -> bool:
        whose = patients_of(resource, base)
        nobodys = resource["resourceType"] == "Medication"
        return resource.get("id") in ids and (nobodys or not wanted.isdisjoint(whose))

    return accept


def links(resource: Json) -> Iterator[JsonValue]:
    """The references of a resource that reading follows."""
    for name in NAMED_BY.get(resource["resourceType"], ()):
        held = resource.get(name)
        yield from held if isinstance(held, list) else [held]


def _is_left_out(search: Search, refused: ServerRefusals) -> bool:
    kind, params, _ = search
    return kind in refused.types or (kind in refused.missing and is_of_missing(pairs(params)))


def _without_refused(search: Search, refused: ServerRefusals) -> Search:
    if search[0] in refused.wide and is_wide(pairs(search[1])):
        search = _narrowed(search)
    kind, params, accept = search
    return kind, without_includes(params) if kind in refused.includes else params, accept


def _includes(params: Params) -> bool:
    return any(name == "_include" for name, _ in pairs(params))


def _narrowed(search: Search) -> Search:
    kind, params, accept = search
    return kind, [*pairs(params), NARROWER[kind]], accept


def _wide_of(searches: Sequence[Search]) -> set[str]:
    """Of which patients everything is asked for."""
    asked = [dict(pairs(params))["patient"] for _, params, _ in searches if is_wide(pairs(params))]
    return {patient for some in asked for patient in some.split(",")}
