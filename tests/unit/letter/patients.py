"""Decisions to write letters about: a plain one, and changes to it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from adapter.clinical.decision import (
    Activity,
    Category,
    Classification,
    Decision,
    Diagnosis,
    DiagnosisStatus,
    Flag,
    FollowUp,
    Goal,
    Handover,
    NotOffered,
    Option,
    PathwayVersion,
    Route,
    Treatment,
    TreatmentDecision,
    Why,
)
from adapter.clinical.model import (
    BoneRecord,
    Fracture,
    FractureSite,
    Listing,
    Reason,
    Rejected,
    Sex,
    Side,
    Site,
    StandardDeviations,
    TScore,
    VertebralFracture,
    Vfa,
)
from adapter.letter import People
from adapter.letter.layout import ACTIVITIES, FOLLOW_UPS, WARNINGS

WHY = Why(("C-11",), ("Observation/17/_history/2",))
ON = date(2026, 11, 10)


def score(site: Site = Site.LUMBAR_SPINE, value: str = "-2.9", on: date = ON, **more: Any) -> TScore:
    """A T-score of the study that decides."""
    return TScore(
        site, StandardDeviations(value), on, **{"evidence": f"Observation/{site}-{on}/_history/1", **more}
    )


SPINE = score()
NECK = score(Site.FEMORAL_NECK, "-2.4", side=Side.LEFT)


def activities(*codes: str) -> tuple[Activity, ...]:
    """Activities without details."""
    return tuple(Activity(code, WHY) for code in codes)


def flags(*names: str) -> tuple[Flag, ...]:
    """Flags; a colon separates the detail."""
    return tuple(Flag(name.split(":")[0], WHY, name.partition(":")[2] or None) for name in names)


def record(**changes: Any) -> BoneRecord:
    """A woman of 70 with a low T-score and a vertebral fracture on VFA."""
    plain = BoneRecord(
        sex=Sex.FEMALE,
        birth_date=date(1956, 3, 4),
        t_scores=(SPINE, NECK),
        vfa=Vfa((VertebralFracture(2, "T11"),), ON, "Observation/vfa/_history/1"),
    )
    return replace(plain, **changes)


def decision(**changes: Any) -> Decision:
    """Osteoporosis with a drug proposal, handed over after a phone control."""
    plain = Decision(
        pathway=PathwayVersion("antonius", "2026.1", "9f86d081884c7d65", "Fracture and osteoporosis clinic"),
        on=ON,
        age=70,
        classification=Classification(Category.OSTEOPOROSIS, WHY, SPINE, (SPINE, NECK)),
        diagnosis=Diagnosis(DiagnosisStatus.PROVISIONAL, WHY, (Route.DXA_T_SCORE,)),
        treatment=Treatment(
            TreatmentDecision.PROPOSE,
            "ANT-12",
            WHY,
            (Option("bisphosphonate", (), WHY, ("renal_function", "conditions", "medications")),),
        ),
        handover=Handover(
            "general_practitioner",
            "phone_control_3m",
            True,
            WHY,
            (
                ("lowest_value_decides", ""),
                ("new_fracture_refer_back", ""),
                ("contact", "088 000 00 00"),
            ),
        ),
        goals=(
            Goal("calcium_mg_per_day", "mg/d", WHY, Decimal(1100)),
            Goal("outdoors_min_per_day", "min/d", WHY, Decimal(30)),
            Goal("alcohol_max_per_day", "{glass}/d", WHY, high=Decimal(1)),
        ),
        activities=activities(
            "lifestyle_advice", "exercise_weight_bearing", "fall_prevention", "home_safety", "medication_proposal",
            "dental_check_first", "lab_request_before_treatment", "exclude_other_causes",
        ),
        follow_ups=(
            FollowUp("phone_appointment_fop", WHY, date(2026, 12, 1)),
            FollowUp("phone_control_3m", WHY, date(2027, 3, 1)),
            FollowUp("gp_letter_after_control", WHY, trigger="phone_control_3m"),
            FollowUp("repeat_dxa", WHY),
        ),
        flags=flags("severe_established_osteoporosis", "renal_function_missing", "exclusion_not_documented"),
        unknown=("conditions", "medications", "renal_function", "exclusion_screen"),
    )  # fmt: skip
    return replace(plain, **changes)


def people(**changes: Any) -> People:
    """Everybody named."""
    plain = People(
        letter_date="2026-11-12",
        patient_name="A. de Vries",
        birth_date="1956-03-04",
        patient_identifier="0012345",
        sex=Sex.FEMALE,
        recipient="Huisartsenpraktijk De Linde",
        organisation="Fracture and osteoporosis clinic, Example Hospital",
        contacts=(("Fracture and osteoporosis clinic", "088 000 00 00"),),
        software_version="0.1.0",
    )
    return replace(plain, **changes)


def crowded() -> tuple[Decision, BoneRecord]:
    """As much as one patient can bring: forty studies, many fractures, everything proposed and doubted."""
    history = tuple(
        score(site, f"-{1 + year % 20 / 10:.1f}", date(1986 + year, 5, 6))
        for year in range(40)
        for site in (Site.LUMBAR_SPINE, Site.FEMORAL_NECK, Site.TOTAL_HIP)
    )
    broken = tuple(Fracture(site, date(2000, 1, 1), True) for site in FractureSite)
    full = record(t_scores=(SPINE, NECK, *history), fractures=Listing.of(broken))
    refused = tuple(
        Rejected(reason, "t_score", site=site, on=ON)
        for reason in Reason
        for site in (Site.TOTAL_HIP, Site.FOREARM)
    )
    return (
        decision(
            activities=activities(*ACTIVITIES),
            follow_ups=tuple(FollowUp(code, WHY) for code in FOLLOW_UPS),
            flags=flags(*WARNINGS[:20], "rf_smoking", "rf_family", "rf_disease:rheumatoid_arthritis"),
            rejected=refused,
            not_proposed=(NotOffered("dxa_request", "pregnancy", WHY),),
        ),
        full,
    )
