"""When something is to be done, as true on its day: no past appointment, no start of what runs."""

from collections.abc import Iterator, Sequence
from datetime import date

from adapter.clinical.decision import Decision, FollowUp
from adapter.clinical.model import BoneRecord
from adapter.letter import wording
from adapter.letter.drugs import running
from adapter.letter.text_entries import Texts

FIRST_EVALUATION = "evaluation_3_months"
MONTHS = 3  # as its code says; planned by rule GL-12 of core.yaml
REVIEW, YEARLY = "treatment_review", "yearly_evaluation"
# Said of a drug that is yet to be started.
AT_THE_START = frozenset({"dental_check_first", "zoledronate_hydration"})


def starts_nothing(decision: Decision, record: BoneRecord) -> bool:
    """Whether a drug runs and no other one is on offer: then nothing is left to be done before a start."""
    return bool(running(decision, record)) and not decision.treatment.options


def moment(key: str, decision: Decision, record: BoneRecord, texts: Texts) -> str:
    """The moment of an activity; what precedes the start of a drug that is already taken is due now."""
    if key == "before_start" and starts_nothing(decision, record):
        key = "running"
    return texts.say(f"when.{key}")


def is_past(code: str, decision: Decision, record: BoneRecord) -> bool:
    """Whether its time is over: a first evaluation of a drug long taken, or a step before a start."""
    if code in AT_THE_START:
        return starts_nothing(decision, record)
    if code != FIRST_EVALUATION or decision.treatment.options:
        return False
    begun = [course.start or course.last_dose for course in running(decision, record)]
    known = [on for on in begun if on is not None]
    return bool(begun) and (not known or _months(min(known), decision.on) >= MONTHS)


def planned(decision: Decision, record: BoneRecord) -> Iterator[Sequence[FollowUp]]:
    """The later contacts that can still come, the reviews together; of each drug its next review."""
    reviews = [follow_up for follow_up in decision.follow_ups if follow_up.code == REVIEW]
    for follow_up in decision.follow_ups:
        if follow_up.code == REVIEW:
            if reviews:
                yield _one_each(reviews, decision.on)
                reviews = []
        elif not is_past(follow_up.code, decision, record):
            yield (follow_up,)


def when(later: Sequence[FollowUp], decision: Decision, texts: Texts) -> str:
    """One moment, or several with the drug that each is about."""
    if len(later) == 1:
        return _when(later[0], decision, texts)
    return texts.series(
        [f"{_when(it, decision, texts)} ({wording.values(_drug(it), texts)})" for it in later]
    )


def _one_each(reviews: Sequence[FollowUp], on: date) -> tuple[FollowUp, ...]:
    """The next review of each drug, or its last one, which is overdue, if the day of all has passed."""
    drugs = dict.fromkeys(_drug(review) for review in reviews)
    chosen = []
    for drug in drugs:
        dated = sorted(
            (review for review in reviews if _drug(review) == drug), key=lambda review: review.due or date.max
        )
        coming = [it for it in dated if it.due is None or it.due >= on]
        chosen.append(coming[0] if coming else dated[-1])
    return tuple(chosen)


def _when(later: FollowUp, decision: Decision, texts: Texts) -> str:
    if later.due is not None and later.due < decision.on:
        return texts.say("when.overdue", date=texts.day(later.due))
    if later.code == REVIEW and later.due is None and not decision.treatment.options:
        return texts.say(f"when_open.{REVIEW}")  # so many years after a start that nobody recorded
    if later.code == YEARLY and later.due is None and later.interval:
        return texts.say("when.yearly")
    return wording.when(later, texts)


def _drug(review: FollowUp) -> str:
    return dict(review.details).get("drug", "")


def _months(since: date, until: date) -> int:
    return (until.year - since.year) * 12 + until.month - since.month - (until.day < since.day)
