"""When a list is complete: only then may its silence mean none (C-59).

Somebody must have said so, on a day: a current List with entries, a List that is empty because none are
known, an answer of the intake, or the institution's setting. Single resources verify nothing, new or old. An
entry of the list that is not on the server, or one that nobody can read, means that there is more than was
read, whatever was said before. An answer "none" beside an entry that is not younger than it is a
contradiction: the entry counts, the list is unknown, and a human is asked.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TypeVar

from adapter.clinical.kinds import InputKind
from adapter.clinical.model import (
    Certainty,
    Condition,
    Fracture,
    Listing,
    Medicine,
    Reason,
    Rejected,
)
from adapter.read_only import read_only
from mappings.inbound.questionnaire.patient_questions import NONE_KNOWN
from mappings.inbound.resources.codings import concept_of, within
from mappings.inbound.resources.compartment import Compartment, SourceResource
from mappings.inbound.resources.datatypes import objs, reference, text
from mappings.inbound.resources.dates import first_day
from mappings.inbound.resources.observations import Measurement
from mappings.inbound.resources.refusals import CONDITION, FRACTURE, LIST, MEDICINE
from mappings.inbound.resources.resource_status import flag_unread, status_unread

# R4 ListMode has `changes` too: such a list holds only what is different since another one.
_MODES = frozenset({"working", "snapshot"})
_CONCERNS: Mapping[str, InputKind] = {"conditions": CONDITION, "fractures": FRACTURE, "medications": MEDICINE}
# What an entry that was not read would have been, by the list that it may belong to:
# a problem may be a fracture.
_MAY_BE: Mapping[str, tuple[InputKind, ...]] = {
    "fractures": (FRACTURE, CONDITION),
    "conditions": (CONDITION, FRACTURE),
    "medications": (MEDICINE,),
}
T = TypeVar("T", Condition, Fracture, Medicine)
_OddList = tuple[list[str], Rejected]  # the names of what it lists, and why it cannot be used


@read_only
class CompleteList:
    """That a list is complete, by whom and of which day; ``none`` if it was said that there are none."""

    name: str
    on: date
    evidence: str
    none: bool


def declared(
    chart: Compartment, measured: Iterable[Measurement], on: date
) -> tuple[tuple[CompleteList, ...], tuple[Rejected, ...]]:
    """Every statement that one of the lists is complete, and the Lists that cannot be used.

    One that cannot be used may name more than was known: nothing holds that was said up to its day.
    """
    whole, odd = _lists(chart, on)
    stated = tuple(it for it in (*whole, *_answers(measured, on)) if not _outdone(it, odd))
    return stated, tuple(refused for _, refused in odd)


def _outdone(said: CompleteList, odd: Iterable[_OddList]) -> bool:
    """Whether a List that cannot be used came with or after a statement, as far as anybody knows."""
    return any(said.name in names and (it.on is None or it.on >= said.on) for names, it in odd)


@read_only
class Completeness:
    """All that decides whether the three lists are complete: what was said, the unread, the setting."""

    stated: tuple[CompleteList, ...]
    unread: tuple[Rejected, ...]
    by_setting: frozenset[str]
    on: date

    def listing(self, name: str, items: tuple[T, ...]) -> tuple[Listing[T], tuple[Rejected, ...]]:
        """The items, and whether these are said to be all; and an answer "none" that they contradict.

        An unread resource may be another item.
        """
        said = self._newest(name)
        denied = said is not None and _contradicted(said, items)
        known = (said is not None and not denied) or name in self.by_setting
        whole = not (self.unread and any(refused.concerns in _MAY_BE[name] for refused in self.unread))
        day = self.on if name in self.by_setting else said.on if said else None
        listing = Listing(items, known and whole, day)
        if said is None or not denied:
            return listing, ()
        return listing, (Rejected(Reason.CONTRADICTED, _CONCERNS[name], said.evidence, on=said.on),)

    def _newest(self, name: str) -> CompleteList | None:
        """The latest statement about a list; of one day the one that says more."""
        mine = [it for it in self.stated if it.name == name]
        return max(mine, key=lambda it: (it.on, not it.none, it.evidence)) if mine else None


def _contradicted(said: CompleteList, items: Iterable[Condition | Fracture | Medicine]) -> bool:
    """Whether an answer "none" stands beside an entry that is not younger than it."""
    return said.none and any(_stood(item, said.on) for item in items)


def _stood(item: Condition | Fracture | Medicine, on: date) -> bool:
    """Whether an entry belonged to its list on a day; without a day of its own it may have."""
    match item:
        case Fracture():
            return item.on is None or item.on <= on
        case Condition():
            there = item.active and item.certainty is not Certainty.REFUTED
            return there and (item.onset is None or item.onset <= on)
        case Medicine():
            over = item.ended is not None and item.ended < on
            return item.active and not over and (item.start is None or item.start <= on)


def _lists(chart: Compartment, on: date) -> tuple[list[CompleteList], list[_OddList]]:
    """The current Lists that are complete, and those that cannot be used with what they are lists of."""
    whole: list[CompleteList] = []
    odd: list[_OddList] = []
    for entry in chart.of("List"):
        names = sorted(entry.code.names("list"))
        if not names or not (_current(entry) or _is_doubtful(entry)):
            continue
        # The entries may be older; what counts is when somebody looked at the whole list (C-59).
        day = first_day(entry.body.get("date"))
        if reason := _problem(entry, chart, day, on):
            odd.append((names, Rejected(reason, LIST, entry.evidence, on=day)))
            continue
        none = within(entry.body.get("emptyReason"), "empty-none-known")
        if day and (none or objs(entry.body.get("entry"))):
            whole += (CompleteList(name, day, entry.evidence, none) for name in names)
    return whole, odd


def _current(entry: SourceResource) -> bool:
    """Whether it is the list as it stands, and not a change of one."""
    return entry.body.get("status") == "current" and text(entry.body.get("mode")) in _MODES


def _is_doubtful(entry: SourceResource) -> bool:
    """Whether an element that may turn it into another list, or take an entry out of it, cannot be read."""
    mode = entry.body.get("mode")
    odd = mode is not None and text(mode) not in _MODES | {"changes"}
    gone = any(flag_unread(obj.get("deleted")) for obj in objs(entry.body.get("entry")))
    return status_unread(entry.body) or (entry.body.get("status") == "current" and (odd or gone))


def _problem(entry: SourceResource, chart: Compartment, day: date | None, on: date) -> Reason | None:
    """Why a List cannot say that it is complete."""
    if entry.body.get("modifierExtension"):
        return Reason.MODIFIER_EXTENSION
    if _is_doubtful(entry):
        return Reason.STATUS_UNUSABLE
    if day is None or day > on:
        return Reason.NO_DATE if day is None else Reason.FUTURE_DATE
    # R4 has `deleted` in lists of changes only (invariant lst-2) and an emptyReason in empty lists only
    # (lst-1). Servers do not all check it, so a current List may hold either.
    held = [obj for obj in objs(entry.body.get("entry")) if obj.get("deleted") is not True]
    if held and within(entry.body.get("emptyReason"), "empty-none-known"):
        return Reason.TWO_VALUES
    whole = all(chart.holds(reference(it.get("item"))) for it in held)
    return None if whole else Reason.MEMBER_MISSING


def _answers(measured: Iterable[Measurement], on: date) -> Iterator[CompleteList]:
    """That none are known, unless somebody who was asked on that day or later did not say so."""
    asked = [
        result
        for result in measured
        if result.code.ours and result.value[1] is not None and not result.unusable(on)
    ]
    for name, code in NONE_KNOWN.items() if asked else ():
        # A list without hits looks the same for none and for not recorded: only an answer tells (C-56).
        answered = [one for one in asked if code in one.code.ours]
        denied = max((one.on or on for one in answered if not _affirmed(one)), default=date.min)
        for one in answered:
            if _affirmed(one) and (one.on or on) > denied:
                yield CompleteList(name, one.on or on, one.evidence, none=True)


def _affirmed(result: Measurement) -> bool:
    return result.value[1] is True or "none" in concept_of(result.value[1]).ours
