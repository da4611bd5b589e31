"""The summary of the file: scores, fractures, drugs, and what was not used."""

from datetime import date

from adapter.clinical.decision import (
    Category,
    Classification,
    TreatmentDecision,
)
from adapter.clinical.model import (
    Fracture,
    FractureSite,
    Listing,
    Medicine,
    MedicineKind,
    Reason,
    Rejected,
    Site,
    Standing,
    Vfa,
)
from tests.unit.letter.letters_in_words import texts_of, treated, written
from tests.unit.letter.patients import (
    NECK,
    ON,
    SPINE,
    WHY,
    flags,
    score,
)


def test_scores_come_with_site_side_date_and_what_each_is_worth() -> None:
    older = score(Site.TOTAL_HIP, "-1.9", date(2020, 5, 6), standing=Standing.WITHDRAWN)
    assumed = score(Site.FOREARM, "-3.3", date(2021, 5, 6), site_assumed=True)

    it = written(of={"t_scores": (older, assumed, SPINE, NECK)})

    assert texts_of(it, "measurements") == [
        "T-score lumbar spine -2.9 (10 November 2026)",
        "T-score left femoral neck -2.4 (10 November 2026)",
        "T-score forearm -3.3 (6 May 2021, site assumed from the local code)",
        "T-score total hip -1.9 (6 May 2020, withdrawn by the laboratory)",
    ]


def test_where_classes_do_not_apply_the_lowest_value_is_still_told() -> None:
    it = written(classification=Classification(Category.NOT_CLASSIFIABLE, WHY, None, (NECK, SPINE)))

    assert "Lowest value: T-score lumbar spine -2.9" in texts_of(it, "conclusion")[0]


def test_a_vfa_without_fracture_and_no_vfa_are_told_apart() -> None:
    assert texts_of(written(of={"vfa": Vfa((), ON)}), "vfa") == [
        "VFA of 10 November 2026: no vertebral fracture seen"
    ]
    assert texts_of(written(of={"vfa": None}), "vfa") == []


def test_fractures_come_newest_first_with_what_is_known() -> None:
    broken = Listing.of(
        [
            Fracture(FractureSite.RIBS),
            Fracture(FractureSite.HIP, date(2019, 1, 2), False),
            Fracture(FractureSite.VERTEBRA, date(2025, 3, 4), True, "T12"),
        ]
    )

    assert texts_of(written(of={"fractures": broken}), "fractures") == [
        "Vertebral fracture T12, 4 March 2025, low-energy trauma",
        "Hip fracture, 2 January 2019, high-energy trauma",
        "Rib fracture, date not recorded, energy of the trauma not recorded",
    ]


def test_equal_refusals_are_said_once_with_their_number() -> None:
    refused = Rejected(Reason.UNIT_MISMATCH, "t_score", site=Site.TOTAL_HIP, on=ON)

    said = texts_of(written(rejected=(refused, refused, Rejected(Reason.UNCODED, "condition"))), "rejected")

    assert said == [
        "T-score total hip (10 November 2026): not used, wrong unit (2 times)",
        "condition: not used, free text without a code",
    ]


def test_an_unknown_is_not_said_twice() -> None:
    it = written(
        flags=flags("renal_function_missing", "exclusion_not_documented"), unknown=("renal_function",)
    )

    assert texts_of(it, "remarks") == ["it is not recorded whether other causes of bone loss were excluded"]


def test_the_account_names_pathway_version_and_how_many_records_and_the_foot_the_software() -> None:
    it = written()
    said = "; ".join(texts_of(it, "account"))

    assert "version 2026.1" in said
    assert "osteo-handover 0.1.0" in it.footer
    assert "osteo-handover" not in said
    assert "number of source records in the hospital file: 3" in said


def test_the_bone_drugs_in_use_are_named_with_their_dates() -> None:
    drug = Medicine(frozenset({MedicineKind.DENOSUMAB}), start=date(2024, 3, 1), last_dose=date(2026, 3, 25))
    past = Medicine(frozenset({MedicineKind.ALENDRONATE}), active=False)
    other = Medicine(frozenset({MedicineKind.CALCIUM}))

    it = written(of={"medicines": Listing.of([past, drug, other])}, **treated(TreatmentDecision.CONTINUE))

    assert [text for text in texts_of(it, "treatment") if text.startswith("In use")] == [
        "In use: denosumab (since 1 March 2024; last dose 25 March 2026)."
    ]
