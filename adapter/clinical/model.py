"""The facts a decision is made from: frozen, typed, and free of FHIR codes.

Three conventions hold everywhere in this file.

* ``None`` means *unknown*, which is not false, not zero and not "none".
* A ``Listing`` says apart from its items whether it is complete, because an empty search result and a list
  that somebody declared empty look alike on the wire and mean opposite things (C-56).
* ``evidence`` is an opaque versioned reference such as ``Observation/17/_history/2``: the core never reads
  it, it only hands it on, so that every output can name what it was made from.
"""

from collections.abc import Iterable
from dataclasses import field
from datetime import date
from decimal import Decimal
from typing import Generic, TypeVar

from adapter.clinical.kinds import (
    Adherence,
    Analyte,
    Certainty,
    ConditionKind,
    FractureSite,
    InputKind,
    LabMark,
    MedicineKind,
    MedicineStatus,
    Menopause,
    Procedure,
    Reason,
    Relative,
    Sex,
    Side,
    Site,
    Standing,
    Symptom,
)  # fmt: skip
from adapter.clinical.quantities import (
    BoneDensity,
    FiniteNumbers,
    Frax,
    GramsPerCm2,
    Lab,
    Percent,
    StandardDeviations,
    TScore,
)  # fmt: skip
from adapter.read_only import read_only

T = TypeVar("T")

__all__ = [
    "Adherence", "Allergy", "Analyte", "BoneDensity", "BoneRecord", "Certainty", "Condition", "ConditionKind",
    "Fracture", "FractureSite", "Frax", "GramsPerCm2", "Lab", "LabMark", "Lifestyle", "Listing", "LowBoneSign",
    "Medicine", "MedicineKind", "MedicineStatus", "Menopause", "Percent", "Procedure", "Reason", "Rejected",
    "Relative", "Sex", "Side", "Site", "StandardDeviations", "Standing", "Symptom", "TScore", "VertebralFracture",
    "Vfa",
]  # fmt: skip


@read_only
class Listing(Generic[T]):
    """Items plus whether the list is complete; an incomplete list can show presence but never absence (C-56).

    ``on`` is the day of what says that it is complete (C-59); its items may be older.
    """

    items: tuple[T, ...] = ()
    complete: bool = False
    on: date | None = None

    @classmethod
    def of(cls, items: Iterable[T], *, complete: bool | None = None) -> "Listing[T]":
        """A list that is complete when it has items, unless said otherwise (C-56)."""
        held = tuple(items)
        return cls(held, bool(held) if complete is None else complete)


@read_only
class LowBoneSign:
    """A report, an interpretation or a density that calls the bone low, whatever its T-scores say (H01)."""

    on: date | None = None
    evidence: str = ""
    osteoporosis: bool = False  # it says so, and not only that the bone is low


@read_only
class Rejected:
    """An unused input, and why; ``concerns``: what it would have been, ``about``: which value or answer."""

    reason: Reason
    concerns: InputKind
    evidence: str = ""
    site: Site | None = None
    side: Side | None = None
    on: date | None = None
    about: str = ""


@read_only
class VertebralFracture:
    """A vertebra graded on VFA: Genant 0 (intact), 1 (mild) to 3 (severe)."""

    grade: int
    level: str | None = None

    def __post_init__(self) -> None:
        """A grade outside the scale counts nowhere, and a fracture that counts nowhere would reassure."""
        if self.grade not in range(4):
            raise ValueError("Genant grades a vertebra 0 to 3")


@read_only
class Vfa:
    """A vertebral fracture assessment that was performed."""

    fractures: tuple[VertebralFracture, ...] = ()
    on: date | None = None
    evidence: str = ""


@read_only
class Fracture:
    """A broken bone with, where known, its date and whether little force broke it."""

    site: FractureSite
    on: date | None = None
    low_energy: bool | None = None
    level: str | None = None
    evidence: str = ""


@read_only
class Condition:
    """A problem, diagnosis or finding; ``active`` is false once it is resolved or in remission."""

    kind: ConditionKind
    certainty: Certainty = Certainty.CONFIRMED
    active: bool = True
    onset: date | None = None
    evidence: str = ""


