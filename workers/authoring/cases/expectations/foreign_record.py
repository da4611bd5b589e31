"""Expectations about a foreign record: what must be noticed, asked, named and said, and what must not."""

from collections.abc import Iterable, Iterator, Sequence

from adapter.input.wire_json import Json
from workers.authoring.cases.expectations.case_outcome import CaseProposal, Check, source_location, task_codes
from workers.authoring.cases.expectations.differences import (
    CaseDifference,
    compare_values,
    missing_items,
    surplus_items,
)
from workers.authoring.cases.expectations.letter_phrases import says_phrase

# Tasks about the life of a plan: they ask nobody to look at the input or at the decision.
RELEASE, REMINDER = "release", "follow_up_overdue"


def _check_class_not(unwanted: Sequence[str], seen: CaseProposal) -> Iterator[CaseDifference]:
    return surplus_items("class_not", unwanted, [seen.decision.classification.category.value])


def _check_decision_not(unwanted: Sequence[str], seen: CaseProposal) -> Iterator[CaseDifference]:
    return surplus_items("decision_not", unwanted, [seen.decision.treatment.decision.value])


def _check_not_firm(wanted: object, seen: CaseProposal) -> Iterator[CaseDifference]:
    firm = [option.code for option in seen.decision.treatment.options if option.firm]
    yield from compare_values("not_firm", wanted, not firm)


def _plan(wanted: object, seen: CaseProposal) -> Iterator[CaseDifference]:
    yield from compare_values("plan", wanted, seen.plan is not None)


def _human_task(wanted: object, seen: CaseProposal) -> Iterator[CaseDifference]:
    asked = sorted(looked_up_locations(seen))
    if wanted is not bool(asked):
        yield f"human_task: wanted {wanted}, got {', '.join(asked) or 'none'}"


def looked_up_locations(seen: CaseProposal) -> Iterator[str]:
    """The codes of the Tasks by which a human is asked to look at the input or at the decision."""
    codes = (code for task in seen.tasks for code in task_codes(task))
    return (code for code in codes if not code.startswith(RELEASE) and code != REMINDER)


def _check_named(wanted: Sequence[str], seen: CaseProposal) -> Iterator[CaseDifference]:
    return missing_items("named", wanted, seen.named)


def _check_used(wanted: Sequence[str], seen: CaseProposal) -> Iterator[CaseDifference]:
    return missing_items("used", wanted, seen.sources)


def _check_used_or_named(wanted: Sequence[str], seen: CaseProposal) -> Iterator[CaseDifference]:
    return missing_items("used_or_named", wanted, seen.sources | seen.named)


def _letter_says(wanted: Sequence[Sequence[str]], seen: CaseProposal) -> Iterator[CaseDifference]:
    for alternatives in wanted:
        if not any(says_phrase(seen.text, phrase) for phrase in alternatives):
            yield f"letter_says: the letter says none of: {' | '.join(alternatives)}"


def _letter_absent(unwanted: Sequence[str], seen: CaseProposal) -> Iterator[CaseDifference]:
    for phrase in unwanted:
        if says_phrase(seen.text, phrase):
            yield f"letter_absent: the letter says {phrase!r}"


def _letter_recipient_not(unwanted: Sequence[str], seen: CaseProposal) -> Iterator[CaseDifference]:
    named = {
        name
        for letter in seen.letters
        for recipient in letter.get("recipient", ())
        for name in _names(recipient)
    }
    return surplus_items("letter_recipient_not", unwanted, named)


def _names(recipient: Json) -> Iterable[str]:
    identifier = recipient.get("identifier") or {}
    system, value = identifier.get("system", ""), identifier.get("value", "")
    return (recipient.get("reference", ""), value, f"{system}|{value}", recipient.get("display", ""))


def _same_study(wanted: Sequence[str], seen: CaseProposal) -> Iterator[CaseDifference]:
    study = {source_location(score.evidence) for score in seen.decision.classification.study}
    return missing_items("same_study", wanted, study)


def _check_nothing(_wanted: object, _seen: CaseProposal) -> Iterator[CaseDifference]:
    return iter(())


KEYS: dict[str, Check] = {
    "class_not": _check_class_not,
    "decision_not": _check_decision_not,
    "not_firm": _check_not_firm,
    "plan": _plan,
    "human_task": _human_task,
    "human_task_about": _check_nothing,  # free words for the reader of the case
    "named": _check_named,
    "used": _check_used,
    "used_or_named": _check_used_or_named,
    "letter_says": _letter_says,
    "letter_absent": _letter_absent,
    "letter_recipient_not": _letter_recipient_not,
    "same_study": _same_study,
}
