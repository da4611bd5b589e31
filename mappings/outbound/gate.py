"""The gate: each resource that leaves passes our invariants and its R4B model here, just before encoding.

The invariants meet every resource. A model is dear: all models of one patient cost half as much as the whole
review. What differs between two patients is mostly values, so the models meet each shape, which is a resource
without its values, once per process, and after that every twentieth resource of each type (ADR 19).
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import count

from fhir.resources.R4B import get_fhir_model_class
from pydantic import BaseModel, ValidationError

from adapter.errors import SoftwareFault
from adapter.input.wire_json import Json
from mappings.outbound.content import Outline, outline_of
from mappings.outbound.invariants import broken

# of the resources of a type whose shape is known, how many go by for one that meets its model all the same
EVERY = 20
# What our resources are made of. The model of each would be loaded with the first value of its kind.
COMPONENTS = (
    "Annotation", "CodeableConcept", "Coding", "Extension", "Goal", "Identifier", "Narrative", "Period", "Quantity",
    "Range", "Reference",
)  # fmt: skip
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,40}")


def admit(resource: Json, found: tuple[str, ...]) -> None:
    """Raises ``SoftwareFault`` if anything keeps our resource, with rules and element paths, no values."""
    if found:
        raise SoftwareFault(_sentence(found), resource_type=kind_of(resource))


def obstacles(resource: Json, outline: Outline) -> tuple[str, ...]:
    """What would keep a resource of ours from passing: names of rules and element paths."""
    return (*broken(resource, outline.references), *_sampled(resource, outline.shape))


def admit_other(resource: Json) -> None:
    """Admits a resource without invariants of ours: a document, a message elsewhere, a pathway."""
    admit(resource, _sampled(resource, outline_of(resource).shape))


def faults(resource: Json) -> tuple[str, ...]:
    """What keeps a resource from its R4B model, by element path; asked of every one from elsewhere."""
    model = _model(kind_of(resource))
    if model is None:
        return ("resourceType",)
    try:
        model.model_validate(resource)
    except ValidationError as error:
        return tuple(
            dict.fromkeys(f"{_path(problem['loc'])} ({problem['type']})" for problem in error.errors())
        )
    return ()


def kind_of(resource: Json) -> str:
    """The resource type, as far as one is named."""
    return str(resource.get("resourceType"))


def sampling(check_one: Callable[[Json], tuple[str, ...]]) -> Callable[[Json, int], tuple[str, ...]]:
    """The same check, for the first resource of each shape and every twentieth of the others of its type.

    Each type is counted by itself: patients give rise to the same types in the same order, so that every
    twentieth of all was a plan for one house, and never one for another.
    """
    sound: set[int] = set()
    passed: defaultdict[str, Iterator[int]] = defaultdict(lambda: count(1))

    def sampled(resource: Json, shape: int) -> tuple[str, ...]:
        if shape in sound and next(passed[kind_of(resource)]) % EVERY:
            return ()
        if not (found := check_one(resource)):
            sound.add(shape)
        return found

    return sampled


_sampled = sampling(faults)


def load_models(kinds: Iterable[str]) -> None:
    """Load the models of these types now, and not with the first resource of each."""
    for kind in kinds:
        _model(kind)


@cache
def _model(kind: str) -> type[BaseModel] | None:
    try:
        model: type[BaseModel] = get_fhir_model_class(kind)
    except ValueError:  # it knows no type of that name
        return None
    return model


def _path(loc: tuple[int | str, ...]) -> str:
    """``activity[0].detail.code``; what is not the name of an element is not repeated."""
    steps = ("?" if isinstance(step, str) and not _NAME.fullmatch(step) else step for step in loc)
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")


def _sentence(found: tuple[str, ...]) -> str:
    return f"a resource must not leave: {', '.join(found)}"
