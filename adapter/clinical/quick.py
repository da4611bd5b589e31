"""Frozen dataclasses that are made often: a decision is some sixty of them."""

from dataclasses import fields, make_dataclass
from typing import TypeVar

T = TypeVar("T")


def quick(frozen: type[T]) -> type[T]:
    """Leave the freezing to the type checker, and make an instance in a quarter of the time.

    A frozen dataclass sets each field by a call of ``object.__setattr__``: 870 ns for four fields, where plain
    assignment takes 220.
    """
    after = {"__post_init__": hook} if (hook := getattr(frozen, "__post_init__", None)) else {}
    plain = make_dataclass(
        frozen.__name__,
        [(it.name, it.type, it) for it in fields(frozen)],  # type: ignore[arg-type] # a dataclass, by its use
        namespace=after,
    )
    frozen.__init__ = plain.__init__  # type: ignore[misc, method-assign]
    del frozen.__setattr__, frozen.__delattr__
    return frozen
