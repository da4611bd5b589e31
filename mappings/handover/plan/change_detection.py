"""Which change it is: what the current plan says, what would be said now, and whose record it still is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import zip_longest
from types import MappingProxyType
from typing import Final

from adapter.clinical.decision import Category, Decision
from adapter.clinical.model import BoneRecord, Reason, Standing, TScore
from adapter.input.wire_json import Json
from mappings.handover.plan.correction import TABLE, Change, PlanChange
from mappings.handover.plan.plan_history import PlanHistory, told
from mappings.handover.plan.plan_summary import SINGLE, PlanSummary, summary, summary_of
from mappings.handover.release.choice import narrowed
from mappings.handover.release.release_codes import code_in
from mappings.handover.release.signature import release_of
from mappings.inbound import PatientContext
from mappings.inbound.gaps import NO_GAPS, Gaps
from mappings.outbound.ids import location_of
from mappings.outbound.resources.communications import identity

ScoresAt = Sequence[tuple[str, TScore]]  # each with the location of its source

CLASSED = frozenset(category for category in Category if category.by_t_score)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One patient as read and decided at this moment."""

    patient: PatientContext
    record: BoneRecord = field(repr=False)
    decision: Decision = field(repr=False)
    resources: tuple[Json, ...] = field(repr=False)  # all that the server returned
    recipients: tuple[Json, ...] = field(repr=False)
    gaps: Gaps = field(default_factory=lambda: NO_GAPS)  # by type, why more may be on the server


def detect_change(history: PlanHistory, now: Snapshot) -> PlanChange:
    """The change that counts, and what the table says about it."""
    plan = history.plan
    of_the_record = next((it for it, holds in ABOUT_THE_RECORD.items() if holds(now.patient)), None)
    change = of_the_record or (_of_the_plan(history, plan, now) if plan else Change.NOTHING)
    return PlanChange(change, TABLE[history.stage, change])


