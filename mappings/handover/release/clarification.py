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
    for matter in matters:
        yield {"type": release_concept(MATTER, language), "valueCodeableConcept": matter.resource["code"]}
        yield from matter.resource.get("input") or ()


def one_task(matters: Sequence[Draft], key: str, language: str) -> tuple[Draft, ...]:
    """One Task for all matters, under the code of the first; none for none."""
    if len(matters) < 2:
        return tuple(matters)
    first, *others = matters
    inputs = [*(first.resource.get("input") or ()), *matter_inputs(others, language)]
    return (seal({**first.resource, "id": "", "input": inputs}, f"{key}|task|{MATTER}"),)


def unread(matters: Sequence[Draft], answered: Sequence[Json]) -> tuple[Draft, ...]:
    """The matters in none of the Tasks that a clinician answered, and always a missing recipient."""
    inputs = [input_ for task in answered for input_ in task.get("input") or ()]
    return tuple(
        matter for matter in matters if _code(matter) == NO_RECIPIENT or not _was_shown(matter, inputs)
    )


def _was_shown(matter: Draft, inputs: Sequence[Json]) -> bool:
    named = {
        coding.get("code")
        for input_ in inputs
        if code_in(input_.get("type")) == MATTER
        for coding in (input_.get("valueCodeableConcept") or {}).get("coding") or ()
    }
    return _code(matter) in named and all(input_ in inputs for input_ in matter.resource.get("input") or ())


def _code(matter: Draft) -> str:
    return str(matter.resource["code"]["coding"][0]["code"])
