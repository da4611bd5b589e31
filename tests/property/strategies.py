"""Patients of all kinds: every fact known, unknown or bad, on the limits and beside them.

Numbers come from short lists around the limits of the rules, because that is where a mistake would be.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from hypothesis import strategies as st

from adapter.clinical.model import (
    Adherence,
    Allergy,
    Analyte,
    BoneDensity,
    BoneRecord,
    Certainty,
    Condition,
    ConditionKind,
    Fracture,
    FractureSite,
    Frax,
    GramsPerCm2,
    Lab,
    LabMark,
    Lifestyle,
    Listing,
    LowBoneSign,
    Medicine,
    MedicineKind,
    MedicineStatus,
    Menopause,
    Percent,
    Procedure,
    Reason,
    Rejected,
    Relative,
    Sex,
    Side,
    Site,
    StandardDeviations,
    Standing,
    Symptom,
    TScore,
    VertebralFracture,
    Vfa,
)

T = TypeVar("T")
BOTH = (False, True)
TODAY = date(2026, 11, 20)
SCAN = date(2026, 11, 10)
DECISIVE = (Site.LUMBAR_SPINE, Site.FEMORAL_NECK, Site.TOTAL_HIP)
BONE_DRUGS = (
    MedicineKind.ALENDRONATE,
    MedicineKind.RISEDRONATE,
    MedicineKind.IBANDRONATE,
    MedicineKind.ZOLEDRONATE,
    MedicineKind.RALOXIFENE,
    MedicineKind.DENOSUMAB,
    MedicineKind.TERIPARATIDE,
    MedicineKind.ROMOSOZUMAB,
    MedicineKind.OTHER_BONE_DRUG,
)


def decimals(*texts: str) -> list[Decimal]:
    """The decimals written out."""
    return [Decimal(text) for text in texts]


def numbers(*texts: str) -> st.SearchStrategy[Decimal]:
    """One of the decimals written out."""
    return st.sampled_from(decimals(*texts))


# Making up a patient takes longer than deciding about one; so where the values are listed, whether one of
# them is known and which is a single choice.


def perhaps(known: st.SearchStrategy[T] | Iterable[T]) -> st.SearchStrategy[T | None]:
    """Known or unknown."""
    if isinstance(known, st.SearchStrategy):
        return st.none() | known
    values = tuple(known)
    return st.sampled_from((*[None] * len(values), *values))


def seldom(known: st.SearchStrategy[T] | Iterable[T]) -> st.SearchStrategy[T | None]:
    """Unknown in most patients."""
    if isinstance(known, st.SearchStrategy):
        return st.sampled_from((False, False, False, True)).flatmap(lambda here: known if here else st.none())
    values = tuple(known)
    return st.sampled_from((*[None] * 3 * len(values), *values))


def days(first: date = date(2005, 1, 1), last: date = TODAY) -> st.SearchStrategy[date]:
    """A day of the last decades; the days around the scan are likely."""
    near = st.integers(-40, 20).map(lambda n: min(SCAN + timedelta(n), last))
    return near | st.dates(first, last)


T_VALUES = numbers(
    "-4.2", "-2.9", "-2.6", "-2.51", "-2.5", "-2.49", "-2.45", "-2.0", "-1.6", "-1.1", "-1.04", "-1.0", "-0.96",
    "-0.9", "-0.3", "0.4", "1.0", "1.9", "2.0", "2.7",
)  # fmt: skip
t_scores = st.builds(
    TScore,
    site=st.sampled_from((*DECISIVE, *DECISIVE, *Site)),
    value=T_VALUES.map(StandardDeviations),
    on=st.sampled_from((SCAN, SCAN, SCAN, date(2021, 3, 2), date(2026, 11, 18))),
    side=perhaps(Side),
    standing=st.sampled_from((*[Standing.VALID] * 6, *Standing)),
    level=seldom(("L1", "L2", "L3", "T12")),
    site_assumed=st.sampled_from((False, False, False, True)),
    evidence=st.sampled_from([f"Observation/t{n}" for n in range(9)]),
)
rejected = st.builds(
    Rejected,
    reason=st.sampled_from(Reason),
    concerns=st.sampled_from(("t_score", "t_score", "condition", "medicine")),
    evidence=st.sampled_from([f"Observation/r{n}" for n in range(5)]),
    site=perhaps(DECISIVE),
    on=perhaps((SCAN, date(2021, 3, 2))),
)
fractures = st.builds(
    Fracture,
    site=st.sampled_from((FractureSite.HIP, FractureSite.VERTEBRA, FractureSite.WRIST, *FractureSite)),
    on=perhaps(days()),
    low_energy=st.sampled_from((True, True, False, None)),
    evidence=st.sampled_from([f"Condition/f{n}" for n in range(5)]),
)
conditions = st.builds(
    Condition,
    kind=st.sampled_from(ConditionKind),
    certainty=st.sampled_from((Certainty.CONFIRMED, *Certainty)),
    active=st.sampled_from((True, True, False)),
    evidence=st.sampled_from([f"Condition/c{n}" for n in range(5)]),
)


def medicines(kinds: Sequence[MedicineKind] = tuple(MedicineKind)) -> st.SearchStrategy[Medicine]:
    """A medicine of one of the kinds."""
    return st.builds(
        Medicine,
        kinds=st.sets(st.sampled_from(kinds), min_size=1, max_size=2).map(frozenset),
        active=st.sampled_from((True, True, False)),
        start=perhaps(days()),
        last_dose=perhaps(days()),
        oral=perhaps(BOTH),
        adherence=perhaps(Adherence),
        stopped_for=seldom((ConditionKind.GASTROINTESTINAL_INTOLERANCE,)),
        status=perhaps(MedicineStatus),
        ended=seldom(days()),
        supplied_until=seldom(days(last=date(2027, 6, 1))),
        evidence=st.sampled_from([f"MedicationStatement/m{n}" for n in range(5)]),
    )


def whole(items: Sequence[T]) -> Listing[T]:
    """These and no others, as somebody said on the day of the scan (C-59)."""
    return Listing(tuple(items), complete=True, on=SCAN)


NONE_KNOWN: Listing[Any] = Listing((), complete=True, on=SCAN)


def listings(item: st.SearchStrategy[T], most: int = 3) -> st.SearchStrategy[Listing[T]]:
    """Unknown, known to be empty, or some; a list with items is complete (C-56)."""
    some: st.SearchStrategy[Listing[T]] = st.lists(item, min_size=1, max_size=most).map(whole)
    return st.sampled_from((Listing(), NONE_KNOWN, Listing((), complete=True, on=date(2009, 3, 2)))) | some


LAB_VALUES = {
    Analyte.EGFR: numbers("12", "19", "28", "30", "34", "35", "45", "46", "75"),
    Analyte.CREATININE_CLEARANCE: numbers("20", "29.9", "30", "34.9", "35", "80"),
    Analyte.CREATININE: numbers("60", "88.42", "160"),
}


def labs_of(analyte: Analyte) -> st.SearchStrategy[Lab]:
    """A result of one analyte, perhaps with the laboratory's mark."""
    return st.builds(
        Lab,
        analyte=st.just(analyte),
        value=LAB_VALUES.get(analyte, perhaps(decimals("12", "140"))),
        mark=perhaps(LabMark),
        on=st.sampled_from((SCAN, SCAN, SCAN, date(2021, 3, 2))),
        evidence=st.just(f"Observation/{analyte.value}"),
    )


