"""What a table of rows cannot show of the ladder: which option stands first."""

from decimal import Decimal

from adapter.clinical import decide
from adapter.clinical.model import Analyte, Fracture, FractureSite, Lab, LabMark
from mappings.pathways import load
from tests.factories import TODAY, a_bone_record
from tests.unit.clinical.questions import NONE_KNOWN, days, whole


def test_with_a_fracture_denosumab_stands_before_raloxifene() -> None:
    record = a_bone_record(
        conditions=NONE_KNOWN,
        medicines=NONE_KNOWN,
        fractures=whole([Fracture(FractureSite.VERTEBRA, days("2026-09-15"), low_energy=True)]),
        labs=(Lab(Analyte.EGFR, Decimal(75)), Lab(Analyte.CALCIUM, mark=LabMark.NORMAL)),
        bisphosphonate_contraindicated=True,
        breast_cancer_risk_high=True,
        exclusion_screen_negative=True,
    )

    options = [option.code for option in decide(record, load("hvrt"), TODAY).treatment.options]
    assert options == ["denosumab", "raloxifene"]  # C-28: fractures present -> denosumab first
