"""Whatever is known of a patient, the decision on file is decided again to the same bytes."""

import types
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.clinical import BoneRecord, decide
from adapter.clinical.kinds import Analyte
from adapter.clinical.quantities import LABORATORY, Lab, Measure, Quantity
from mappings.pathways import PATHWAY_NAMES, load
from mappings.stored_decision import StoredDecision, canonical_bytes, dump
from mappings.stored_decision import load as from_file
from tests.examples import examples
from tests.factories import TODAY
from workers.authoring.replay import replay_decision


def _numbers(measure: Measure) -> st.SearchStrategy[Decimal]:
    """What a living patient may have, at the places of a bare number."""
    lowest = -9 if measure.lowest is None else measure.lowest
    highest = 3000 if measure.highest is None else measure.highest
    return st.decimals(lowest, highest, allow_nan=False, places=2)


PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    int: st.integers(1, 3),
    str: st.sampled_from(["", "L1", "Observation/1/_history/2"]),
    Decimal: st.decimals(-9, 3000, allow_nan=False, places=2) | st.decimals(-4, 4, allow_nan=False, places=1),
    date: st.dates(date(1930, 1, 1), date(2027, 1, 1)),
    type(None): st.none(),
    **{kind: _numbers(kind.measure).map(kind) for kind in Quantity.__subclasses__()},
    Lab: st.deferred(lambda: st.sampled_from(Analyte).flatmap(_lab)),
}


@cache
def anything_of(hint: Any) -> st.SearchStrategy[Any]:
    """Any value of a type of the model, by its annotations alone: new fields need no line here."""
    origin, inner = get_origin(hint), get_args(hint)
    if hint in PLAIN:
        return PLAIN[hint]
    if origin in (Union, types.UnionType):
        return st.one_of([anything_of(one) for one in inner])
    if origin is tuple and inner[-1] is Ellipsis:
        return st.lists(anything_of(inner[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*map(anything_of, inner))
    if origin is frozenset:
        return st.frozensets(anything_of(inner[0]), max_size=3)
    if origin is Literal or (isinstance(hint, type) and issubclass(hint, Enum)):
        return st.sampled_from(inner or list(hint))
    return _built(origin or hint, inner)


def _lab(analyte: Analyte) -> st.SearchStrategy[Lab]:
    fields = {
        name: anything_of(hint) for name, hint in get_type_hints(Lab).items() if not name.startswith("_")
    }
    value = st.none() | _numbers(LABORATORY[analyte])
    return st.builds(Lab, **{**fields, "analyte": st.just(analyte), "value": value})


def _built(kind: Any, inner: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind)
    bound = {name: _bound(hint, inner) for name, hint in hints.items() if name in kind.__dataclass_fields__}
    build: Callable[..., Any] = kind
    return st.builds(build, **{name: anything_of(hint) for name, hint in bound.items()})


def _bound(hint: object, inner: tuple[object, ...]) -> object:
    """The type variable of a Listing is what the listing was said to hold."""
    held = get_args(hint)
    return types.GenericAlias(tuple, (inner[0], ...)) if held and isinstance(held[0], TypeVar) else hint


@settings(derandomize=True, deadline=None, max_examples=examples(120))
@given(record=anything_of(BoneRecord), name=st.sampled_from(PATHWAY_NAMES))
def test_stored_loaded_and_decided_again_it_is_the_same_byte_for_byte(record: BoneRecord, name: str) -> None:
    decision = decide(record, PATHWAYS[name], TODAY)

    stored = from_file(dump(StoredDecision(name, TODAY, record, decision)))

    assert (stored.record, stored.decision) == (record, decision)
    assert canonical_bytes(stored.record) == canonical_bytes(record)
    assert replay_decision(stored, lambda wanted, _: PATHWAYS[wanted]).identical


PATHWAYS = {name: load(name) for name in PATHWAY_NAMES}
