"""The form of an explanation, as `explain --json` prints it."""

from typing import NotRequired

from typing_extensions import TypedDict, TypeIs


class CitedRule(TypedDict):
    """A rule with its sentence and the places that it cites; of a rule of another file the id alone."""

    id: str
    says: NotRequired[str]
    cite: NotRequired[list[str]]


class ReasonOutput(TypedDict):
    """One output of a decision: what it rests on."""

    output: str
    rules: list[CitedRule]
    evidence: list[str]


PathwayOutput = TypedDict("PathwayOutput", {"id": str, "version": str, "title": str})  # noqa: UP013 - beside its like


class DecidingScore(TypedDict):
    """The T-score that the class rests on, and the resource that it was read from."""

    site: str
    side: str | None
    t_score: str
    on: str
    site_assumed: bool
    evidence: str


class DiagnosisOutput(TypedDict):
    """A provisional diagnosis, and the routes that lead to it."""

    status: str
    routes: list[str]


class TreatmentOutput(TypedDict):
    """What is proposed about treatment, and the rule that decides it."""

    decision: str
    basis: str


class UnusedInput(TypedDict):
    """An input that was read and not used."""

    reason: str
    concerns: str
    evidence: str


class WriteOutput(TypedDict):
    """A resource, and what a review would do with it now."""

    action: str
    resource: str


class ReleasedOutput(TypedDict):
    """A letter that a clinician released and that stands on the server."""

    letter: str
    on: str
    by: str
    taken_out: list[str]
    text: str


ExplanationOutput = TypedDict(
    "ExplanationOutput",
    {
        "patient": str, "outcome": str, "pathway": PathwayOutput, "on": str, "age": int | None,
        "class": str, "deciding": DecidingScore | None, "diagnosis": DiagnosisOutput, "treatment": TreatmentOutput,
        "reasons": list[ReasonOutput], "not_proposed": list[ReasonOutput], "unknown": list[str],
        "rejected": list[UnusedInput], "writes": list[WriteOutput], "letters": list[str],
        "released": list[ReleasedOutput],
    },
)  # fmt: skip


class NobodyFollowed(TypedDict):
    """A record for which nobody makes a plan (deceased, merged, inactive, test data): no class, no option."""

    patient: str
    outcome: str
    on: str
    writes: list[WriteOutput]
    letters: list[str]


Explanation = ExplanationOutput | NobodyFollowed


def has_plan(explanation: Explanation) -> TypeIs[ExplanationOutput]:
    """Whether somebody plans for this record; else it has no class, no option and no reason."""
    return "class" in explanation
