"""The question to a clinician, and what the answer means.

A Task is the question, because every FHIR client can complete one. Only these answers count:

| the Task                                             | means                                             |
| ---------------------------------------------------- | ------------------------------------------------- |
| completed, naming a clinician in ``owner``/``output`` | released by that clinician                        |
| completed, naming nobody (or no person)              | nothing; the question is put again and says so    |
| rejected, ``keep_plan`` in statusReason or output    | not sent; the plan stays a proposal               |
| rejected otherwise                                   | not sent; the plan is revoked                     |
| anything else                                        | nothing                                           |

An answer counts for what was shown when it was given: the Task carries a digest of plan and letter, and an answer
about another content is an answer about something else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from adapter.clinical.decision import Decision
from mappings.lifecycle.release.release_codes import code_in, concept, words
from mappings.lifecycle.release.signature import Clinician, Release
from mappings.outbound.draft import Draft, Json
from mappings.outbound.fingerprint import seal
from mappings.outbound.ids import resource_id
from mappings.outbound.server.server_view import ServerView

LETTER, INTERIM, RETRACTION = "release_letter", "release_interim_letter", "release_retraction"
CONTENT, UNNAMED, EDITED = "released_content", "answered_without_name", "edited_by_hand"
PERSONS = ("Practitioner", "PractitionerRole")


class ReleaseVerdict(Enum):
    """What a clinician said."""

    WAITING = auto()
    RELEASED = auto()
    KEPT = auto()
    REJECTED = auto()


@dataclass(frozen=True, slots=True)
class ReleaseAnswer:
    """``unnamed`` are the Tasks that somebody completed about this content without a name."""

    verdict: ReleaseVerdict
    release: Release | None = None
    task: str | None = None  # Type/id of the Task that was answered
    unnamed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReleaseQuestion:
    """One release: of what, under which key, and who may answer in which order of Tasks."""

    reason: str
    key: str  # of the generation
    content: str  # digest of what would be released
    template: Draft = field(repr=False)  # a Task with everything that is common to all Tasks of this plan
    due: str | None = None
    priority: str | None = None

    @property
    def task_key(self) -> str:
        """The business key of the first Task that asks."""
        return f"{self.key}|task|{self.reason}"

    def draft(self, answer: ReleaseAnswer, language: str, also: Sequence[Json] = ()) -> Draft:
        """The Task as it has to stand; a Task answered without a name is told about in the next one."""
        unnamed = [
            {"type": concept(UNNAMED, language), "valueReference": {"reference": it}} for it in answer.unnamed
        ]
        content = {"type": concept(CONTENT, language), "valueString": self.content}
        asked = {
            **{name: it for name, it in self.template.resource.items() if name != "input"},
            "id": "",
            "code": concept(self.reason, language),
            "description": words(self.reason, language),
            "input": [content, *unnamed, *also],
        }
        if self.priority:
            asked["priority"] = self.priority
        if self.due:
            asked["restriction"] = {"period": {"end": self.due}}
        return seal(asked, self.task_key)


def answer(
    question: ReleaseQuestion, server: ServerView, clinicians: Mapping[str, Clinician]
) -> ReleaseAnswer:
    """What was said to this question; ``clinicians`` are the people whom answered Tasks name, by place of the Task."""
    unnamed: list[str] = []
    for place in attempts(question.task_key, server):
        task = server.existing[place]
        if content_of(task) != question.content:
            continue
        match task.get("status"):
            case "completed" if place in clinicians:
                release = Release(clinicians[place], answered_at(task))
                return ReleaseAnswer(ReleaseVerdict.RELEASED, release, place, tuple(unnamed))
            case "completed":
                unnamed.append(place)
            case "rejected":
                kept = "keep_plan" in _said(task)
                return ReleaseAnswer(
                    ReleaseVerdict.KEPT if kept else ReleaseVerdict.REJECTED, None, place, tuple(unnamed)
                )
            case _:
                pass
    return ReleaseAnswer(ReleaseVerdict.WAITING, unnamed=tuple(unnamed))


def attempts(task_key: str, server: ServerView) -> Iterator[str]:
    """The Tasks that put one question, in order: a closed Task is never opened again, so there may be several."""
    names = {name: place for place, name in server.aliases().items()}
    number = 1
    while place := names.get(
        f"Task/{resource_id('Task', task_key if number == 1 else f'{task_key}|{number}')}"
    ):
        yield place
        number += 1


def content_of(task: Json) -> str | None:
    """The digest of what a Task asked about."""
    inputs = (it for it in task.get("input") or () if code_in(it.get("type")) == CONTENT)
    return next((it.get("valueString") for it in inputs), None)


def answered_at(task: Json) -> str:
    """When: as the client says, else as the server noted."""
    ended = (task.get("executionPeriod") or {}).get("end")
    return str(ended or task.get("lastModified") or (task.get("meta") or {}).get("lastUpdated") or "")


def named_in(task: Json) -> Iterator[Json]:
    """References that may name the clinician: outputs before the owner, which may still be the institution."""
    outputs = (it.get("valueReference") for it in task.get("output") or ())
    for reference in (*outputs, task.get("owner")):
        if isinstance(reference, dict) and _of_person(reference):
            yield reference


def _of_person(reference: Json) -> bool:
    kind = reference.get("type") or str(reference.get("reference") or "").rstrip("/").split("/")[-2:][0]
    return kind in PERSONS


def _said(task: Json) -> Iterable[str | None]:
    outputs = (it.get("valueCodeableConcept") for it in task.get("output") or ())
    return [code_in(it) for it in (task.get("statusReason"), *outputs)]


def due_of(decision: Decision) -> str | None:
    """The day on which the pathway wants the letter to go, where there is one."""
    days = [it.due for it in decision.follow_ups if it.code == decision.handover.send_trigger and it.due]
    return min(days).isoformat() if days else None