labs = st.lists(
    st.one_of([labs_of(analyte) for analyte in (Analyte.EGFR, Analyte.CALCIUM, *Analyte)]),
    unique_by=lambda found: found.analyte,
    max_size=4,
).map(tuple)
lifestyles = st.builds(
    Lifestyle,
    smoker=perhaps(BOTH),
    alcohol_glasses_per_day=seldom(decimals("1", "2", "3", "4")),
    coffee_cups_per_day=seldom(decimals("3", "4")),
    dairy_portions_per_day=seldom(decimals("0", "1", "2", "3", "4")),
    calcium_mg_per_day=seldom(decimals("499", "500", "1099", "1100", "1600", "2501")),
    calcium_portions=st.sampled_from(
        ((), (("glass_milk", Decimal(2)), ("slice_cheese", Decimal(1))), (("unheard_of", Decimal(1)),))
    ),
    outdoors_min_per_day=seldom(decimals("29", "30")),
    outdoors_sufficient=perhaps(BOTH),
    skin_dark=perhaps(BOTH),
    veil=seldom(BOTH),
    little_exercise=seldom(BOTH),
    poor_nutrition=seldom(BOTH),
)
vfas = st.builds(
    Vfa,
    fractures=st.lists(
        st.builds(VertebralFracture, grade=st.integers(0, 3), level=perhaps(("L1", "T12"))),
        max_size=2,
    ).map(tuple),
    on=st.sampled_from((SCAN, SCAN, SCAN, date(2010, 3, 2), None)),
    evidence=st.just("Observation/vfa"),
)
fraxes = st.builds(
    Frax,
    mof_pct=perhaps([Percent(it) for it in ("5", "19.9", "20", "31")]),
    hip_pct=perhaps([Percent(it) for it in ("1", "2.9", "3", "9")]),
    evidence=st.just("RiskAssessment/frax"),
)
LOW_FRAX = Frax(Percent(5), Percent(1), evidence="RiskAssessment/frax")
BIRTHS = (
    date(1938, 2, 28), date(1949, 7, 3), date(1956, 11, 10), date(1964, 2, 29), date(1976, 11, 10), date(1984, 5, 5),
)  # fmt: skip
births = st.sampled_from(BIRTHS)

