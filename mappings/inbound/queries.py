"""Which searches bring everything that reading needs for a batch of patients."""

from collections.abc import Sequence
from dataclasses import dataclass

from mappings.inbound.config import ReadingConfig


@dataclass(frozen=True, slots=True)
class Query:
    """One search by standard R4 parameters."""

    type: str
    params: list[tuple[str, str]]


def queries(ids: Sequence[str], config: ReadingConfig) -> tuple[Query, ...]:
    """One search per resource type for about fifty patients."""
    raise NotImplementedError
