"""Values of the laboratory with their day, their mark and a unit in every language."""

from datetime import date
from decimal import Decimal

import pytest

from adapter.clinical.model import (
    Analyte,
    Condition,
    ConditionKind,
    Frax,
    Lab,
    LabMark,
    Listing,
    Percent,
)
from mappings.texts import LANGUAGES, load
from tests.unit.letter.drug_letters import lines_of, written
from tests.unit.letter.patients import decision, record


def test_every_value_has_its_day_and_its_mark() -> None:
    of = record(
        labs=(
            Lab(Analyte.CALCIUM, Decimal("2.95"), LabMark.HIGH, date(2026, 10, 30)),
            Lab(Analyte.EGFR, Decimal(75)),
            Lab(Analyte.TSH, mark=LabMark.NORMAL, on=date(2026, 10, 30)),
            Lab(Analyte.PTH, mark=LabMark.HIGH, on=date(2026, 10, 30)),
        ),
        conditions=Listing((Condition(ConditionKind.OTHER),), complete=True, on=date(2026, 9, 1)),
        exclusion_screen_negative=True,
        days=(("exclusion_screen_negative", date(2026, 9, 2)),),
        frax=Frax(Percent(14), Percent("3.1"), on=date(2026, 8, 1)),
    )

    assert lines_of(written(decision(unknown=()), of), "checks") == [
        "eGFR 75 mL/min/1.73 m² (date not recorded)",
        "calcium 2.95 mmol/L (high, 30 October 2026)",
        "PTH high (30 October 2026)",
        "conditions: list of 1 September 2026",
        "other causes of bone loss excluded (2 September 2026)",
        "FRAX, ten years: major osteoporotic fracture 14 %, hip fracture 3.1 % (1 August 2026)",
    ]


def test_a_value_that_settles_nothing_any_more_says_so() -> None:
    of = record(labs=(Lab(Analyte.EGFR, Decimal(64), on=date(2014, 3, 3)),))

    assert lines_of(written(decision(unknown=("renal_function",)), of), "checks") == [
        "eGFR 64 mL/min/1.73 m² (3 March 2014), too old to count"
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("analyte", Analyte)
def test_every_analyte_has_a_unit_in_every_language(analyte: Analyte, language: str) -> None:
    assert load(language).knows("lab_unit", analyte.value)
