"""A published pathway is valid, is taken by real servers, and is written once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from adapter.fhir import FhirClient
from adapter.input.wire_json import Json
from mappings.pathways import PATHWAY_NAMES, load
from mappings.publication import publication
from workers.authoring.publish import Published, publish_resources

OWN = """\
id: {id}
version: 0.1.0
title: "{title}"
extends: antonius_sneek
rules:
  - id: OWN-1
    mode: propose
    says: Somebody who falls often goes to the fall clinic
    when: falls >= 2
    then: {{activity: fall_clinic_referral}}
texts:
  en: {{activity.fall_clinic_referral: Referral to the fall clinic}}
"""


@pytest.fixture
def own(tmp_path: Path, unique_id: Callable[[str], str]) -> Callable[[str], tuple[Json, ...]]:
    """A pathway of this test alone: the servers are shared, and HAPI takes each canonical address once."""
    name = unique_id("own").replace("-", "_")

    def written(title: str) -> tuple[Json, ...]:
        file = tmp_path / f"{name}.yaml"
        file.write_text(OWN.format(id=name, title=title))
        return publication(load(file))

    return written


@pytest.mark.parametrize("name", ["core", *PATHWAY_NAMES])
def test_every_published_resource_is_valid_on_hapi(name: str, hapi: str) -> None:
    with FhirClient(hapi) as server:
        found = {
            it["id"]: [issue for issue in server.validate(it) if issue.severity in ("error", "fatal")]
            for it in publication(load(name))
        }

    assert {place: issues for place, issues in found.items() if issues} == {}


def test_publishing_twice_writes_once(fhir_server: str, own: Callable[[str], tuple[Json, ...]]) -> None:
    with FhirClient(fhir_server) as server:
        first, second = publish_resources(own("Mine"), server), publish_resources(own("Mine"), server)

    assert first[-1].outcome is Published.CREATED
    assert {it.outcome for it in second} == {Published.UNCHANGED}


def test_only_what_changed_is_written_again(fhir_server: str, own: Callable[[str], tuple[Json, ...]]) -> None:
    changed = own("Changed")

    with FhirClient(fhir_server) as server:
        publish_resources(own("Mine"), server)
        tried = publish_resources(changed, server, dry_run=True)
        done = publish_resources(changed, server)
        plan = server.read("PlanDefinition", changed[-1]["id"])

    assert tried == done
    assert {it.location.split("/")[0] for it in done if it.outcome is not Published.UNCHANGED} == {
        "CodeSystem",
        "Library",
        "PlanDefinition",
        "ValueSet",
    }
    assert done[-1].same_version
    assert plan["title"] == "Changed"
