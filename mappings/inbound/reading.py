"""A patient's resources, read into the facts of the core."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from adapter.clinical.model import BoneRecord, Rejected
from mappings.inbound.config import ReadingConfig
from mappings.inbound.patient import PatientContext


@dataclass(frozen=True, slots=True)
class Reading:
    """One patient as read.

    ``sources`` are the versioned references of everything used. ``needs_human`` is the part of ``record.rejected``
    that a human has to look at; ``foreign`` counts resources that were refused as another patient's.
    """

    patient: PatientContext
    record: BoneRecord
    sources: tuple[str, ...] = ()
    needs_human: tuple[Rejected, ...] = ()
    foreign: int = 0


def read_record(
    patient: dict[str, Any], resources: Iterable[dict[str, Any]], config: ReadingConfig, *, on: date
) -> Reading:
    """Read one patient's resources as of ``on``."""
    raise NotImplementedError
