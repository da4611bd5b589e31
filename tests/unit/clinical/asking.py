"""Ask one name of the vocabulary about one record, as a rule would."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from adapter.clinical.case import Case
from adapter.clinical.model import BoneRecord
from adapter.clinical.terms import VOCABULARY
from mappings.pathways import load
from tests.factories import TODAY


@cache
def general_parameters() -> Mapping[str, Any]:
    """The parameters of the general rules."""
    return load("core").parameters


def a_case(record: BoneRecord, on: date = TODAY, **parameters: Any) -> Case:
    """The record under the general parameters, or others."""
    return Case.of(record, {**general_parameters(), **parameters}, on)


def ask(name: str, record: BoneRecord, on: date = TODAY, **parameters: Any) -> Any:
    """The value of a term; ``None`` is unknown."""
    return VOCABULARY[name].value(a_case(record, on, **parameters))


def cites(name: str, record: BoneRecord, on: date = TODAY, **parameters: Any) -> tuple[str, ...]:
    """The references behind a term."""
    return tuple(VOCABULARY[name].evidence(a_case(record, on, **parameters)))
