"""What a plan says, as pairs of kind and value in an extension of the CarePlan: a correction's *before*.

A released plan is compared through this and not through the ledger, which may be lost, nor through its
sentences, which change with the language and with every release of this program.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from adapter.clinical.decision import Decision
from adapter.clinical.model import BoneRecord, Fracture, Side, Site, StandardDeviations, TScore
from adapter.input.wire_json import Json
from mappings.codes import BASE
from mappings.outbound.content import Fragment
from mappings.outbound.ids import location_of

SUMMARY = f"{BASE}/StructureDefinition/plan-summary"
KEPT = 512  # codes that a plan can say
SINGLE = ("category", "diagnosis", "treatment", "pathway")
SEVERAL = ("option", "excluded", "warning", "activity")


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """One plan; ``scores``, deciding score first, and ``fractures`` with the location of their source.

    One source may hold several scores: the components of a panel, or what a report contains.
    """

    single: dict[str, str] = field(repr=False)
    several: dict[str, tuple[str, ...]] = field(repr=False)
    scores: tuple[tuple[str, TScore], ...] = field(repr=False)
    fractures: dict[str, str] = field(repr=False)  # place -> site|date

    @property
    def deciding(self) -> TScore | None:
        """The score that the class rests on."""
        return next((score for _, score in self.scores), None)


def summary(decision: Decision, record: BoneRecord) -> PlanSummary:
    """What a plan by this decision says."""
    judged = decision.classification
    single = {
        "category": judged.category.value,
        "diagnosis": decision.diagnosis.status.value,
        "treatment": decision.treatment.decision.value,
        "pathway": f"{decision.pathway.id} {decision.pathway.version}",
    }
    gone = (*decision.treatment.not_offered, *decision.not_proposed)
    several = {
        "option": (option.code for option in decision.treatment.options),
        "excluded": (f"{option.code}:{option.reason}" for option in gone),
        "warning": (flag.name for flag in decision.flags if "contraindicat" in flag.code),
        "activity": (activity.code for activity in decision.activities),
    }
    first = (judged.deciding,) if judged.deciding else ()
    scores = dict.fromkeys((location_of(it.evidence), it) for it in (*first, *judged.study))
    broken = {location_of(item.evidence): _fracture(item) for item in record.fractures.items if item.evidence}
    return PlanSummary(
        single, {name: tuple(sorted(set(it))) for name, it in several.items()}, tuple(scores), broken
    )


def as_extension(said: PlanSummary) -> Json:
    """The summary for the plan."""
    return {"url": SUMMARY, "extension": list(_parts(said))}


def summary_of(plan: Json) -> PlanSummary | None:
    """What a plan on the server says; None where somebody took the summary away or broke it."""
    for extension in plan.get("extension") or ():
        if extension.get("url") == SUMMARY:
            held = [(part.get("url"), part.get("valueString")) for part in extension.get("extension") or ()]
            try:
                return _summary_from([(str(kind), str(value)) for kind, value in held])
            except (ValueError, ArithmeticError):
                return None
    return None


def _parts(said: PlanSummary) -> Iterator[Json]:
    for kind, code in said.single.items():
        yield _coded(kind, code)
    for location, score in said.scores:
        told = (location, score.site, score.side or "", str(score.value), score.on.isoformat())
        yield _part("t_score", "|".join(told))
    for location, fracture in sorted(said.fractures.items()):
        yield _part("fracture", f"{location}|{fracture}")
    for kind, codes in said.several.items():
        yield from [_coded(kind, code) for code in codes]


@lru_cache(KEPT)
def _coded(kind: str, code: str) -> Json:
    return Fragment(_part(kind, code))


def _part(kind: str, value: str) -> Json:
    return {"url": kind, "valueString": value}


def _summary_from(pairs: list[tuple[str, str]]) -> PlanSummary:
    single = {kind: value for kind, value in pairs if kind in SINGLE}
    several = {name: tuple(value for kind, value in pairs if kind == name) for name in SEVERAL}
    scores = tuple(_score(value) for kind, value in pairs if kind == "t_score")
    broken = (value.partition("|") for kind, value in pairs if kind == "fracture")
    return PlanSummary(single, several, scores, {location: said for location, _, said in broken})


def _score(text: str) -> tuple[str, TScore]:
    location, site, side, value, on = text.split("|")
    score = TScore(
        Site(site), StandardDeviations(value), date.fromisoformat(on), Side(side) if side else None
    )
    return location, score


def _fracture(broken: Fracture) -> str:
    return f"{broken.site}|{broken.on.isoformat() if broken.on else ''}"
