"""A shadow run: the same people decided under two pathways, and what would differ for whom, by which rule.

Nothing is written anywhere. People are named by the id of their record only.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from adapter.clinical import BoneRecord, Decision, Pathway, decide
from adapter.clinical.decision import FollowUp, Goal, Option, Why


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to decide about, on the day that counts for them."""

    id: str
    on: date
    record: BoneRecord = field(repr=False)


@dataclass(frozen=True, slots=True)
class DecisionChange:
    """One output that would differ; None is *not there*. ``rules`` are those that make the difference."""

    kind: str
    code: str
    before: str | None
    after: str | None
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangedPerson:
    """A person for whom something would change."""

    person: str
    changes: tuple[DecisionChange, ...]


@dataclass(frozen=True, slots=True)
class ShadowRun:
    """What a new edition would do: people decided, who would notice, which records are unreadable and why."""

    people: int
    changed: tuple[ChangedPerson, ...]
    unread: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def counts(self) -> Mapping[str, int]:
        """People by kind of change."""
        counter = Counter(
            kind for person in self.changed for kind in {change.kind for change in person.changes}
        )
        return dict(sorted(counter.items()))

    @property
    def rules(self) -> Mapping[str, int]:
        """People by rule that makes a difference for them: the most first, of as many in the order of ids."""
        counter = Counter(
            rule for person in self.changed for rule in {r for change in person.changes for r in change.rules}
        )
        return dict(sorted(counter.items(), key=lambda it: (-it[1], it[0])))


def run_shadow(people: Iterable[Person], old: Pathway, new: Pathway) -> ShadowRun:
    """Decide everybody twice. People come one by one, so that a population need not fit into memory."""
    count, changed = 0, []
    for person in people:
        count += 1
        before, after = (decide(person.record, pathway, person.on) for pathway in (old, new))
        if found := decision_changes(before, after):
            changed.append(ChangedPerson(person.id, found))
    return ShadowRun(count, tuple(changed))


def decision_changes(before: Decision, after: Decision) -> tuple[DecisionChange, ...]:
    """What differs in what people would see: a rule that only changed its words changes nothing here."""
    old, new = dict(_outputs(before)), dict(_outputs(after))
    return tuple(
        _change(key, old.get(key), new.get(key))
        for key in dict.fromkeys((*old, *new))
        if _output_text(old.get(key)) != _output_text(new.get(key))
    )


Key = tuple[str, str]  # kind of output, its code
Output = tuple[str, Why]


def _outputs(decision: Decision) -> Iterator[tuple[Key, Output]]:
    judged, treatment = decision.diagnosis, decision.treatment
    yield ("class", "bmd_class"), (decision.classification.category, decision.classification.why)
    yield ("diagnosis", "diagnosis"), (" by ".join((judged.status, *judged.routes)), judged.why)
    yield ("decision", "treatment"), (treatment.decision, treatment.why)
    yield from ((("option", option.code), (_option(option), option.why)) for option in treatment.options)
    yield from (
        (("not offered", option.code), (option.reason, option.why)) for option in decision.not_proposed
    )
    yield from ((("goal", goal.code), (_goal(goal), goal.why)) for goal in decision.goals)
    yield from (
        (("activity", activity.code), (_details(activity.details) or "yes", activity.why))
        for activity in decision.activities
    )
    yield from _follow_ups(decision.follow_ups)
    yield from ((("flag", flag.name), ("yes", flag.why)) for flag in decision.flags)
    handover = decision.handover
    interim = ", interim letter" if handover.interim_release_offered else ""
    yield ("handover", handover.recipient), (f"after {handover.send_trigger}{interim}", handover.why)


def _change(key: Key, old: Output | None, new: Output | None) -> DecisionChange:
    """By the rules that only one side has; where both have the same rules, their parameters changed."""
    before, after = (output[1].rules if output else () for output in (old, new))
    differing = (*(r for r in after if r not in before), *(r for r in before if r not in after))
    return DecisionChange(*key, _output_text(old), _output_text(new), differing or after or before)


def _output_text(output: Output | None) -> str | None:
    return str(output[0]) if output else None


def _option(option: Option) -> str:
    drugs = f" ({', '.join(option.drugs)})" if option.drugs else ""
    return (f"after {', '.join(option.waits_for)}" if option.waits_for else "firm") + drugs


def _goal(goal: Goal) -> str:
    limits = ((">=", goal.low), ("<=", goal.high))
    return " ".join((*(f"{sign} {value}" for sign, value in limits if value is not None), goal.unit))


def _follow_ups(follow_ups: Iterable[FollowUp]) -> Iterator[tuple[Key, Output]]:
    """Reviews for two drugs are two follow-ups; several moments for one drug are one with several."""
    groups: dict[str, list[FollowUp]] = {}
    for follow_up in follow_ups:
        groups.setdefault(":".join((follow_up.code, *(value for _, value in follow_up.details))), []).append(
            follow_up
        )
    for name, group in groups.items():
        rules = tuple(dict.fromkeys(rule for follow_up in group for rule in follow_up.why.rules))
        yield ("follow-up", name), ("; ".join(map(_time, group)), Why(rules))


def _time(follow_up: FollowUp) -> str:
    given = (follow_up.due and follow_up.due.isoformat(), follow_up.trigger, follow_up.interval)
    return ", ".join(text for text in given if text) or "to be set"


def _details(details: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"{name} {value}" for name, value in details)
