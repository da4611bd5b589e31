"""Of documents built from sound pieces and defects, exactly those with a defect are refused or withdrawn."""

import json
from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.input.wire_json import MAX_DEPTH, Unparsable, Unreadable, parse
from tests.examples import examples

# Texts look like structure and like the end of a text, so that a reader of brackets can go wrong.
TEXTS = st.text(st.sampled_from('[]{}"\\,:aé\n1'), max_size=6)
KEYS = ["a", "b", 'c"]', "d\\", "NaN"]
SOUND = [
    "0",
    "-2.50",
    "1E+3",
    "9" * 64,
    "1e1000",
    "true",
    "null",
    r'"\ud83e\uddb4"',
    r'"\\u0000"',
    r'"\u003a"',
    r'"\u003A:"',
    "{}",
    "[]",
]
DEFECTS = [
    "NaN",
    "-Infinity",
    "9" * 70,
    "0." + "1" * 70,
    "1e1001",
    "1e-99999999999999999999",
    '{"a": 1, "a": 1}',
    r'{"a": 1, "a": "\u003a"}',
    r'{"a": 1, "\u0061": "\u003a"}',
    r'{"a": "\u0000"}',
    r'{"a": ["x", "\ud83d"]}',
    r'{"a": "\uDE00\uD83D"}',
]


@dataclass(frozen=True)
class Piece:
    """A JSON value as written, whether there is a defect in it, and how deep it is."""

    text: str
    defective: bool = False
    depth: int = 0


def object_of(members: list[tuple[str, Piece]]) -> Piece:
    written = ", ".join(f"{json.dumps(key)}: {piece.text}" for key, piece in members)
    repeated = len({key for key, _ in members}) < len(members)
    return Piece(
        f"{{{written}}}",
        repeated or any(piece.defective for _, piece in members),
        1 + max((piece.depth for _, piece in members), default=0),
    )


def array_of(items: list[Piece]) -> Piece:
    return Piece(
        f"[{' , '.join(piece.text for piece in items)}]",
        any(piece.defective for piece in items),
        1 + max((piece.depth for piece in items), default=0),
    )


def buried(piece: Piece, levels: int) -> Piece:
    return Piece("[" * levels + piece.text + "]" * levels, piece.defective, piece.depth + levels)


LEAVES = st.one_of(
    TEXTS.map(lambda text: Piece(json.dumps(text, ensure_ascii=False))),
    st.sampled_from(SOUND).map(lambda text: Piece(text, depth=int(text in {"{}", "[]"}))),
)


def members_of(values: st.SearchStrategy[Piece], *, repeated: bool) -> st.SearchStrategy[Piece]:
    pairs = st.tuples(st.sampled_from(KEYS), values)
    unique = None if repeated else lambda pair: pair[0]
    return st.lists(pairs, max_size=3, unique_by=unique).map(object_of)


def pieces(leaves: st.SearchStrategy[Piece], *, repeated: bool) -> st.SearchStrategy[Piece]:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            members_of(inner, repeated=repeated),
            st.lists(inner, max_size=3).map(array_of),
            st.builds(
                buried, inner, st.sampled_from([1, 2, MAX_DEPTH - 2, MAX_DEPTH - 1, MAX_DEPTH, 3 * MAX_DEPTH])
            ),
        ),
        max_leaves=8,
    )


FAULTS = st.sampled_from(DEFECTS).map(lambda text: Piece(text, defective=True, depth=2))
OBJECTS = st.one_of(
    members_of(pieces(LEAVES, repeated=False), repeated=False),
    members_of(pieces(st.one_of(LEAVES, FAULTS), repeated=True), repeated=True),
)


@given(OBJECTS)
@settings(max_examples=examples(900), deadline=None)
def test_a_document_is_read_exactly_when_it_has_no_defect_and_is_not_too_deep(written: Piece) -> None:
    if written.defective or written.depth > MAX_DEPTH:
        with pytest.raises(Unparsable):
            parse(written.text.encode())
    else:
        assert parse(written.text.encode()) == json.loads(written.text, parse_float=Decimal)


@given(st.lists(OBJECTS.filter(lambda it: not MAX_DEPTH - 4 < it.depth < MAX_DEPTH + 8), max_size=4))
@settings(max_examples=examples(450), deadline=None)
def test_of_a_bundle_exactly_the_defective_resources_are_withdrawn(written: list[Piece]) -> None:
    entries = ", ".join(f'{{"resource": {piece.text}}}' for piece in written)

    document = parse(f'{{"resourceType": "Bundle", "entry": [{entries}]}}'.encode())

    for entry, piece in zip(document["entry"], written, strict=True):
        if piece.defective or piece.depth > MAX_DEPTH:
            assert isinstance(entry["resource"], Unreadable)
        else:
            assert entry["resource"] == json.loads(piece.text, parse_float=Decimal)
