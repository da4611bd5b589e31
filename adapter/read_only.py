"""Dataclasses that the type check holds as read-only.

``dataclass(frozen=True)`` refuses an assignment at run time too, and for that sets each of its own fields by
a call: a tenth of reading and of deciding went into it. The type check refuses the same assignments (ADR 18).
"""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def read_only(made_often: type[T]) -> type[T]:
    """For what is read and decided of one patient; compared by its values.

    What several patients share, a setting or what is remembered, stays frozen at run time too.
    """
    return dataclass(slots=True, unsafe_hash=True)(made_often)
