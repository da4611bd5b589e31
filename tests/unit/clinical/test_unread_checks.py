"""A check that was made and cannot be used: the option that was firm waits for it (C-70)."""

from decimal import Decimal

import pytest

from adapter.clinical import decide
from adapter.clinical.decision import Option
from adapter.clinical.kinds import InputKind
from adapter.clinical.model import Analyte, Lab, Reason, Rejected
from mappings.inbound.gaps import unread
from mappings.pathways import load
from tests.factories import STUDY_DAY, TODAY, a_bone_record, a_t_score
from tests.unit.clinical.questions import NONE_KNOWN


def oral(*rejected: Rejected) -> Option:
    """The option of a woman fully known otherwise, measured at the spine (a hip makes C-06e ask too)."""
    record = a_bone_record(
        t_scores=(a_t_score(),),
        conditions=NONE_KNOWN,
        medicines=NONE_KNOWN,
        fractures=NONE_KNOWN,
        labs=(Lab(Analyte.EGFR, Decimal(75), on=STUDY_DAY),),
        exclusion_screen_negative=True,
        days=(("exclusion_screen_negative", STUDY_DAY),),
        rejected=rejected,
    )
    (option,) = decide(record, load("antonius"), TODAY).treatment.options
    return option


def test_with_nothing_unread_it_is_firm() -> None:
    assert oral().firm


@pytest.mark.parametrize(
    ("concerns", "about", "check"),
    [
        ("lab", "egfr", "renal_function"),
        ("lab", "creatinine", "renal_function"),
        ("lab", "creatinine_clearance", "renal_function"),
        ("lab", "calcium", "calcium"),
        ("lab", Analyte.VITAMIN_D_25OH, "vitamin_d"),
        ("lab", "alkaline_phosphatase", "alkaline_phosphatase"),
        ("answer", "pregnant", "pregnancy"),
        ("answer", "lactating", "pregnancy"),
        ("answer", "cannot_sit_upright", "cannot_sit_upright"),
        ("answer", "bisphosphonate_contraindicated", "bisphosphonate_contraindicated"),
        ("answer", "dental_problem", "dental_check"),
        ("procedure", "", "procedures"),
    ],
)
def test_it_waits_for_what_could_not_be_read(concerns: InputKind, about: str, check: str) -> None:
    refused = Rejected(Reason.UNREADABLE, concerns, "O/unread", on=STUDY_DAY, about=about)

    assert oral(refused).waits_for == (check,)


@pytest.mark.parametrize(
    ("kind", "check"), [("AllergyIntolerance", "allergies"), ("Procedure", "procedures")]
)
def test_it_waits_for_what_a_server_withholds(kind: str, check: str) -> None:
    assert check in oral(*unread({kind: [Reason.WITHHELD]})).waits_for
