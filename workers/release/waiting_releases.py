"""What waits for a clinician, as a list for people: which patient, which question, by when."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from adapter.input.wire_json import Json
from mappings.codes import PLAN_KEY
from mappings.handover.plan.plan_summary import summary_of
from mappings.handover.release.choice import (
    OFFERED,
)
from mappings.handover.release.clarification import MATTER
from mappings.handover.release.release_codes import RELEASE, code_in
from mappings.handover.release.release_task import ASKS_RELEASE
from mappings.inbound.demographics import patient_context
from mappings.inbound.resources.dates import first_day
from mappings.outbound.ids import location_of
from workers.queue.runtime import Runtime
from workers.review.batches import batches
from workers.review.searches.patient_searches import plan_of

URGENCY = ("stat", "asap", "urgent", "routine")
AT_ONCE = 50  # resources in one search


@dataclass(frozen=True, slots=True)
class WaitingRelease:
    """A question for a clinician, with what they need to choose the next one; ``name`` only on demand."""

    patient: str
    task: str
    asks: str
    clarify: tuple[str, ...]
    category: str | None = field(repr=False)
    deciding: str | None = field(repr=False)  # site, value and day of the score that the class rests on
    urgency: str
    due: str | None
    days: int | None
    options: tuple[str, ...] = field(default=(), repr=False)  # of which they may choose
    words: tuple[str, ...] = ()  # what is asked and what is to be clarified, each with its code
    name: str | None = field(default=None, repr=False)


def waiting_releases(
    runtime: Runtime, patient: str | None = None, *, names: bool = False
) -> list[WaitingRelease]:
    """What waits, the most urgent first, then what is due first, then the oldest."""
    tasks = waiting_tasks(runtime, patient)
    plans = _resources_by_location(runtime, "CarePlan", [_location_of(task.get("focus")) for task in tasks])
    people = (
        _resources_by_location(runtime, "Patient", [_location_of(task.get("for")) for task in tasks])
        if names
        else {}
    )
    today = runtime.now().date()
    rows = [
        _waiting_release(
            task,
            plans.get(_location_of(task.get("focus")), {}),
            people.get(_location_of(task.get("for"))),
            today,
        )
        for task in tasks
    ]
    return sorted(
        rows, key=lambda row: (URGENCY.index(row.urgency), row.due or "9", -(row.days or 0), row.patient)
    )


def _waiting_release(task: Json, plan: Json, person: Json | None, today: date) -> WaitingRelease:
    said = summary_of(plan)
    score = said.deciding if said else None
    since = first_day(task.get("authoredOn"))
    urgency = str(task.get("priority"))
    return WaitingRelease(
        patient=_location_of(task.get("for")).rpartition("/")[2],
        task=f"Task/{task['id']}",
        asks=str(code_in(task.get("code"))),
        clarify=tuple(_input_codes(task, MATTER)),
        category=said.single.get("category") if said else None,
        deciding=f"{score.site} {score.value} ({score.on.isoformat()})" if score else None,
        urgency=urgency if urgency in URGENCY else "routine",
        due=((task.get("restriction") or {}).get("period") or {}).get("end"),
        days=(today - since).days if since else None,
        options=tuple(_input_codes(task, OFFERED)),
        words=tuple(_words_of(task)),
        name=patient_context(person).name if person else None,
    )


def _input_codes(task: Json, kind: str) -> Iterator[str]:
    """The codes of ours, or of the pathway, that a Task holds under one type of input."""
    for given in task.get("input") or ():
        codings = (given.get("valueCodeableConcept") or {}).get("coding") or ()
        if code_in(given.get("type")) == kind:
            yield from (str(coding.get("code")) for coding in codings[: None if kind == MATTER else 1])


def _words_of(task: Json) -> Iterator[str]:
    """The question and each matter, by code and in the words that the code system has."""
    matters = [given for given in task.get("input") or () if code_in(given.get("type")) == MATTER]
    for concept_asked in (
        task.get("code") or {},
        *(matter.get("valueCodeableConcept") or {} for matter in matters),
    ):
        for coding in concept_asked.get("coding") or ():
            yield f"{coding.get('code')}: {coding.get('display') or concept_asked.get('text') or ''}"


def _location_of(reference: object) -> str:
    return location_of(str(reference.get("reference") or "")) if isinstance(reference, dict) else ""


def _resources_by_location(runtime: Runtime, kind: str, wanted: Iterable[str]) -> dict[str, Json]:
    """The resources of one type at these places, some at a time."""
    ids = sorted({location.partition("/")[2] for location in wanted if location.startswith(f"{kind}/")})
    found: dict[str, Json] = {}
    for batch in batches(ids, AT_ONCE):
        for resource in runtime.client.search(kind, [("_id", ",".join(batch))]).matches:
            found[f"{kind}/{resource['id']}"] = resource
    return found


def waiting_tasks(runtime: Runtime, patient: str | None = None) -> list[Json]:
    """The Tasks that wait for a clinician, of one patient or of everybody."""
    codes = ",".join(f"{RELEASE}|{code}" for code in sorted(ASKS_RELEASE))
    asked = [("code", codes), ("status", "requested,received,accepted,in-progress")]
    if patient:
        asked.append(("group-identifier", f"{PLAN_KEY}|{plan_of(patient, runtime.institution)}"))
    found = runtime.client.search("Task", asked).matches
    return [task for task in found if any(i.get("system") == PLAN_KEY for i in task.get("identifier") or ())]
