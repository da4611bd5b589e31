"""Values that are made often: as frozen as before for the type checker, and made as plainly as possible."""

from dataclasses import FrozenInstanceError, dataclass, field, replace

import pytest

from adapter.clinical.decision import Why
from adapter.clinical.quick import quick


@dataclass(frozen=True, slots=True)
class Slow:
    name: str
    more: tuple[str, ...] = ()
    table: dict[str, int] = field(default_factory=dict)


@quick
@dataclass(frozen=True, slots=True)
class Quick:
    name: str
    more: tuple[str, ...] = ()
    table: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("nameless")


def test_a_value_is_made_as_ever() -> None:
    one = Quick("a", more=("b",))

    assert (one.name, one.more, one.table) == ("a", ("b",), {})
    assert Quick("a").table is not Quick("a").table
    assert replace(one, name="c") == Quick("c", ("b",))
    assert repr(one) == "Quick(name='a', more=('b',), table={})"
    with pytest.raises(TypeError, match="name"):
        Quick()  # type: ignore[call-arg]


def test_values_are_compared_and_hashed_as_ever() -> None:
    assert Why(("A",), ("O/1",)) == Why(("A",), ("O/1",))
    assert hash(Why(("A",))) == hash(Why(("A",)))
    assert Why(("A",)) != Why(("B",))


def test_what_was_checked_after_making_is_checked() -> None:
    with pytest.raises(ValueError, match="nameless"):
        Quick("")


def test_only_the_type_checker_keeps_it_from_changing_and_nothing_can_be_added() -> None:
    slow, quicker = Slow("a"), Quick("a")

    with pytest.raises(FrozenInstanceError):
        slow.name = "b"  # type: ignore[misc]
    quicker.name = "b"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        quicker.other = "b"  # type: ignore[attr-defined]
