"""What is taken, since when, and complaints on it."""

import pytest

from adapter.clinical.model import (
    Adherence,
    BoneRecord,
    ConditionKind,
    Medicine,
    MedicineKind,
    MedicineStatus,
    Procedure,
    Site,
    Symptom,
)
from tests.unit.clinical.questions import NOBODY, NONE_KNOWN, ask, cites, days, drug, of_medicines, score

NECK, SPINE, HEEL = Site.FEMORAL_NECK, Site.LUMBAR_SPINE, Site.CALCANEUS

ORAL = {MedicineKind.ALENDRONATE, MedicineKind.RISEDRONATE, MedicineKind.IBANDRONATE}
BONE = ORAL | {
    MedicineKind.ZOLEDRONATE,
    MedicineKind.RALOXIFENE,
    MedicineKind.DENOSUMAB,
    MedicineKind.TERIPARATIDE,
    MedicineKind.ROMOSOZUMAB,
    MedicineKind.OTHER_BONE_DRUG,
}


@pytest.mark.parametrize("kind", MedicineKind)
def test_what_a_medicine_is_taken_for(kind: MedicineKind) -> None:
    record = of_medicines(drug(kind))
    answers = {
        "bone_drug_active": kind in BONE,
        "oral_bisphosphonate_active": kind in ORAL,
        "bisphosphonate_active": kind in ORAL | {MedicineKind.ZOLEDRONATE},
        f"taking_{kind}": True,
    }
    for name, expected in answers.items():
        assert ask(name, record) is expected
        assert cites(name, record) == (("M/1",) if expected else ())
        assert ask(name, of_medicines(drug(kind, active=False))) is False
        assert ask(name, NOBODY) is None
    assert ask("active_bone_drugs", record) == ((kind.value,) if kind in BONE else ())
    assert cites("active_bone_drugs", record) == (("M/1",) if kind in BONE else ())


def test_medicines_are_known_where_the_list_is_whole_even_if_it_is_empty() -> None:
    assert ask("medicines_known", BoneRecord(medicines=NONE_KNOWN)) is True
    assert ask("medicines_known", NOBODY) is False
    assert cites("medicines_known", of_medicines(drug(MedicineKind.CALCIUM))) == ("M/1",)


def test_the_earliest_start_of_the_active_drugs() -> None:
    record = of_medicines(
        drug(MedicineKind.DENOSUMAB, start=days("2024-01-01")),
        drug(MedicineKind.ALENDRONATE, start=days("2022-01-01"), evidence="M/2"),
        drug(MedicineKind.RALOXIFENE, MedicineKind.CALCIUM, evidence="M/3"),
        drug(MedicineKind.ZOLEDRONATE, start=days("2010-01-01"), active=False),
        drug(MedicineKind.CALCIUM, start=days("2011-01-01")),
    )

    assert ask("bone_drug_start", record) == days("2022-01-01")
    assert set(cites("bone_drug_start", record)) == {"M/1", "M/2", "M/3"}
    assert ask("active_bone_drugs", record) == ("alendronate", "denosumab", "raloxifene")
    assert ask("bone_drug_start", of_medicines(drug(MedicineKind.RALOXIFENE))) is None


def test_a_product_of_two_kinds_is_one_medicine() -> None:
    both = of_medicines(drug(MedicineKind.ALENDRONATE, MedicineKind.RISEDRONATE))

    assert cites("bone_drug_active", both) == ("M/1",)
    assert ask("active_bone_drugs", both) == ("alendronate", "risedronate")


@pytest.mark.parametrize(
    ("medicine", "long_term"),
    [
        (drug(MedicineKind.SYSTEMIC_GLUCOCORTICOID, start=days("2026-08-20")), True),
        (drug(MedicineKind.SYSTEMIC_GLUCOCORTICOID, start=days("2026-08-21")), False),
        (drug(MedicineKind.SYSTEMIC_GLUCOCORTICOID, start=days("2025-11-21")), True),
        (drug(MedicineKind.SYSTEMIC_GLUCOCORTICOID, start=days("2025-12-31")), True),
        (drug(MedicineKind.ANTIEPILEPTIC, start=days("2020-01-01")), True),
        (drug(MedicineKind.ANTIEPILEPTIC), True),
        (drug(MedicineKind.ANTIEPILEPTIC, active=False), False),
        (drug(MedicineKind.ANTIHORMONAL, start=days("2020-01-01")), False),
    ],
)
def test_a_medicine_that_harms_bone_for_three_months(medicine: Medicine, long_term: bool) -> None:
    assert ask("long_term_bone_harming_drug", of_medicines(medicine)) is long_term
    assert cites("long_term_bone_harming_drug", of_medicines(medicine)) == (("M/1",) if long_term else ())


def test_three_months_count_today_and_not_at_the_scan() -> None:
    record = of_medicines(
        drug(MedicineKind.ANTIEPILEPTIC, start=days("2026-08-15")), t_scores=(score(NECK, "-1"),)
    )

    assert ask("long_term_bone_harming_drug", record) is True
    assert ask("long_term_bone_harming_drug", record, longterm_months=4) is False
    assert ask("long_term_bone_harming_drug", NOBODY) is None


