"""What a human has to clarify about a decision, in one Task: that of the release, while one is asked for.

| who is asked                       | where it stands                                                      |
| ---------------------------------- | -------------------------------------------------------------------- |
| for the release of plan and letter | in that Task, which then asks to clarify first                       |
| for nothing else                   | in one Task of its own, whatever the number of matters               |
| who released, having read it       | nowhere any more; but a letter that nobody receives stays a question |
"""

from collections.abc import Iterator, Sequence

from adapter.input.wire_json import Json
from mappings.handover.release.release_codes import code_in, release_concept
from mappings.outbound.draft import Draft
from mappings.outbound.fingerprint import seal

MATTER = "to_clarify"
NO_RECIPIENT = "no_general_practitioner"


def matter_inputs(matters: Sequence[Draft], language: str) -> Iterator[Json]:
    """Each matter by its code, followed by what it is about."""
    for it in matters:
        yield {"type": release_concept(MATTER, language), "valueCodeableConcept": it.resource["code"]}
        yield from it.resource.get("input") or ()


def one_task(matters: Sequence[Draft], key: str, language: str) -> tuple[Draft, ...]:
    """One Task for all matters, under the code of the first; none for none."""
    if len(matters) < 2:
        return tuple(matters)
    first, *others = matters
    inputs = [*(first.resource.get("input") or ()), *matter_inputs(others, language)]
    return (seal({**first.resource, "id": "", "input": inputs}, f"{key}|task|{MATTER}"),)


def unread(matters: Sequence[Draft], answered: Sequence[Json]) -> tuple[Draft, ...]:
    """The matters in none of the Tasks that a clinician answered, and always a missing recipient."""
    inputs = [it for task in answered for it in task.get("input") or ()]
    return tuple(it for it in matters if _code(it) == NO_RECIPIENT or not _was_shown(it, inputs))


def _was_shown(matter: Draft, inputs: Sequence[Json]) -> bool:
    named = {
        coding.get("code")
        for it in inputs
        if code_in(it.get("type")) == MATTER
        for coding in (it.get("valueCodeableConcept") or {}).get("coding") or ()
    }
    return _code(matter) in named and all(it in inputs for it in matter.resource.get("input") or ())


def _code(matter: Draft) -> str:
    return str(matter.resource["code"]["coding"][0]["code"])
