"""Resources as somebody hands them over, singly or in Bundles, and what of a search may not have come along.

A page of a search is held against its own words: ``total``, the link to the next page, its warnings,
and entries that cannot be believed. What is missing there leaves that type of resource unknown, as in
an answer that we asked for.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from adapter.clinical.model import Reason
from adapter.errors import RecordFault
from adapter.fhir import Gap
from adapter.fhir.completeness import believable, gaps_told, total_of
from adapter.fhir.outcomes import failures, issues_of
from adapter.fhir.search import identity, link
from adapter.input.wire_json import Json, ReadOnlyJson
from mappings.inbound.gaps import EVERY_TYPE, Gaps
from mappings.inbound.resources.datatypes import obj
from workers.review.references import settled
from workers.review.searches.record_search import reason_of


@dataclass(frozen=True, slots=True)
class Submission:
    """Every resource in order, and by type why more of it may exist than came."""

    resources: tuple[Json, ...]
    gaps: Gaps


def submission_of(given: Iterable[ReadOnlyJson]) -> Submission:
    """Bundles opened. Raises RecordFault for what is no object: a resource lost in silence would be worse."""
    flat = list(_unpacked_resources(given))
    pages = [resource for resource in flat if _is_bundle(resource) and resource.get("type") == "searchset"]
    loose = [resource for resource in flat if not _is_bundle(resource)]
    paged = {id(resource) for page in pages for resource in _resources(page)}
    alone = [resource for resource in loose if id(resource) not in paged]
    told = [
        *_gaps_of_pages(pages),
        *((resource, gap) for resource in alone for gap in _gaps_of(resource)),
        *_gaps_of_failed_entries(flat),
        *_gaps_of_deleted_entries(flat),
    ]
    gaps: dict[str, frozenset[Reason]] = {}
    for about, gap in told:
        for kind in _types(about):
            gaps[kind] = gaps.get(kind, frozenset()) | {reason_of(gap)}
    return Submission(tuple(resource for resource in loose if believable(resource)), gaps)


def _unpacked_resources(given: Iterable[ReadOnlyJson]) -> Iterator[Json]:
    """Bundles, and after each what is in it."""
    for resource in given:
        if not isinstance(resource, Mapping):
            raise RecordFault("A resource of the record is no JSON object.")
        held = settled(dict(resource)) if _is_bundle(resource) else resource
        yield held if isinstance(held, dict) else dict(held)
        if _is_bundle(held):
            yield from _unpacked_resources(
                entry["resource"] for entry in _entries(held) if "resource" in entry
            )


def _entries(bundle: ReadOnlyJson) -> Sequence[ReadOnlyJson]:
    entries = bundle.get("entry") or ()
    if not isinstance(entries, list | tuple):
        raise RecordFault("The entries of a Bundle are no list.")
    if not all(isinstance(entry, Mapping) for entry in entries):
        raise RecordFault("An entry of a Bundle is no JSON object.")
    return entries


def _gaps_of_pages(pages: Sequence[Json]) -> Iterator[tuple[Json, Gap]]:
    """A search is whole if its pages lead to pages that came and together hold what its total says."""
    by_address = {link(page, "self"): page for page in pages}
    followed = {link(page, "next") for page in pages} - {None}
    for first in pages:
        if link(first, "self") not in followed:
            search = list(_page_chain(first, by_address))
            matches = {identity(match) for page in search for match in _matches(page)}
            if link(search[-1], "next") or len(matches) < total_of(first):
                yield first, Gap.SHORT
    yield from ((page, gap) for page in pages for resource in _resources(page) for gap in _gaps_of(resource))


def _gaps_of_failed_entries(flat: Sequence[Json]) -> Iterator[tuple[ReadOnlyJson, Gap]]:
    """Entries of a batch answer that failed and bring no resource: nobody can say what they are about."""
    for entry in _entries_of(flat, "batch-response", "transaction-response"):
        status = obj(entry.get("response")).get("status")
        if not (isinstance(status, str) and status.startswith("2")) and "resource" not in entry:
            yield {}, Gap.INCOMPLETE


def _gaps_of_deleted_entries(flat: Sequence[Json]) -> Iterator[tuple[ReadOnlyJson, Gap]]:
    """The entries of a history that say that a resource is gone: an older version of it may have come too."""
    for entry in _entries_of(flat, "history"):
        request = obj(entry.get("request"))
        deleted = request.get("method") == "DELETE"
        kind = str(request.get("url")).rpartition("/")[0].rpartition("/")[2]
        if deleted and kind in EVERY_TYPE:
            yield {"resourceType": kind}, Gap.INCOMPLETE


def _entries_of(flat: Sequence[Json], *types: str) -> Iterator[ReadOnlyJson]:
    return (
        entry
        for resource in flat
        if _is_bundle(resource) and resource.get("type") in types
        for entry in _entries(resource)
    )


def _page_chain(first: Json, by_address: Mapping[str | None, Json]) -> Iterator[Json]:
    """The page and those after it that came; a ring ends where it closes."""
    page, seen = first, set[str | None]()
    while True:
        yield page
        after = link(page, "next")
        if after is None or after in seen or after not in by_address:
            return
        seen.add(after)
        page = by_address[after]


def _resources(page: ReadOnlyJson) -> Iterator[object]:
    """What stands in each entry; an entry may hold none."""
    return (entry.get("resource") for entry in _entries(page))


def _matches(page: ReadOnlyJson) -> Iterator[Json]:
    for entry in _entries(page):
        found, search = entry.get("resource"), entry.get("search")
        mode = search.get("mode") if isinstance(search, Mapping) else None
        if mode in (None, "match") and believable(found):
            yield found


def _gaps_of(resource: object) -> frozenset[Gap]:
    """An unbelievable answer is a gap; a server may also admit one beside its results, or a failure."""
    if not believable(resource):
        return frozenset({Gap.UNREADABLE})
    issues = issues_of(resource)
    return gaps_told(issues) | (frozenset({Gap.INCOMPLETE}) if failures(issues) else frozenset())


def _types(about: ReadOnlyJson) -> frozenset[str]:
    """The type that a page was asked for, by its address or by what it holds; else it may be any."""
    if not _is_bundle(about):
        kind = about.get("resourceType")
        return frozenset({kind}) if isinstance(kind, str) and kind in EVERY_TYPE else EVERY_TYPE
    asked = urlsplit(link(about, "self") or "").path.rstrip("/").rpartition("/")[2]
    held = {str(match.get("resourceType")) for match in _matches(about)} - {"OperationOutcome"}
    return frozenset({asked} if asked in EVERY_TYPE else held) or EVERY_TYPE


def _is_bundle(resource: ReadOnlyJson) -> bool:
    return resource.get("resourceType") == "Bundle"
