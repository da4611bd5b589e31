"""Facts and decisions with sensible defaults: a test names only what it is about."""

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
    Menopause,
    Reason,
    Rejected,
    Sex,
    Side,
    Site,
    StandardDeviations,
    TScore,
)

STUDY_DAY = date(2026, 11, 10)
TODAY = date(2026, 11, 20)
SPINE = "Observation/spine/_history/1"
NECK = "Observation/neck/_history/2"


def a_why(*rules: str, evidence: tuple[str, ...] = ()) -> Why:
    """Rules behind an output."""
    return Why(rules or ("C-01",), evidence)


def a_t_score(value: str = "-2.7", site: Site = Site.LUMBAR_SPINE, **changes: Any) -> TScore:
    """A spine T-score in the osteoporosis range."""
    return replace(TScore(site, StandardDeviations(value), STUDY_DAY, evidence=SPINE), **changes)


def a_bone_record(**changes: Any) -> BoneRecord:
    """A woman of 70 after the menopause with one study of spine and hip."""
    defaults: dict[str, Any] = {
        "sex": Sex.FEMALE,
        "birth_date": date(1956, 3, 1),
        "menopause": Menopause.POST,
        "t_scores": (a_t_score(), a_t_score("-1.9", Site.FEMORAL_NECK, side=Side.LEFT, evidence=NECK)),
    }
    return BoneRecord(**defaults | changes)


def a_rejected(reason: Reason = Reason.NON_NUMERIC, **changes: Any) -> Rejected:
    """A T-score that could not be read."""
    defaults: dict[str, Any] = {
        "reason": reason,
        "concerns": "t_score",
        "evidence": "Observation/text/_history/1",
        "site": Site.LUMBAR_SPINE,
        "on": STUDY_DAY,
    }
    return Rejected(**defaults | changes)


def a_classification(category: Category = Category.OSTEOPOROSIS, **changes: Any) -> Classification:
    """Osteoporosis, decided by the spine; without a deciding score when there is no class."""
    classed = category in (Category.NORMAL, Category.OSTEOPENIA, Category.OSTEOPOROSIS)
    study = a_bone_record().t_scores if classed else ()
    defaults: dict[str, Any] = {
        "category": category,
        "why": a_why("C-07", evidence=(SPINE, NECK) if classed else ()),
        "deciding": study[0] if classed else None,
        "study": study,
    }
    return Classification(**defaults | changes)


def a_diagnosis(status: DiagnosisStatus = DiagnosisStatus.PROVISIONAL, **changes: Any) -> Diagnosis:
    """Provisional, by T-score."""
    routes = (Route.DXA_T_SCORE,) if status is DiagnosisStatus.PROVISIONAL else ()
    return replace(Diagnosis(status, a_why("C-11"), routes), **changes)


def an_option(code: str = "oral_bisphosphonate", **changes: Any) -> Option:
    """A firm option of a weekly tablet."""
    return replace(Option(code, ("alendronate",), a_why("HVRT-43")), **changes)


def a_treatment(decision: TreatmentDecision = TreatmentDecision.PROPOSE, **changes: Any) -> Treatment:
    """A proposal with one option."""
    options = (an_option(),) if decision is TreatmentDecision.PROPOSE else ()
    return replace(Treatment(decision, "ANT-12", a_why("C-57"), options), **changes)


def a_goal(code: str = "calcium_mg_per_day", unit: str = "mg/d", **changes: Any) -> Goal:
    """At least 1000 mg of calcium a day."""
    return replace(Goal(code, unit, a_why("ETZ-23"), low=Decimal(1000)), **changes)


def an_activity(code: str = "lifestyle_advice", **changes: Any) -> Activity:
    """Lifestyle advice."""
    return replace(Activity(code, a_why("ETZ-20")), **changes)


def a_follow_up(code: str = "phone_control_3m", **changes: Any) -> FollowUp:
    """A phone control on a known day."""
    return replace(FollowUp(code, a_why("ANT-29"), due=date(2027, 3, 1)), **changes)


def a_flag(code: str = "renal_function_missing", **changes: Any) -> Flag:
    """Renal function is not known."""
    return replace(Flag(code, a_why("C-29")), **changes)


def a_not_offered(code: str = "raloxifene", **changes: Any) -> NotOffered:
    """Raloxifene, which a guard took away."""
    return replace(NotOffered(code, "male", a_why("C-28")), **changes)


def a_handover(**changes: Any) -> Handover:
    """To the GP, after release by a clinician."""
    defaults: dict[str, Any] = {
        "recipient": "general_practitioner",
        "send_trigger": "clinician_release",
        "interim_release_offered": False,
        "why": a_why("C-31"),
    }
    return Handover(**defaults | changes)


def a_decision(**changes: Any) -> Decision:
    """Osteoporosis with a proposal, one of everything else."""
    defaults: dict[str, Any] = {
        "pathway": PathwayVersion("antonius", "2026.1", "f" * 64, "Fracture and osteoporosis clinic"),
        "on": TODAY,
        "age": 70,
        "classification": a_classification(),
        "diagnosis": a_diagnosis(),
        "treatment": a_treatment(),
        "handover": a_handover(),
        "goals": (a_goal(),),
        "activities": (an_activity(),),
        "follow_ups": (a_follow_up(),),
        "flags": (a_flag(),),
        "unknown": ("renal_function",),
    }
    return Decision(**defaults | changes)