@read_only
class Medicine(FiniteNumbers):
    """One entry about a medicine: a course, a dose, a dispense, or an order not to give it."""

    kinds: frozenset[MedicineKind]
    active: bool = True  # what the entry itself says of today; without a ``status`` it is all that is known
    start: date | None = None
    last_dose: date | None = None
    oral: bool | None = None
    adherence: Adherence | None = None
    stopped_for: ConditionKind | None = None
    evidence: str = ""
    status: MedicineStatus | None = None
    ended: date | None = None
    supplied_until: date | None = None  # the day on which what was dispensed is used up
    text: str = ""  # the product, as recorded
    dose: str = ""  # the dosage, as recorded
    prednisone_mg_per_day: Decimal | None = None  # of a glucocorticoid, as prednisone equivalent


@read_only
class Allergy:
    """An allergy or intolerance to medicines of these kinds that nobody refuted."""

    kinds: frozenset[MedicineKind]
    text: str = ""  # the substance, as recorded
    evidence: str = ""


@read_only
class Lifestyle(FiniteNumbers):
    """Habits as recorded; skin and veil only where recorded for this purpose, never inferred (section 8)."""

    smoker: bool | None = None
    alcohol_glasses_per_day: Decimal | None = None
    coffee_cups_per_day: Decimal | None = None
    dairy_portions_per_day: Decimal | None = None
    calcium_mg_per_day: Decimal | None = None
    calcium_portions: tuple[tuple[str, Decimal], ...] = ()
    outdoors_min_per_day: Decimal | None = None
    outdoors_sufficient: bool | None = None
    skin_dark: bool | None = None
    veil: bool | None = None
    little_exercise: bool | None = None
    poor_nutrition: bool | None = None
    passive_smoke: bool | None = None
    dairy_free: bool | None = None


@read_only
class BoneRecord(FiniteNumbers):
    """Everything known about one patient's bones at the moment of deciding."""

    sex: Sex | None = None
    birth_date: date | None = None
    birth_year_only: bool = False
    menopause: Menopause | None = None
    age_at_menopause: Decimal | None = None
    t_scores: tuple[TScore, ...] = ()
    vfa: Vfa | None = None
    fractures: Listing[Fracture] = field(default_factory=Listing)
    conditions: Listing[Condition] = field(default_factory=Listing)
    medicines: Listing[Medicine] = field(default_factory=Listing)
    procedures: tuple[Procedure, ...] = ()
    relatives: tuple[Relative, ...] = ()
    labs: tuple[Lab, ...] = ()
    frax: Frax | None = None
    lifestyle: Lifestyle = field(default_factory=Lifestyle)
    symptoms: tuple[Symptom, ...] = ()
    exclusion_screen_negative: bool | None = None
    bisphosphonate_contraindicated: bool | None = None
    cannot_sit_upright: bool | None = None
    breast_cancer_risk_high: bool | None = None
    high_fracture_risk: bool | None = None
    dental_problem: bool | None = None
    pregnant: bool | None = None
    lactating: bool | None = None
    nursing_home: bool | None = None
    falls_last_12m: Decimal | None = None
    bmi: Decimal | None = None
    weight_kg: Decimal | None = None
    height_loss: bool | None = None
    formula_ml_per_day: Decimal | None = None
    assessment_requested: bool | None = None
    handover_sent: date | None = None
    phone_appointment: date | None = None
    # (fact name, reference) for facts that carry none of their own
    evidence: tuple[tuple[str, str], ...] = ()
    rejected: tuple[Rejected, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    low_bone_signs: tuple[LowBoneSign, ...] = ()
    densities: tuple[BoneDensity, ...] = ()
    days: tuple[tuple[str, date], ...] = ()  # (fact name, day it was recorded), beside ``evidence``

    def __repr__(self) -> str:
        """Says how much is known, never what: a record that reaches a log by accident must not speak."""
        return f"BoneRecord({len(self.t_scores)} T-scores, {len(self.rejected)} inputs refused)"
