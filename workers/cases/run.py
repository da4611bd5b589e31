"""Run a case the whole way: facts -> record -> read -> decide -> letter -> drafts, by the code that serves patients."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

from adapter.clinical import Pathway
from adapter.errors import OsteoHandoverError
from mappings.inbound import ReadingConfig
from mappings.outbound import Action
from mappings.pathways import PROFILES, PathwayFileFault, load
from mappings.texts import load as load_texts
from workers.cases.compare import differences
from workers.cases.facts import Record, record_of
from workers.cases.invariants import broken, unstable
from workers.cases.resources import GENERAL_PRACTITIONER, general_practitioner
from workers.cases.seen import Seen
from workers.cases.table import Case, NotCovered
from workers.outcomes import BUGS
from workers.practice import Practice
from workers.proposing import Proposal, propose
from workers.reading import Folder
from workers.recipients import recipients

SITE = "cases"
EVERYTHING: frozenset[str] = frozenset()


class Status(StrEnum):
    """How a case ended; what is not covered never counts as passed."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_COVERED = "not_covered"


@dataclass(frozen=True, slots=True)
class Result:
    """One case with every difference, in the order of its expectations."""

    id: str
    profile: str
    status: Status
    differences: tuple[str, ...] = ()


def run(case: Case, only: frozenset[str] = EVERYTHING) -> Result:
    """The result of one case, compared in the keys of ``only`` or in all. A crash is a failed case, never an end."""
    try:
        found, gaps = _compared(case, only)
    except NotCovered as gap:
        return Result(case.id, case.profile, Status.NOT_COVERED, _gaps(gap))
    except (OsteoHandoverError, *BUGS) as fault:  # one case that cannot be run must not hide the others
        return Result(case.id, case.profile, Status.FAILED, (f"{type(fault).__name__}: {fault}",))
    status = Status.FAILED if found else Status.NOT_COVERED if gaps else Status.PASSED
    return Result(case.id, case.profile, status, (*found, *gaps))


def _compared(case: Case, only: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What differs, and what could not be compared. Raises ``NotCovered`` when the case cannot even be run."""
    practice = _practice(case)
    record = record_of(case)
    first = propose(_folder(record), practice, _noon(case), {})
    seen = Seen.of(first)
    found = [
        *broken(seen),
        *unstable(seen, _again(record, practice, case)),
        *_rewritten(first, record, practice, case),
    ]
    try:
        for difference in differences(case.expect, seen, only):
            found.append(difference)  # noqa: PERF402 - what was found before a gap is kept
    except NotCovered as gap:
        return tuple(found), _gaps(gap)
    return tuple(found), ()


def _gaps(gap: NotCovered) -> tuple[str, ...]:
    return tuple(f"{name}: not known to this product" for name in gap.names)


def _practice(case: Case) -> Practice:
    if case.profile not in PROFILES:
        raise NotCovered(f"profile {case.profile or 'missing'}")
    parameters = case.facts.get("profile_params") or {}
    try:
        pathway = _pathway(case.profile, json.dumps(parameters, default=float, sort_keys=True))
    except PathwayFileFault as fault:
        raise NotCovered(*(f"facts.profile_params ({line})" for line in fault.lines)) from None
    return Practice(SITE, "cases", pathway, ReadingConfig(), load_texts("en"))


@cache
def _pathway(name: str, parameters: str) -> Pathway:
    """Loaded once per setting; the digits of a threshold are kept."""
    return load(name, json.loads(parameters, parse_float=Decimal) or None)


def _folder(record: Record, existing: dict[str, Any] | None = None) -> Folder:
    directory = {("Practitioner", GENERAL_PRACTITIONER.partition("/")[2]): general_practitioner()}
    named = recipients(record.patient, directory, "")
    return Folder(record.patient["id"], record.patient, record.resources, existing or {}, named)


def _noon(case: Case) -> datetime:
    return datetime.combine(case.as_of, time(12), UTC)


def _again(record: Record, practice: Practice, case: Case) -> Seen:
    """The same record, in another order."""
    turned = Record(record.patient, record.resources[::-1])
    return Seen.of(propose(_folder(turned), practice, _noon(case), {}))


def _rewritten(first: Proposal, record: Record, practice: Practice, case: Case) -> list[str]:
    """What a second run would write although all of it already stands on the server."""
    existing = {it.location: it.draft.resource for it in first.writes if it.action is Action.CREATE}
    second = propose(_folder(record, existing), practice, _noon(case), {})
    return [f"invariant: a second run would write the {it.draft.type} again" for it in second.changes]
