"""The way of one letter: requested, released, sent and accepted; then once more with a corrected T-score.

The clinician, the GP's system and the DXA department do what any FHIR client does, on
servers that are not ours to write.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from adapter.errors import SoftwareFault
from adapter.fhir import FhirClient
from adapter.input.wire_json import Json
from workers.queue.deliver import deliver
from workers.queue.runtime import Runtime
from workers.release.release_answers import release
from workers.release.waiting_releases import waiting_releases
from workers.review.review_outcome import ReviewOutcome

PATIENT, CLINICIAN, GP = "demo-q", "Practitioner/demo-specialist", "Practitioner/demo-gp"
SCORE, CORRECTED = "demo-q-1", -3.4
_HEADING = re.compile(r"\n(?=[^\n]+\n-{3,}\n)")  # a line with a line of dashes under it


@dataclass(frozen=True, slots=True)
class LoopStep:
    """One step of the way: what happened, and where it can be seen."""

    happened: str
    seen: str


@dataclass(frozen=True, slots=True)
class HandoverLoop:
    """The whole way, with the letters as the GP's server has them, the first one first."""

    steps: tuple[LoopStep, ...]
    letters: tuple[str, ...]

    @property
    def changed(self) -> str:
        """What the last letter has that the first one had not: its sections under a new heading."""
        (_, *first), (_, *last) = map(letter_sections, (self.letters[0], self.letters[-1]))
        known = {section.partition("\n")[0] for section in first}
        return "\n".join(section for section in last if section.partition("\n")[0] not in known)


def letter_sections(letter: str) -> list[str]:
    """What stands before the first heading, and the sections, each with its heading."""
    return [part.strip("\n") for part in _HEADING.split(letter)]


def walk_loop(runtime: Runtime, practice: FhirClient) -> HandoverLoop:
    """Walk it. Raises SoftwareFault where a step does not show what it should."""
    steps = [*_hand_over(runtime, practice), *_correct_score(runtime), *_hand_over(runtime, practice)]
    found = practice.search("Communication").matches
    letters = sorted(found, key=lambda letter: str(letter["meta"]["lastUpdated"]))
    return HandoverLoop(tuple(steps), tuple(_letter_text(letter) for letter in letters))


def _hand_over(runtime: Runtime, practice: FhirClient) -> Iterator[LoopStep]:
    (asked,) = waiting_releases(runtime, PATIENT)
    yield LoopStep("A clinician is asked to release the letter", f"{asked.task} ({asked.asks})")
    outcome = release(runtime, PATIENT, CLINICIAN)
    if outcome.fault:
        raise outcome.fault
    yield LoopStep(f"{CLINICIAN} releases it", _written_kinds(outcome))
    _require_step(deliver(runtime)["received"] == 1, "the letter did not arrive")
    task = _task_at_practice(practice)
    yield LoopStep(
        "It is delivered to the server of the GP", f"{task['focus']['reference']}, Task/{task['id']}"
    )
    practice.update({**task, "status": "accepted"})
    _require_step(deliver(runtime)["answer accepted"] == 1, "the answer of the GP was not read")
    yield LoopStep("The GP's system accepts it, and the hospital knows", f"Task/{task['id']} accepted")


def _correct_score(runtime: Runtime) -> Iterator[LoopStep]:
    score = runtime.client.read("Observation", SCORE)
    was = score["valueQuantity"]["value"]
    amended = {**score, "status": "amended", "valueQuantity": {**score["valueQuantity"], "value": CORRECTED}}
    runtime.client.update(amended)
    yield LoopStep("The DXA department corrects a T-score", f"Observation/{SCORE}: {was} -> {CORRECTED}")
    (outcome,) = runtime.review_now([PATIENT])
    if outcome.fault:
        raise outcome.fault
    yield LoopStep("Decided again, with a corrected letter", _written_kinds(outcome))


def _written_kinds(outcome: ReviewOutcome) -> str:
    kinds = dict.fromkeys(text.rpartition(" ")[2] for text in outcome.proposed)
    return f"wrote {', '.join(kinds)}"


def _task_at_practice(practice: FhirClient) -> Json:
    (task,) = practice.search("Task", [("status", "requested")]).matches
    return task


def _letter_text(letter: Json) -> str:
    texts = (str(part.get("contentString") or "") for part in letter.get("payload") or ())
    return next(filter(None, texts), "")


def _require_step(shown: bool, otherwise: str) -> None:
    if not shown:
        raise SoftwareFault(f"The demo stopped: {otherwise}.")