def _of_the_plan(history: PlanHistory, plan: Json, now: Snapshot) -> Change:
    """Of a plan whose summary somebody took away nothing can be told."""
    before, release = summary_of(plan), release_of(plan)
    if before is None:
        return Change.NOTHING
    after = summary(narrowed(now.decision, release.choice) if release else now.decision, now.record)
    seen = Comparison(history, now, before, after)
    return next((it for it, holds in QUESTIONS.items() if holds(seen)), Change.NOTHING)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Then and now."""

    history: PlanHistory
    now: Snapshot
    before: PlanSummary
    after: PlanSummary


def _basis_gone(seen: Comparison) -> bool:
    classed = seen.before.single.get("category") in CLASSED
    return (
        classed
        and not seen.now.decision.classification.category.by_t_score
        and any(_lost(seen.before, seen.now))
    )


def _lost(before: PlanSummary, now: Snapshot) -> Iterator[Change]:
    """Scores of the plan that are withdrawn, unusable by now, or gone.

    One that an incomplete answer lacks may be on the server still: nothing is known of it.
    """
    valid = {
        location_of(score.evidence)
        for score in now.record.t_scores
        if score.standing is not Standing.WITHDRAWN
    }
    refused = {location_of(refusal.evidence): refusal.reason for refusal in now.record.rejected}
    returned = {f"{resource.get('resourceType')}/{resource.get('id')}" for resource in now.resources}
    for location in dict.fromkeys(at for at, _ in before.scores):
        if location not in returned:
            if location.partition("/")[0] not in now.gaps:
                yield Change.DELETED
        elif location not in valid and refused.get(location) in (
            None,
            Reason.WITHDRAWN,
            Reason.STATUS_UNUSABLE,
        ):
            yield Change.WITHDRAWN
        elif location not in valid:
            yield Change.AMENDED


def _amended(seen: Comparison) -> bool:
    after = {(location_of(it.evidence), _reported(it)) for it in seen.now.record.t_scores}
    still = {location for location, _ in after}
    differs = (at in still and (at, _reported(it)) not in after for at, it in seen.before.scores)
    return any(differs) or Change.AMENDED in _lost(seen.before, seen.now)


def _reported(score: TScore) -> tuple[object, ...]:
    return score.site, score.side, score.value, score.on


def _newest(said: PlanSummary) -> date:
    return max((score.on for _, score in said.scores), default=date.min)


def _new_fracture(seen: Comparison) -> bool:
    """Broken on or after the day of the release, and not known to the plan."""
    release = release_of(seen.history.plan or {})
    new = set(seen.after.fractures.values()) - set(seen.before.fractures.values())
    return release is not None and any((on := fact.partition("|")[2]) and on >= release.day for fact in new)


def _worse(before: PlanSummary, after: PlanSummary) -> bool:
    """Whether a guard took an option, an active drug became a concern, or the diagnosis is blocked."""
    blocked = after.single["diagnosis"] == "blocked" != before.single.get("diagnosis")
    lost_option = set(before.several["option"]) - set(after.several["option"])
    guarded = set(after.several["excluded"]) - set(before.several["excluded"])
    warned = set(after.several["warning"]) - set(before.several["warning"])
    return blocked or bool(lost_option and guarded) or bool(warned)


def _readdressed(history: PlanHistory, recipients: tuple[Json, ...]) -> bool:
    """Whether a GP got no letter of the current plan; a GP who left without a successor does not count."""
    letters = (history.server.existing[at] for at in history.letters(history.current))
    known = {
        identity(recipient)
        for letter in letters
        if letter.get("status") in ("preparation", "not-done")
        or (told(letter) and code_in(letter.get("category")) != "gp_retraction_letter")
        for recipient in letter.get("recipient") or ()
    }
    return bool(known) and any(identity(recipient) not in known for recipient in recipients)


def differences(before: PlanSummary, after: PlanSummary) -> Iterator[tuple[str, str, str]]:
    """(kind, before, after) in values that the letter can word; an empty side means added or withdrawn."""
    yield from _scores(before.scores, after.scores)
    for kind in SINGLE:
        was, now = before.single.get(kind, ""), after.single.get(kind, "")
        if was != now:
            yield kind, was, now
    was_broken, now_broken = set(before.fractures.values()), set(after.fractures.values())
    yield from (("fracture", it, "") for it in sorted(was_broken - now_broken))
    yield from (("fracture", "", it) for it in sorted(now_broken - was_broken))
    for kind, named in (("option", "option"), ("warning", "flag"), ("activity", "activity")):
        was_said, now_said = set(before.several[kind]), set(after.several[kind])
        yield from ((named, it, "") for it in sorted(was_said - now_said))
        yield from ((named, "", it) for it in sorted(now_said - was_said))


def _scores(before: ScoresAt, after: ScoresAt) -> Iterator[tuple[str, str, str]]:
    for location in dict.fromkeys(at for at, _ in (*before, *after)):
        was, now = ([score for at, score in scores if at == location] for scores in (before, after))
        for gone, come in _became(was, now):
            yield "t_score", _score_key(gone), _score_key(come)


def _became(was: list[TScore], now: list[TScore]) -> Iterator[tuple[TScore | None, TScore | None]]:
    """What the scores of one source became: those of the same site first, then whatever is left of both."""
    gone, come = (
        [it for it in some if _reported(it) not in {*map(_reported, others)}]
        for some, others in ((was, now), (now, was))
    )
    kept = {*map(_place, gone)} & {*map(_place, come)}
    for some in (gone, come):
        some.sort(key=lambda it: (_place(it) not in kept, _place(it), it.value))
    yield from zip_longest(gone, come)


def _place(score: TScore) -> tuple[str, str]:
    return score.site, score.side or ""


def _score_key(score: TScore | None) -> str:
    return f"{score.site}|{score.side or ''}|{score.value}|{score.on.isoformat()}" if score else ""


# In the order in which they count: first whether it is anybody's record still, then what the plan says.
ABOUT_THE_RECORD: Final[Mapping[Change, Callable[[PatientContext], bool]]] = MappingProxyType(
    {
        Change.MERGED: lambda patient: patient.replaced_by is not None,
        Change.DECEASED: lambda patient: patient.deceased,
        Change.RECORD_CLOSED: lambda patient: not patient.active or patient.test,
    }
)
QUESTIONS: Final[Mapping[Change, Callable[[Comparison], bool]]] = MappingProxyType(
    {
        Change.BASIS_GONE: _basis_gone,
        Change.WITHDRAWN: lambda seen: Change.WITHDRAWN in _lost(seen.before, seen.now),
        Change.DELETED: lambda seen: Change.DELETED in _lost(seen.before, seen.now),
        Change.AMENDED: _amended,
        Change.NEWER_STUDY: lambda seen: _newest(seen.after) > _newest(seen.before),
        Change.NEW_FRACTURE: _new_fracture,
        Change.NEW_CONTRAINDICATION: lambda seen: _worse(seen.before, seen.after),
        Change.GP_CHANGED: lambda seen: _readdressed(seen.history, seen.now.recipients),
        Change.PATHWAY_CHANGED: lambda seen: (
            seen.before.single.get("pathway") != seen.after.single.get("pathway")
        ),
        Change.NEW_INFORMATION: lambda seen: any(differences(seen.before, seen.after)),
    }
)
