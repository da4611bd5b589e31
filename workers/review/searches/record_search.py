"""All searches for a batch of patients in one request; and what of each patient's record may not have come.

A search is made for several patients at once, so a gap in its answer may be anybody's. Then, and only
then, it is asked again for each of them: one unreadable entry makes one list of one patient unknown,
and not those of eleven others.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from adapter.clinical.model import Reason
from adapter.errors import RecordFault
from adapter.fhir import Gap
from adapter.fhir.search import SearchResult
from workers.review.batches import batches
from workers.review.fhir_server import ReadingServer
from workers.review.searches.includes import Search, searched

SearchesOf = Callable[[Sequence[str]], Sequence[Search]]

AT_ONCE = 100  # searches in one request, where each patient is asked for alone


@dataclass(frozen=True, slots=True)
class RecordAnswers:
    """What came of the record and of our own resources; why more may exist, by patient and type."""

    record: tuple[SearchResult, ...]
    own: tuple[SearchResult, ...]
    gaps: Mapping[str, Mapping[str, frozenset[Reason]]]


def search_records(
    ids: Sequence[str], size: int, searches_of: SearchesOf, own: Sequence[Search], server: ReadingServer
) -> RecordAnswers:
    """Everything about these patients, `size` of them in one search. Our own resources have to come whole."""
    asked = [
        (tuple(some), index, search)
        for some in batches(ids, size)
        for index, search in enumerate(searches_of(some))
    ]
    results = searched(server, [*(search for *_, search in asked), *own])
    found, mine = results[: len(asked)], tuple(results[len(asked) :])
    _require_whole(mine)
    joint = [
        (some, index) for (some, index, _), it in zip(asked, found, strict=True) if it.gaps and len(some) > 1
    ]
    single = [
        (some[0], search[0], it) for (some, _, search), it in zip(asked, found, strict=True) if len(some) == 1
    ]
    alone = [*single, *_asked_alone(joint, searches_of, server)]
    whole = [it for (some, *_), it in zip(asked, found, strict=True) if len(some) > 1 and not it.gaps]
    return RecordAnswers((*whole, *(it for *_, it in alone)), mine, _gaps(alone))


def _asked_alone(
    joint: Sequence[tuple[Sequence[str], int]], searches_of: SearchesOf, server: ReadingServer
) -> Iterator[tuple[str, str, SearchResult]]:
    again = [(one, searches_of([one])[index]) for some, index in joint for one in some]
    for part in batches(again, AT_ONCE):
        results = searched(server, [search for _, search in part])
        for (one, search), it in zip(part, results, strict=True):
            yield one, search[0], it


def _gaps(alone: Sequence[tuple[str, str, SearchResult]]) -> dict[str, dict[str, frozenset[Reason]]]:
    found: defaultdict[str, dict[str, frozenset[Reason]]] = defaultdict(dict)
    for one, kind, result in alone:
        if result.gaps:
            reasons = frozenset(reason_of(gap) for gap in result.gaps)
            found[one][kind] = found[one].get(kind, frozenset()) | reasons
    return dict(found)


def reason_of(gap: Gap) -> Reason:
    """How the core calls it."""
    match gap:
        case Gap.SHORT | Gap.INCOMPLETE | Gap.LIMITED:
            return Reason.ANSWER_INCOMPLETE
        case Gap.SUPPRESSED:
            return Reason.WITHHELD
        case Gap.UNREADABLE:
            return Reason.UNREADABLE
        case unreachable:
            assert_never(unreachable)


def _require_whole(own: Sequence[SearchResult]) -> None:
    """What we cannot see, we would write a second time.

    A server that withholds on principle says so of every search.
    """
    if any(it.lacks for it in own):
        raise RecordFault("What stands on the server about this patient could not be read whole.")
