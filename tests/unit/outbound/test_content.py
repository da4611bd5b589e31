"""Pieces of JSON that many patients' resources share: they read as any other, and nobody changes them."""

import json
import tracemalloc
from collections.abc import Callable, Iterator
from copy import copy, deepcopy

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.input.wire_json import Json, JsonValue
from mappings.handover.plan.replacement import as_generation
from mappings.outbound import reconcile
from mappings.outbound.content import Fragment, digest, outline_of
from mappings.outbound.guides.profiles import PROFILES, apply, load_profile
from tests.unit.outbound.guides.test_profiles import KNOWN
from tests.unit.outbound.resources.test_requests import RICH
from tests.unit.outbound.server_in_memory import CONTEXT, SUBJECT, drawn, every

NAMES = st.sampled_from(["a", "b", "reference", "div", "system"])
LEAF = st.sampled_from(["#goal", "x", "<p>a &amp; b</p>", 1, 2.5, True, False])
HELD = st.recursive(
    LEAF,
    lambda held: (
        st.lists(held, min_size=1, max_size=2) | st.dictionaries(NAMES, held, min_size=1, max_size=2)
    ),
    max_leaves=6,
)
PIECE = st.dictionaries(NAMES, HELD, min_size=1, max_size=3)


@given(PIECE)
def test_a_fragment_reads_as_the_same_content_that_is_none(piece: Json) -> None:
    plain, held = {"a": [piece, piece], "b": piece}, Fragment(piece)
    of_fragments = {"a": [held, held], "b": Fragment({**held})}

    assert digest(of_fragments) == digest(plain)
    assert outline_of(of_fragments) == outline_of(plain)
    assert orjson.dumps(of_fragments) == orjson.dumps(plain)
    assert json.dumps(of_fragments) == json.dumps(plain)
    assert of_fragments == plain


CHANGES: tuple[Callable[[JsonValue], object], ...] = (
    lambda it: it.update(b=1),
    lambda it: it.pop("a"),
    lambda it: it.popitem(),
    lambda it: it.clear(),
    lambda it: it.setdefault("b", 1),
    lambda it: it.__setitem__("a", 1),
    lambda it: it.__delitem__("a"),
    lambda it: it.__ior__({"b": 1}),
)


@pytest.mark.parametrize("change", CHANGES)
def test_nobody_changes_a_fragment_nor_what_lies_in_it(change: Callable[[JsonValue], object]) -> None:
    held = Fragment({"a": [{"a": {"a": "x"}}]})

    for it in (held, held["a"][0], held["a"][0]["a"]):
        with pytest.raises(TypeError, match="change a copy"):
            change(it)
    assert held == {"a": [{"a": {"a": "x"}}]}


@pytest.mark.parametrize(
    "copied",
    [copy, deepcopy, dict, lambda it: {**it}, lambda it: it | {}],
)
def test_a_copy_is_anybodys_to_change(copied: Callable[[Json], Json]) -> None:
    held = Fragment({"a": "x"})
    copied(held)["a"] = "y"

    assert held == {"a": "x"}


def test_a_fragment_holds_what_it_is_written_as_and_no_buffer_beside_it() -> None:
    Fragment({"a": "x"})  # whatever is made once
    tracemalloc.start()
    try:
        held = [Fragment({"a": "x" * length}) for length in range(100)]
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert size / len(held) < 2_000  # bytes; of a buffer alone there are 4,000


def fragments(value: object) -> Iterator[Fragment]:
    if isinstance(value, Fragment):
        yield value
    if isinstance(value, dict | list):
        for it in value.values() if isinstance(value, dict) else value:
            yield from fragments(it)


@pytest.mark.parametrize("name", PROFILES)
def test_what_is_done_to_drafts_leaves_the_fragments_in_them_as_they_were(name: str) -> None:
    profile = load_profile(name)
    drafts = drawn(RICH, SUBJECT, profile.context(CONTEXT))
    held = [it for draft in every(drafts) for it in fragments(draft.resource)]

    for made in (drafts, as_generation(apply(profile, drafts, KNOWN).drafts, "key", 2, "CarePlan/1")):
        reconcile(made, {}, {})

    assert held
    assert [digest(it) for it in held] == [digest(deepcopy(it)) for it in held]
