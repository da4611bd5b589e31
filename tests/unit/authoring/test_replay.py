"""A decision on file gives the same bytes again, or says what differs and whether the rules are the cause."""

from dataclasses import replace
from pathlib import Path

from adapter.clinical import decide
from adapter.clinical.decision import TreatmentDecision
from adapter.clinical.value_kinds import Parameters
from mappings.pathways import load
from mappings.stored_decision import StoredDecision, dump
from mappings.stored_decision import load as from_file
from tests.factories import TODAY, a_bone_record
from workers.authoring.replay import replay_decision


def kept(pathway: str = "hvrt", parameters: Parameters | None = None) -> StoredDecision:
    record = a_bone_record()
    decision = decide(record, load(pathway, parameters), TODAY)
    return from_file(dump(StoredDecision(pathway, TODAY, record, decision, parameters or {})))


def test_the_same_inputs_and_rules_give_the_same_bytes() -> None:
    found = replay_decision(kept())

    assert (found.identical, found.same_rules, found.differences) == (True, True, ())


def test_the_parameters_of_then_are_used_again() -> None:
    assert replay_decision(kept("etz", {"coffee_max": 1})).identical


def test_a_program_that_decides_differently_is_told_from_other_rules() -> None:
    stored = kept()
    other = replace(stored.decision.treatment, decision=TreatmentDecision.NONE)

    found = replay_decision(replace(stored, decision=replace(stored.decision, treatment=other)))

    assert (found.identical, found.same_rules) == (False, True)
    assert [(it.place, it.then, it.now) for it in found.differences] == [
        ("treatment.decision", "none", stored.decision.treatment.decision)
    ]


def test_another_edition_is_named_with_everything_that_differs(tmp_path: Path) -> None:
    file = tmp_path / "edition.yaml"
    file.write_text(
        "id: hvrt\nversion: 2.0.0\ntitle: New\nextends: hvrt\nparameters: {calcium_range: {value: {low: 1100}, cite: [{source: settlements}]}}\n"
    )

    found = replay_decision(kept().under(str(file)))

    assert (found.identical, found.same_rules) == (False, False)
    assert found.now.startswith("hvrt 2.0.0 (")
    assert {"pathway.version", "goals[calcium_mg_per_day].low"} <= {it.place for it in found.differences}
