"""The patient as far as the plan and the letter need them; the repr shows nobody."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class PatientContext:
    """Who the record is about; ``general_practitioners`` are raw References, literal or by identifier."""

    id: str
    reference: str
    version: str | None = None
    name: str | None = field(default=None, repr=False)
    birth_date: str | None = field(default=None, repr=False)
    gender: str | None = None
    identifiers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    deceased: bool = False
    deceased_on: date | None = None
    active: bool = True
    replaced_by: str | None = None
    general_practitioners: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    managing_organization: dict[str, Any] | None = field(default=None, repr=False)
    language: str | None = None
