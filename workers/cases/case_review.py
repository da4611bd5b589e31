"""A case at the door: its record, the institution that reviews it, and the moment, ready to be proposed for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from functools import cache

from adapter.clinical import Pathway
from mappings.inbound import Reading, ReadingConfig, read_record
from mappings.lifecycle.institution import Institution
from mappings.lifecycle.patient_record import PatientRecord
from mappings.lifecycle.propose import Proposal, propose
from mappings.pathways import PROFILES, PathwayFileFault, load
from mappings.texts import load as load_texts
from workers.cases.case_table import Json, NotCovered, WorkedCase
from workers.cases.record.case_record import CaseRecord, record_of
from workers.cases.record.fact_values import only
from workers.cases.record.resources import GENERAL_PRACTITIONER, general_practitioner
from workers.review.recipients import recipients

SITE = RELEASE = "cases"


@dataclass(frozen=True, slots=True)
class Visit:
    """Everything that a review of the case needs; the same visit always gives the same proposal."""

    record: CaseRecord
    institution: Institution
    now: datetime

    @classmethod
    def of(cls, case: WorkedCase) -> "Visit":
        """Raises ``NotCovered`` for a profile, parameter or fact that this product does not know."""
        return cls(record_of(case), _practice(case), datetime.combine(case.as_of, time(12), UTC))

    def reading(self) -> Reading:
        """What is read, and no more: for whoever decides by himself."""
        return read_record(
            self.record.patient, self.record.resources, self.institution.reading, on=self.now.date()
        )

    def proposal(self, *, turned: bool = False, existing: Mapping[str, Json] | None = None) -> Proposal:
        """What production code would write: onto an empty server, or onto one that has ``existing`` by reference.

        ``turned`` hands the resources over in another order.
        """
        resources = self.record.resources[::-1] if turned else self.record.resources
        known = {("Practitioner", GENERAL_PRACTITIONER.partition("/")[2]): general_practitioner()}
        named = recipients(self.record.patient, known, "")
        folder = PatientRecord(
            self.record.patient["id"], self.record.patient, resources, dict(existing or {}), named
        )
        return propose(folder, self.institution, self.now, {})


def _practice(case: WorkedCase) -> Institution:
    if case.profile not in PROFILES:
        raise NotCovered(f"profile {case.profile or 'missing'}")
    parameters = case.facts.get("profile_params") or {}
    only(parameters, "facts.profile_params", _pathway(case.profile, "{}").parameters.keys())
    try:
        pathway = _pathway(case.profile, json.dumps(parameters, default=float, sort_keys=True))
    except PathwayFileFault as fault:
        raise NotCovered(*(f"facts.profile_params ({line})" for line in fault.lines)) from None
    return Institution(SITE, RELEASE, pathway, ReadingConfig(), load_texts("en"))


@cache
def _pathway(name: str, parameters: str) -> Pathway:
    """Loaded once per setting; the digits of a threshold are kept."""
    return load(name, json.loads(parameters, parse_float=Decimal) or None)