allergies = st.builds(
    Allergy,
    kinds=st.sets(st.sampled_from(BONE_DRUGS), min_size=1, max_size=2).map(frozenset),
    evidence=st.just("AllergyIntolerance/a"),
)
low_bone_signs = st.builds(
    LowBoneSign,
    on=perhaps((SCAN, date(2021, 3, 2))),
    evidence=st.just("DiagnosticReport/low"),
)
densities = st.builds(
    BoneDensity,
    site=st.sampled_from((Site.LUMBAR_SPINE, Site.FEMORAL_NECK, Site.FEMUR_REGION_UNKNOWN)),
    g_cm2=st.decimals("0.4", "1.6", places=3).map(GramsPerCm2),
    on=st.just(SCAN),
    evidence=st.just("Observation/density"),
)
bone_records = st.builds(
    BoneRecord,
    sex=st.sampled_from((Sex.FEMALE, Sex.FEMALE, Sex.MALE, None)),
    birth_date=st.sampled_from((*BIRTHS * 4, *[None] * len(BIRTHS))),
    birth_year_only=st.sampled_from((False, False, False, True)),
    menopause=st.sampled_from((Menopause.POST, Menopause.POST, Menopause.POST, Menopause.PRE, None)),
    age_at_menopause=seldom(decimals("44", "45", "51")),
    t_scores=st.lists(t_scores, max_size=4).map(tuple),
    vfa=perhaps(vfas),
    fractures=listings(fractures),
    conditions=listings(conditions),
    medicines=listings(medicines((*BONE_DRUGS, *MedicineKind))),
    procedures=st.lists(st.sampled_from(Procedure), max_size=1).map(tuple),
    relatives=st.lists(st.sampled_from(Relative), max_size=2).map(tuple),
    labs=labs,
    frax=perhaps(fraxes),
    lifestyle=lifestyles,
    symptoms=st.lists(st.sampled_from(Symptom), max_size=1).map(tuple),
    exclusion_screen_negative=perhaps((True,)),
    bisphosphonate_contraindicated=seldom(BOTH),
    cannot_sit_upright=seldom(BOTH),
    breast_cancer_risk_high=seldom(BOTH),
    high_fracture_risk=seldom(BOTH),
    dental_problem=seldom(BOTH),
    pregnant=seldom(BOTH),
    lactating=seldom(BOTH),
    nursing_home=seldom(BOTH),
    falls_last_12m=perhaps(decimals("0", "1", "2")),
    bmi=seldom(decimals("18.4", "18.5", "24")),
    weight_kg=perhaps(decimals("42", "70")),
    height_loss=seldom(BOTH),
    assessment_requested=seldom(BOTH),
    handover_sent=seldom(days()),
    phone_appointment=seldom((date(2026, 11, 30), date(2026, 12, 31))),
    rejected=st.lists(rejected, max_size=2).map(tuple),
    allergies=st.lists(allergies, max_size=1).map(tuple),
    low_bone_signs=st.lists(low_bone_signs, max_size=1).map(tuple),
    densities=st.lists(densities, max_size=1).map(tuple),
)

