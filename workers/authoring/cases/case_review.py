"""A case ready for a review: what was read, the institution that reviews it, and the moment."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache

from adapter.clinical import Pathway
from adapter.input.wire_json import Json
from mappings.handover.institution import Institution
from mappings.handover.patient_record import PatientRecord
from mappings.handover.propose import Proposal, propose
from mappings.inbound import Reading, ReadingConfig
from mappings.pathways import PATHWAY_NAMES, PathwayFileFault, load
from mappings.texts import load as load_texts
from workers.authoring.cases.case_server import CaseServer
from workers.authoring.cases.case_table import UncoveredCase, WorkedCase
from workers.authoring.cases.record.case_record import record_of
from workers.authoring.cases.record.fact_values import require_parts
from workers.authoring.cases.record.resources import GENERAL_PRACTITIONER, general_practitioner
from workers.review.batches import PATIENTS, batches
from workers.review.directory.recipients import recipients
from workers.review.read import read

SITE = VERSION = "cases"
# Phrases of a table of facts are English; those of a foreign record are of the Dutch letter to the GP.
OF_FACTS, OF_RECORDS = "en", "nl"


@dataclass(frozen=True, slots=True)
class CaseReview:
    """Everything that a review of the case needs; the same one always gives the same proposal."""

    record: PatientRecord
    institution: Institution
    now: datetime

    @classmethod
    def of(cls, case: WorkedCase, server: CaseServer | None = None) -> "CaseReview":
        """Raises ``UncoveredCase`` for a profile, parameter or fact that this product does not know.

        A case with resources is read from ``server``, which holds them, by the searches of a review.
        """
        if case.resources:
            if server is None:
                raise ValueError("a case that comes as a record needs a server to be read from")
            return cls.of_records([case], server)[case.id]
        return cls(_record(case), _institution(case, OF_FACTS, ReadingConfig()), _noon(case))

    @classmethod
    def of_records(cls, cases: Iterable[WorkedCase], server: CaseServer) -> "dict[str, CaseReview]":
        """By case, read as a review reads a batch: those of one pathway and day together."""
        alike: dict[tuple[str, date], list[WorkedCase]] = {}
        for case in cases:
            alike.setdefault((case.pathway, case.as_of), []).append(case)
        found: dict[str, CaseReview] = {}
        for batch in (batch for held in alike.values() for batch in batches(held, PATIENTS)):
            institution = _institution(batch[0], OF_RECORDS, ReadingConfig(base_url=server.base_url))
            records = read([case.patient for case in batch], server.client, institution, batch[0].as_of)
            found |= {
                case.id: cls(record, institution, _noon(case))
                for case, record in zip(batch, records, strict=True)
            }
        return found

    @property
    def language(self) -> str:
        """In which letter and plan are worded."""
        return self.institution.texts.language

    def reading(self) -> Reading:
        """What is read, and no more: for whoever decides by himself."""
        return self.record.reading(self.institution.record_reading, self.now.date())

    def proposal(self, *, turned: bool = False, existing: Mapping[str, Json] | None = None) -> Proposal:
        """What production code would write to an empty server, or to one with ``existing`` by reference.

        ``turned`` hands the resources over in another order.
        """
        resources = self.record.resources[::-1] if turned else self.record.resources
        record = replace(self.record, resources=resources, existing=dict(existing or {}))
        return propose(record, self.institution, self.now, {})


def _noon(case: WorkedCase) -> datetime:
    return datetime.combine(case.as_of, time(12), UTC)


def _record(case: WorkedCase) -> PatientRecord:
    """The facts as a record that nobody has to search for."""
    record = record_of(case)
    known = {("Practitioner", GENERAL_PRACTITIONER.partition("/")[2]): general_practitioner()}
    named = recipients(record.patient, known, "", case.as_of)
    return PatientRecord(record.patient["id"], record.patient, record.resources, {}, named)


def _institution(case: WorkedCase, language: str, reading: ReadingConfig) -> Institution:
    if case.pathway not in PATHWAY_NAMES:
        raise UncoveredCase(f"profile {case.pathway or 'missing'}")
    parameters = case.facts.get("profile_params") or {}
    require_parts(parameters, "facts.profile_params", _pathway(case.pathway, "{}").parameters.keys())
    try:
        pathway = _pathway(case.pathway, json.dumps(parameters, default=float, sort_keys=True))
    except PathwayFileFault as fault:
        raise UncoveredCase(*(f"facts.profile_params ({line})" for line in fault.lines)) from None
    texts = load_texts(language).extend(pathway.texts.get(language, {}))
    return Institution(SITE, VERSION, pathway, reading, texts)


@cache
def _pathway(name: str, parameters: str) -> Pathway:
    """Loaded once per setting; the digits of a threshold are kept."""
    return load(name, json.loads(parameters, parse_float=Decimal) or None)
