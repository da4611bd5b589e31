"""What a fact and an output are where nothing more was said."""

from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from adapter.clinical import model, outcome
from adapter.clinical.model import BoneRecord, Certainty, FractureSite, Listing, Reason, Site, Standing
from adapter.clinical.outcome import Why
from tests.factories import a_bone_record, a_decision, a_rejected

DAY, WHY = date(2026, 11, 10), Why(("R-1",))
UNSAID: list[tuple[Any, dict[str, Any]]] = [
    (model.TScore(Site.TOTAL_HIP, Decimal(-1), DAY), {"standing": Standing.VALID, "site_assumed": False, "evidence": ""}),
    (model.Rejected(Reason.NO_DATE, "t_score"), {"evidence": ""}),
    (model.VertebralFracture(2), {}),
    (model.Vfa(), {"fractures": (), "evidence": ""}),
    (model.Fracture(FractureSite.HIP), {"evidence": ""}),
    (model.Condition(model.ConditionKind.STROKE), {"certainty": Certainty.CONFIRMED, "active": True, "evidence": ""}),
    (model.Medicine(frozenset()), {"active": True, "evidence": ""}),
    (model.Lab(model.Analyte.TSH), {"evidence": ""}),
    (model.Frax(), {"evidence": ""}),
    (model.Lifestyle(), {"calcium_portions": ()}),
    (Listing(), {"items": (), "complete": False}),
    (BoneRecord(), {"birth_year_only": False, "t_scores": (), "fractures": Listing(), "conditions": Listing(), "medicines": Listing(), "procedures": (), "relatives": (), "labs": (), "lifestyle": model.Lifestyle(), "symptoms": (), "evidence": (), "rejected": ()}),
    (WHY, {"evidence": ()}),
    (outcome.Option("oral", (), WHY), {"waits_for": ()}),
    (outcome.Goal("walk", "min/d", WHY), {}),
    (outcome.Activity("talk", WHY), {"clinical": False, "details": ()}),
    (outcome.FollowUp("review", WHY), {"details": ()}),
    (outcome.Flag("seen", WHY), {}),
    (outcome.PathwayVersion("small", "1.0.0", "f"), {"title": ""}),
    (outcome.Handover("gp", "report", False, WHY), {"statements": ()}),
]  # fmt: skip


@pytest.mark.parametrize(("made", "default"), UNSAID, ids=[type(made).__name__ for made, _ in UNSAID])
def test_what_was_not_said_is_unknown_but_for_a_few_defaults(made: Any, default: dict[str, Any]) -> None:
    unsaid = {f.name: getattr(made, f.name) for f in fields(made) if not _required(f)}

    assert unsaid == dict.fromkeys(unsaid) | default


def _required(field: Any) -> bool:
    return repr(field.default) == repr(field.default_factory)  # both are missing


def test_a_record_in_a_log_says_how_much_is_known_and_never_what() -> None:
    record = a_bone_record(rejected=(a_rejected(),))

    assert repr(record) == "BoneRecord(2 T-scores, 1 inputs refused)"


@pytest.mark.parametrize(("detail", "name"), [(None, "seen"), ("", "seen"), ("left", "seen:left")])
def test_a_flag_is_named_with_its_detail(detail: str | None, name: str) -> None:
    assert outcome.Flag("seen", WHY, detail).name == name


def test_an_option_is_firm_when_nothing_is_left_to_check() -> None:
    assert outcome.Option("oral", (), WHY).firm is True
    assert outcome.Option("oral", (), WHY, ("kidney",)).firm is False


def test_there_is_something_to_write_a_plan_about_unless_a_pathway_says_no() -> None:
    made = a_decision()
    needed = {f.name: getattr(made, f.name) for f in fields(made) if _required(f)}

    assert outcome.Decision(**needed).warranted is True


def test_a_reason_needs_a_rule() -> None:
    with pytest.raises(ValueError, match="at least one rule id"):
        Why((), ("O/1",))
