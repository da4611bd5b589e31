"""A published pathway says, rule by rule, what the pathway says, in resources that FHIR R4 accepts."""

import base64
import json
import re
from importlib import import_module

import pytest

from mappings.outbound.ids import canonical
from mappings.pathways import PATHWAY_NAMES, load
from mappings.publication import publication
from tests.unit.publication.publications import EVERY, FULLEST, of, plan, published


@pytest.mark.parametrize(
    "name",
    [
        FULLEST,
        *(pytest.param(it, marks=pytest.mark.slow) for it in ("core", *PATHWAY_NAMES) if it != FULLEST),
    ],
)
def test_every_resource_is_one_of_r4(name: str) -> None:
    for resource in published(name):
        kind = resource["resourceType"]
        model = getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
        assert model.model_validate(resource)


@EVERY
def test_every_resource_is_a_draft_with_an_address_a_version_and_an_id_that_fhir_allows(name: str) -> None:
    found = published(name)

    for it in found:
        assert re.fullmatch(r"[A-Za-z0-9.-]{1,64}", it["id"])
        assert it["url"].startswith("https://osteo-handover.org/fhir/")
        assert it["version"]
        assert it["status"] == "draft" or it["id"] == "output"  # the code system is in use
    assert len({(it["resourceType"], it["id"]) for it in found}) == len(found)


@EVERY
def test_a_care_plan_refers_to_exactly_this_address(name: str) -> None:
    ref, held = load(name).ref, plan(name)

    assert f"{held['url']}|{held['version']}" == canonical(ref.id, ref.version)
    assert held["identifier"][0]["value"] == ref.fingerprint


@EVERY
def test_the_library_has_every_condition_with_the_numbers_and_definitions_behind_it(name: str) -> None:
    pathway = load(name)
    (library,) = of(name, "Library")
    logic = json.loads(base64.b64decode(library["content"][0]["data"]))

    assert plan(name)["library"] == [f"{library['url']}|{library['version']}"]
    assert logic["conditions"].keys() == {rule.id for rule in pathway.rules if rule.when}
    assert logic["definitions"].keys() == pathway.definitions.keys()
    assert logic["parameters"]["osteoporosis_at_or_below"] == "-2.5"


@EVERY
def test_goals_with_a_fixed_bound_have_it_and_others_only_say_how_it_follows(name: str) -> None:
    goals = {it["id"]: it for it in plan(name)["goal"]}

    assert {one for it in plan(name)["action"] for one in it.get("goalId", ())} == goals.keys()
    for it in goals.values():
        if "=" in it["description"]["text"]:
            assert "target" not in it


def test_publishing_is_deterministic() -> None:
    assert publication(load("hvrt")) == publication(load("hvrt"))


def test_a_profile_says_what_it_was_derived_from() -> None:
    related = plan("etz")["relatedArtifact"]

    assert {"type": "derived-from", "resource": canonical("core", "1.0.0")} in related
