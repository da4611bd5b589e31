"""One patient from plain FHIR: what a review would decide, draft and write to the GP, guards included."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache

from adapter.errors import ConfigurationFault, OsteoHandoverError
from adapter.input.wire_json import ReadOnlyJson
from adapter.software_version import software_version
from mappings import pathways, texts
from mappings.handover.institution import Institution
from mappings.inbound import ReadingConfig
from workers.assessment.record_assessment import Assessment, assess_resources

SITE = "assess"


def assess(
    resources: Iterable[ReadOnlyJson],
    pathway: str = "antonius",
    *,
    on: date,
    language: str = "nl",
    parameters: Mapping[str, object] | None = None,
    base_url: str = "",
) -> Assessment:
    """What is proposed for one patient on the day ``on``, from the resources of that patient.

    ``resources`` are FHIR R4 as JSON, Bundles included: one Patient, all that is known, and the GP. What is
    not in them is unknown, and unknown is never reassuring. Another patient's resource is never used.
    ``pathway`` is the name of a shipped pathway or the path of a YAML file, ``parameters`` overrides numbers
    of it, ``language`` is nl, en or fr, and ``base_url`` is what absolute references begin with.

    Raises RecordFault without exactly one Patient, ConfigurationFault for a pathway or language that is none,
    and SoftwareFault for a mistake of ours. The text of a fault never quotes the record.
    """
    institution = _institution(pathway, language, _text(parameters), base_url)
    return assess_resources(resources, institution, on)


def assess_many(
    records: Iterable[Iterable[ReadOnlyJson]],
    pathway: str = "antonius",
    *,
    on: date,
    language: str = "nl",
    parameters: Mapping[str, object] | None = None,
    base_url: str = "",
) -> Iterator[Assessment | OsteoHandoverError]:
    """``assess`` for one record after another, in order.

    A record that cannot be used gives its fault, and the next one follows.
    """
    institution = _institution(pathway, language, _text(parameters), base_url)
    for resources in records:
        try:
            found: Assessment | OsteoHandoverError = assess_resources(resources, institution, on)
        except OsteoHandoverError as fault:
            found = fault
        yield found


def _text(parameters: Mapping[str, object] | None) -> str:
    return json.dumps(parameters or {}, default=float, sort_keys=True)


@lru_cache(maxsize=64)
def _institution(pathway: str, language: str, parameters: str, base_url: str) -> Institution:
    """Has these settings alone; kept, for loading a pathway costs more than deciding for 100 patients."""
    try:
        loaded = pathways.load(pathway, json.loads(parameters) or None)
        words = texts.load(language).extend(loaded.texts.get(language, {}))
    except (ValueError, KeyError, OSError) as error:
        raise ConfigurationFault(f"The pathway or its language cannot be used: {error}") from error
    return Institution(SITE, software_version(), loaded, ReadingConfig(base_url=base_url), words)
