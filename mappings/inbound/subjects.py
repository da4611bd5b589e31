"""The part of the record that a measurement belongs to: each reader gets its own; the rest is set aside.

The kind of a measurement tells, and a house has few kinds: so it is found out once for each, and
remembered. It follows from the kind and from value sets alone, which no process reads twice: what is
remembered cannot be out of date.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache

from mappings.inbound.config import ReadingConfig
from mappings.inbound.densitometry.scans import may_be_of_scan
from mappings.inbound.medical_history.body_measures import may_be_body_measure
from mappings.inbound.medical_history.laboratory import may_be_laboratory
from mappings.inbound.questionnaire.patient_answers import may_be_answer
from mappings.inbound.resources.compartment import Compartment
from mappings.inbound.resources.measurement_kind import KINDS, MeasurementKind
from mappings.inbound.resources.observations import Measurement, Sort, measurements


class MeasurementSubject(StrEnum):
    """The parts of a record that measurements tell of."""

    SCAN = "scan"
    VFA = "vfa"
    ANSWER = "answer"
    LABORATORY = "laboratory"
    FRAX = "frax"
    BODY = "body"


# Each says yes of everything that its reader may take or refuse, whatever the number is.
_MAY_BE: Mapping[MeasurementSubject, Callable[[MeasurementKind], bool]] = {
    MeasurementSubject.SCAN: may_be_of_scan,
    MeasurementSubject.VFA: lambda kind: bool(kind.code.names("vfa")),
    MeasurementSubject.ANSWER: may_be_answer,
    MeasurementSubject.LABORATORY: may_be_laboratory,
    MeasurementSubject.FRAX: lambda kind: bool(kind.code.names("frax")),
    MeasurementSubject.BODY: may_be_body_measure,
}
# What an institution has codes of its own for.
_MAPPED = (MeasurementSubject.SCAN, MeasurementSubject.LABORATORY)


@lru_cache(KINDS)
def subjects_of(kind: MeasurementKind) -> tuple[MeasurementSubject, ...]:
    """Whose a measurement of this kind may be; nobody's, for most of a record."""
    return tuple(subject for subject, may_be in _MAY_BE.items() if may_be(kind))


def by_subject(
    chart: Compartment, config: ReadingConfig, whose: Sort[MeasurementSubject] = subjects_of
) -> Mapping[MeasurementSubject, Sequence[Measurement]]:
    """The measurements of a patient for each reader, by reference."""
    own = {*config.local_t_scores, *config.local_laboratory}

    def or_mapped(kind: MeasurementKind) -> tuple[MeasurementSubject, ...]:
        found = whose(kind)
        return found if own.isdisjoint(kind.code.written) else tuple({*found, *_MAPPED})

    sorted_out: dict[MeasurementSubject, list[Measurement]] = defaultdict(list)
    for one, read_as in measurements(chart, config.zone, or_mapped if own else whose):
        for subject in read_as:
            sorted_out[subject].append(one)
    return sorted_out
