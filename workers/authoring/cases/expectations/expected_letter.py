"""Expectations about the letter: to whom, in which status, what lets it go, and what it must say."""

from collections.abc import Iterator, Mapping, Sequence

from adapter.input.wire_json import ReadOnlyJson
from workers.authoring.cases.expectations.case_outcome import CaseProposal, Check
from workers.authoring.cases.expectations.differences import CaseDifference, compare_values, unknown_names
from workers.authoring.cases.expectations.phrases import is_missing, paragraphs
from workers.authoring.cases.record.resources import GENERAL_PRACTITIONER


def check_letter(wanted: ReadOnlyJson, seen: CaseProposal) -> Iterator[CaseDifference]:
    """All parts, and a gap for each that is not in the table."""
    for part, value in wanted.items():
        if part in PARTS:
            yield from PARTS[part](value, seen)
    yield from unknown_names("expect.communication", wanted, PARTS)


def _recipient(wanted: object, seen: CaseProposal) -> Iterator[CaseDifference]:
    """By role in the decision; the Communication goes to the one whom the record names."""
    yield from compare_values("communication.recipient", wanted, seen.decision.handover.recipient)
    named = [recipient.get("reference") for letter in seen.letters for recipient in letter["recipient"]]
    yield from compare_values("communication.recipient in the Communication", [GENERAL_PRACTITIONER], named)


def _status(wanted: object, seen: CaseProposal) -> Iterator[CaseDifference]:
    yield from compare_values("communication.status", [wanted], [letter["status"] for letter in seen.letters])


def _send_trigger(wanted: object, seen: CaseProposal) -> Iterator[CaseDifference]:
    yield from compare_values("communication.send_trigger", wanted, seen.decision.handover.send_trigger)


def _interim(wanted: object, seen: CaseProposal) -> Iterator[CaseDifference]:
    got = seen.decision.handover.interim_release_offered
    yield from compare_values("communication.interim_release_offered", wanted, got)
    for letter in seen.letters:
        hurried = letter["priority"] != "routine"
        if wanted and not hurried:
            yield "communication.interim_release_offered: the Communication has routine priority"


def _must_include(wanted: str | Sequence[str], seen: CaseProposal) -> Iterator[CaseDifference]:
    said = paragraphs(seen.text)
    for phrase in [wanted] if isinstance(wanted, str) else wanted:
        if is_missing(phrase, said):
            yield f"communication.must_include: no line of the letter says {phrase!r}"


PARTS: Mapping[str, Check] = {
    "recipient": _recipient,
    "status": _status,
    "send_trigger": _send_trigger,
    "interim_release_offered": _interim,
    "must_include": _must_include,
}
