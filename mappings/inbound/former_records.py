"""Records that were merged into the patient's own: what still stands there is theirs, and is named, not used.

A server that merges two Patients need not move what was recorded about the first one. A
T-score there is refused by name; of everything else that a list is made of it is enough to
know that the list here is not whole.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from adapter.clinical.model import Reason, Rejected, TScore
from adapter.input.wire_json import Json, ReadOnlyJson
from mappings.inbound.config import RecordReading
from mappings.inbound.densitometry.scans import densitometry
from mappings.inbound.gaps import NO_GAPS, Gaps
from mappings.inbound.resources.compartment import Compartment, sort_out
from mappings.inbound.resources.datatypes import objs, reference
from mappings.inbound.resources.refusals import T_SCORE
from mappings.inbound.subjects import MeasurementSubject, by_subject

_LISTED = (
    "Condition",
    "Procedure",
    "AllergyIntolerance",
    "MedicationRequest",
    "MedicationStatement",
    "MedicationAdministration",
    "MedicationDispense",
    "ServiceRequest",
)


def former_ids(patient: ReadOnlyJson, base_url: str) -> tuple[str, ...]:
    """The ids of the patients on this server that were merged into this one."""
    merged = [link for link in objs(patient.get("link")) if link.get("type") == "replaces"]
    named = [reference(link.get("other")).removeprefix(f"{base_url.rstrip('/')}/") for link in merged]
    return tuple(sorted({name.partition("/")[2] for name in named if name.startswith("Patient/")}))


def left_behind(
    records: Mapping[str, Iterable[Json]], config: RecordReading, on: date
) -> tuple[tuple[Rejected, ...], Gaps]:
    """The T-scores that stand at merged patients, and the types of which anything else does."""
    if not records:
        return (), NO_GAPS
    charts = [sort_out(former, resources, config.base_url) for former, resources in sorted(records.items())]
    refused = {score for chart in charts for score in _scores(chart, config, on)}
    gaps = {kind: frozenset({Reason.OTHER_RECORD}) for kind in _LISTED if any(c.of(kind) for c in charts)}
    return tuple(refused), gaps


def _scores(chart: Compartment, config: RecordReading, on: date) -> Iterator[Rejected]:
    found = densitometry(chart, by_subject(chart, config)[MeasurementSubject.SCAN], config, on)
    read: tuple[TScore | Rejected, ...] = (*found.scores, *found.rejected)
    for it in read:
        yield Rejected(Reason.OTHER_RECORD, T_SCORE, it.evidence, it.site, it.side, it.on)