@pytest.mark.parametrize(
    ("on", "long_term"), [("2026-02-28", False), ("2026-03-01", True), ("2027-01-15", True)]
)
def test_three_months_are_three_months_across_a_new_year_too(on: str, long_term: bool) -> None:
    record = of_medicines(drug(MedicineKind.ANTIEPILEPTIC, start=days("2025-12-01")))

    assert ask("long_term_bone_harming_drug", record, days(on)) is long_term


@pytest.mark.parametrize("kind", [*sorted(ORAL), MedicineKind.ZOLEDRONATE])
def test_the_tablet_was_given_up_or_not_taken(kind: MedicineKind) -> None:
    stomach = of_medicines(drug(kind, active=False, stopped_for=ConditionKind.GASTROINTESTINAL_INTOLERANCE))
    poor = of_medicines(drug(kind, adherence=Adherence.POOR))

    assert ask("stopped_for_stomach", stomach) is (kind in ORAL)
    assert cites("stopped_for_stomach", stomach) == (("M/1",) if kind in ORAL else ())
    assert ask("stopped_for_stomach", poor) is False
    assert ask("poor_adherence", poor) is (kind in ORAL)
    assert cites("poor_adherence", poor) == (("M/1",) if kind in ORAL else ())
    assert ask("poor_adherence", stomach) is False


def test_another_reason_or_good_adherence_is_neither() -> None:
    record = of_medicines(
        drug(MedicineKind.ALENDRONATE, stopped_for=ConditionKind.OTHER, adherence=Adherence.GOOD)
    )

    assert ask("stopped_for_stomach", record) is False
    assert ask("poor_adherence", record) is False


@pytest.mark.parametrize(
    ("procedure", "stomach", "hip"),
    [
        (Procedure.GASTRIC_SURGERY, True, None),
        (Procedure.HIP_REPLACEMENT, None, True),
        (Procedure.HIP_REPLACEMENT_LEFT, None, True),
        (Procedure.HIP_REPLACEMENT_RIGHT, None, True),
    ],
)
def test_an_operation_that_is_not_recorded_is_unknown(
    procedure: Procedure, stomach: bool | None, hip: bool | None
) -> None:
    record = BoneRecord(procedures=(procedure,))

    assert ask("gastric_surgery", record) is stomach
    assert ask("hip_replacement", record) is hip


@pytest.mark.parametrize(
    ("symptom", "thigh_or_jaw", "chest"),
    [
        (Symptom.THIGH_OR_GROIN_PAIN, True, False),
        (Symptom.JAW_SORE_NOT_HEALING, True, False),
        (Symptom.RETROSTERNAL_PAIN, False, True),
    ],
)
def test_a_complaint_counts_where_its_drug_causes_it(
    symptom: Symptom, thigh_or_jaw: bool, chest: bool
) -> None:
    record = BoneRecord(symptoms=(symptom,))

    assert ask("thigh_or_jaw_symptom", record) is thigh_or_jaw
    assert ask("retrosternal_pain", record) is chest


GLUCOCORTICOID = MedicineKind.SYSTEMIC_GLUCOCORTICOID
ORDER, PACK = MedicineStatus.ENDED, MedicineStatus.DISPENSED


@pytest.mark.parametrize(
    ("earlier", "long_term"),
    [
        ([("2026-07-09", None), ("2026-04-10", None)], True),  # renewed: begun in April
        ([("2026-04-10", None)], False),  # nobody says that it lasted until October
        ([("2026-01-10", "2026-08-01")], True),
        ([("2023-07-09", "2023-07-16")], False),
        ([(None, "2026-09-30")], True),  # begun on a day that nobody recorded, and never long away
        ([(None, "2023-09-30")], False),
        ([(None, None)], True),
    ],
)
def test_tablets_go_on_from_one_order_to_the_next(
    earlier: list[tuple[str | None, str | None]], long_term: bool
) -> None:
    renewed = [
        drug(
            GLUCOCORTICOID,
            start=days(start) if start else None,
            ended=days(end) if end else None,
            active=False,
            status=ORDER,
            evidence=f"M/{place}",
        )
        for place, (start, end) in enumerate(earlier, start=2)
    ]
    now = drug(GLUCOCORTICOID, start=days("2026-10-08"))

    assert ask("glucocorticoid_counts", of_medicines(now, *renewed), days("2026-11-20")) is long_term


@pytest.mark.parametrize(
    ("status", "given", "works"),
    [
        (MedicineStatus.GIVEN, "2026-10-05", True),
        (MedicineStatus.GIVEN, "2026-05-20", True),
        (MedicineStatus.GIVEN, "2026-05-19", False),
        (PACK, "2026-10-05", True),  # a pack that does not say for how long it lasts
        (PACK, "2026-05-20", False),
        (ORDER, "2026-10-05", False),
    ],
)
def test_an_injection_of_androgen_deprivation_works_for_months(
    status: MedicineStatus, given: str, works: bool
) -> None:
    depot = drug(MedicineKind.ANTIHORMONAL, start=days(given), active=False, status=status)

    assert ask("antihormonal_active", of_medicines(depot), days("2026-11-20")) is works