# A woman whose scan shows osteoporosis and of whom nothing that matters is unknown: what any one fact then
# changes is not hidden by the others.
whole_records = st.builds(
    BoneRecord,
    sex=st.sampled_from((Sex.FEMALE, Sex.FEMALE, Sex.MALE)),
    birth_date=births,
    menopause=st.just(Menopause.POST),
    t_scores=st.lists(
        st.builds(
            TScore,
            site=st.sampled_from(DECISIVE),
            value=T_VALUES.map(StandardDeviations),
            on=st.just(SCAN),
            evidence=st.sampled_from([f"Observation/t{n}" for n in range(3)]),
        ),
        min_size=1,
        max_size=2,
        unique_by=lambda score: score.site,
    ).map(tuple),
    vfa=st.just(Vfa((), SCAN)),
    fractures=st.sampled_from((NONE_KNOWN,)) | listings(fractures, most=1),
    conditions=st.just(NONE_KNOWN) | st.lists(conditions, min_size=1, max_size=1).map(whole),
    medicines=st.just(NONE_KNOWN) | st.lists(medicines(BONE_DRUGS), min_size=1, max_size=1).map(whole),
    labs=st.tuples(
        labs_of(Analyte.EGFR),
        st.sampled_from(LabMark).map(lambda mark: Lab(Analyte.CALCIUM, mark=mark, on=SCAN)),
    ),
    frax=st.sampled_from((None, LOW_FRAX)) | fraxes,
    exclusion_screen_negative=st.just(True),
    bisphosphonate_contraindicated=seldom((True,)),
    high_fracture_risk=seldom((True,)),
    breast_cancer_risk_high=seldom((True,)),
)
# The same patient some years into a drug, with a fracture that may be a failure of it.
treated_records = st.builds(
    replace,
    whole_records,
    medicines=st.builds(
        Medicine,
        kinds=st.sampled_from(BONE_DRUGS).map(lambda kind: frozenset({kind})),
        start=st.sampled_from((date(2024, 3, 1), date(2025, 10, 20), date(2025, 10, 21), None)),
        last_dose=perhaps((date(2026, 5, 19), date(2026, 5, 20))),
        adherence=st.sampled_from((Adherence.GOOD, Adherence.GOOD, Adherence.POOR, None)),
    ).map(lambda taken: whole([taken])),
    fractures=st.builds(
        Fracture,
        site=st.sampled_from((FractureSite.VERTEBRA, FractureSite.WRIST, FractureSite.FINGER)),
        on=st.just(date(2026, 10, 20)),
        low_energy=st.sampled_from((True, True, False, None)),
    ).map(lambda broken: whole([broken])),
    symptoms=st.lists(st.sampled_from(Symptom), max_size=1).map(tuple),
)
patients = bone_records | whole_records | treated_records
