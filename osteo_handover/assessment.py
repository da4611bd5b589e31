"""One patient from plain FHIR: what a review would decide, draft and write to the GP, with the guards of a review."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from adapter.clinical import Decision
from adapter.errors import ConfigurationFault, OsteoHandoverError, RecordFault, SoftwareFault
from mappings import pathways, texts
from mappings.inbound import ReadingConfig
from mappings.lifecycle.institution import Institution
from mappings.lifecycle.patient_record import PatientRecord
from mappings.lifecycle.propose import Proposal, propose
from workers.review.recipients import RECIPIENTS, recipients
from workers.review.references import patients_of
from workers.review.review_outcome import BUGS
from workers.review.write import verdict

Resource = Mapping[str, Any]
SITE = "assess"


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a review of one patient would come to; nothing of it was written anywhere.

    ``outcome`` is that of a review: ``planned``, ``nothing_to_propose``, or why nobody makes a plan for this patient; then
    there is no decision, no resource and no letter. ``resources`` are proposals and drafts: a clinician decides.
    """

    patient: str
    outcome: str
    decision: Decision | None = field(repr=False)
    resources: tuple[dict[str, Any], ...] = field(repr=False)
    letters: tuple[str, ...] = field(repr=False)
    alarms: tuple[str, ...] = ()

    @property
    def letter(self) -> str | None:
        """The letter to the GP as text; None where there is nothing to write, or nobody to write to."""
        return self.letters[0] if self.letters else None


def assess(
    resources: Iterable[Resource],
    pathway: str = "antonius",
    *,
    on: date,
    language: str = "nl",
    parameters: Mapping[str, Any] | None = None,
    base_url: str = "",
) -> Assessment:
    """What is proposed for one patient on the day ``on``, from the resources of that patient.

    ``resources`` are FHIR R4 as JSON, Bundles included: one Patient, all that is known, and the GP. What is not in them is
    unknown, and unknown is never reassuring. Another patient's resource is never used. ``pathway`` is the name of a
    shipped pathway or the path of a YAML file, ``parameters`` overrides numbers of it, ``language`` is nl, en or fr, and
    ``base_url`` is what absolute references begin with.

    Raises RecordFault without exactly one Patient, ConfigurationFault for a pathway or language that is none, and
    SoftwareFault for a mistake of ours. The text of a fault never quotes the record.
    """
    institution = _institution(pathway, language, _text(parameters), base_url)
    return _assessed(resources, institution, on)


def assess_many(
    records: Iterable[Iterable[Resource]],
    pathway: str = "antonius",
    *,
    on: date,
    language: str = "nl",
    parameters: Mapping[str, Any] | None = None,
    base_url: str = "",
) -> Iterator[Assessment | OsteoHandoverError]:
    """``assess`` for one record after another, in order. A record that cannot be used gives its fault, and the next one follows."""
    institution = _institution(pathway, language, _text(parameters), base_url)
    for resources in records:
        try:
            found: Assessment | OsteoHandoverError = _assessed(resources, institution, on)
        except OsteoHandoverError as fault:
            found = fault
        yield found


def _assessed(resources: Iterable[Resource], institution: Institution, on: date) -> Assessment:
    try:
        record = _record(list(_unpacked(resources)), institution.reading.base_url, on)
        return _assessment(propose(record, institution, datetime.combine(on, time(12), UTC), {}))
    except BUGS as bug:  # its text may quote the record
        raise SoftwareFault(f"{type(bug).__name__} in our own code") from None


def _assessment(proposal: Proposal) -> Assessment:
    applicable = proposal.not_followed is None
    return Assessment(
        patient=proposal.patient,
        outcome=verdict(proposal).value,
        decision=proposal.decision if applicable else None,
        resources=tuple(it.draft.resource for it in proposal.writes) if applicable else (),
        letters=proposal.letters if applicable else (),
        alarms=proposal.alarms,
    )


def _record(resources: list[dict[str, Any]], base_url: str, on: date) -> PatientRecord:
    """What a review would have read: the patient's own resources, what belongs to nobody, and how many strangers came."""
    patients = [it for it in resources if it.get("resourceType") == "Patient"]
    if len(patients) != 1 or not isinstance(patients[0].get("id"), str):
        raise RecordFault(
            f"{len(patients)} Patients, where one with an id was expected.", resource_type="Patient"
        )
    (patient,) = patients
    whose = [(it, patients_of(it, base_url)) for it in resources if it is not patient]
    directory = {
        (str(it["resourceType"]), str(it.get("id"))): it
        for it in resources
        if it.get("resourceType") in RECIPIENTS
    }
    return PatientRecord(
        patient=patient["id"],
        resource=patient,
        resources=tuple(it for it, owners in whose if not owners or patient["id"] in owners),
        existing={},
        recipients=recipients(patient, directory, base_url, on),
        strays=sum(1 for _, owners in whose if owners and patient["id"] not in owners),
    )


def _unpacked(resources: Iterable[Resource]) -> Iterator[dict[str, Any]]:
    """Bundles opened. Raises RecordFault for what is no object: a resource lost in silence would be worse."""
    for resource in resources:
        if not isinstance(resource, Mapping):
            raise RecordFault("A resource of the record is no JSON object.")
        if resource.get("resourceType") == "Bundle":
            yield from _unpacked(it["resource"] for it in resource.get("entry") or () if "resource" in it)
        else:
            yield dict(resource)


def _text(parameters: Mapping[str, Any] | None) -> str:
    return json.dumps(parameters or {}, default=float, sort_keys=True)


@lru_cache(maxsize=64)
def _institution(pathway: str, language: str, parameters: str, base_url: str) -> Institution:
    """One that has no settings but these; loading a pathway costs more than deciding for a hundred patients."""
    try:
        loaded = pathways.load(pathway, json.loads(parameters) or None)
        words = texts.load(language).extend(loaded.texts.get(language, {}))
    except (ValueError, KeyError, OSError) as error:
        raise ConfigurationFault(f"The pathway or its language cannot be used: {error}") from error
    return Institution(SITE, release(), loaded, ReadingConfig(base_url=base_url), words)


def release() -> str:
    """The version of this program."""
    try:
        return version("osteo-handover")
    except PackageNotFoundError:
        return "unreleased"  # run from a checkout that was never installed
