"""An institution makes its pathway from YAML alone: other numbers, a rule more, a rule less, its words."""

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from adapter.clinical import Decision, Pathway, decide
from mappings.pathways import PathwayFileFault, load
from mappings.pathways.inspection import inspect
from mappings.publication import publication
from mappings.texts import load as texts_of
from tests.factories import TODAY, a_bone_record

OWN = """\
id: st_elsewhere
version: 2026.1.0
title: St. Elsewhere
extends: antonius
sources:
  - {id: protocol_2026, title: Local protocol, published: "2026-11"}
parameters:
  coffee_max: {value: 2, cite: [{source: protocol_2026, lines: "2"}]}
  age_gate: {value: {men_from: 55}, cite: [{source: protocol_2026, lines: "3"}]}
rules:
  - id: OWN-1
    topic: Falls
    mode: propose
    says: After a second fall the fall clinic is asked
    cite: [{source: protocol_2026, lines: "4"}]
    when: falls >= 2 and age >= 70
    then:
      activity: fall_clinic_referral
off:
  ANT-25: our patients drink decaf
texts:
  nl: {activity.fall_clinic_referral: Verwijzing naar de valpoli}
  en: {activity.fall_clinic_referral: Referral to the fall clinic}
  fr: {activity.fall_clinic_referral: Orientation vers la consultation des chutes}
"""


@pytest.fixture
def own(tmp_path: Path) -> Pathway:
    file = tmp_path / "st_elsewhere.yaml"
    file.write_text(OWN, encoding="utf-8")
    assert inspect(file).faults == ()
    return load(file)


def decided(pathway: Pathway) -> Decision:
    return decide(a_bone_record(falls_last_12m=Decimal(3)), pathway, TODAY)


def test_the_rule_that_was_added_proposes_its_new_activity(own: Pathway) -> None:
    (activity,) = [it for it in decided(own).activities if it.code == "fall_clinic_referral"]

    assert activity.why.rules == ("OWN-1",)
    assert activity.clinical


def test_the_rule_that_was_switched_off_is_silent(own: Pathway) -> None:
    assert "ANT-25" in decided(load("antonius")).rules_fired
    assert "ANT-25" not in decided(own).rules_fired


def test_a_table_keeps_the_entries_that_were_not_overridden(own: Pathway) -> None:
    gate = own.core["age_gate"]

    assert (gate["men_from"], gate["women_unknown_from"]) == (55, 50)


def test_the_decision_names_the_pathway_its_version_and_what_it_was_made_from(own: Pathway) -> None:
    ref = decided(own).pathway

    assert (ref.id, ref.version, ref.title) == ("st_elsewhere", "2026.1.0", "St. Elsewhere")
    assert own.lineage == ("core 1.0.0", "antonius 1.0.0", "st_elsewhere 2026.1.0")
    assert ref.fingerprint != load("antonius").ref.fingerprint


@pytest.mark.parametrize("language", ["nl", "en", "fr"])
def test_the_letter_has_the_institutions_words(own: Pathway, language: str) -> None:
    texts = texts_of(language).extend(own.texts[language])

    assert (
        texts.name("activity", "fall_clinic_referral") == own.texts[language]["activity.fall_clinic_referral"]
    )


def test_what_is_published_has_the_rule_the_code_and_the_reason_for_what_is_off(own: Pathway) -> None:
    found = {(it["resourceType"], it["id"]): it for it in publication(own)}
    actions = {it["prefix"]: it for it in found["PlanDefinition", "st-elsewhere-2026.1.0"]["action"]}
    (code,) = found["CodeSystem", "st-elsewhere-own-2026.1.0"]["concept"]

    assert actions["OWN-1"]["action"][0]["definitionCanonical"].endswith("/st_elsewhere-fall_clinic_referral")
    assert actions["ANT-25"]["condition"][0]["expression"]["expression"] == "false"
    assert actions["ANT-25"]["textEquivalent"] == "Switched off: our patients drink decaf"
    assert (code["code"], code["display"]) == ("fall_clinic_referral", "Referral to the fall clinic")
    assert ("ActivityDefinition", "st-elsewhere-fall-clinic-referral") in found


def test_a_number_of_the_settings_is_the_decimal_that_was_written() -> None:
    assert load("etz", {"normal_from": -0.9}).core["normal_from"] == Decimal("-0.9")


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"normal_from": float("nan")}, "etz: the parameters of the settings: a number is finite"),
        ({"normal_from": None}, "etz: normal_from: 'normal_from' is not set, and a number is wanted"),
        ({"handover_recipient": "gp"}, "etz: handover_recipient: 'gp' is not allowed; allowed: general_practi"),
        ({"source_review_due": "soon"}, "etz: source_review_due: 'source_review_due' is a text, and a day is wanted"),
    ],
)  # fmt: skip
def test_settings_that_no_pathway_can_decide_by_are_refused(
    settings: Mapping[str, object], says: str
) -> None:
    with pytest.raises(PathwayFileFault, match=re.escape(says)):
        load("etz", settings)
