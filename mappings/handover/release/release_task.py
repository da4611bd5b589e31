"""The question to a clinician, and what the answer means.

A Task is the question, because every FHIR client can complete one. Only these answers count:

| the Task                                             | means                                             |
| ---------------------------------------------------- | ------------------------------------------------- |
| completed, naming a clinician in ``owner``/``output`` | released by that clinician                        |
| the same, with ``send_interim_letter`` in ``output`` | a letter goes ahead; the question is put again    |
| the same, with options chosen or taken out, or a note | released like that (`choice`)                    |
| the same, with what was not offered, or no option left | nothing; the question is put again and says so  |
| completed, naming nobody (or no person)              | nothing; the question is put again and says so    |
| rejected, ``keep_plan`` in statusReason or output    | not sent; the plan stays a proposal               |
| rejected otherwise                                   | not sent; the plan is revoked                     |
| anything else                                        | nothing                                           |

An answer counts for what was shown when it was given: the Task carries a digest of plan and letter, and an
answer about another content is an answer about something else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from adapter.clinical.decision import Decision, Option
from adapter.input.wire_json import Json
from mappings.handover.release.choice import OFFERED, ChoiceRefusal, ReleaseChoice, offered, said_in
from mappings.handover.release.clarification import matter_inputs
from mappings.handover.release.release_codes import code_in, release_concept, words
from mappings.handover.release.signature import Clinician, Release
from mappings.outbound.designations import OwnCodes, Wording
from mappings.outbound.draft import Draft
from mappings.outbound.fingerprint import seal
from mappings.outbound.ids import resource_id
from mappings.outbound.server.server_view import ServerView

LETTER, CLARIFY, RETRACTION = "release_letter", "clarify_before_release", "release_retraction"
ASKS_RELEASE = frozenset({LETTER, CLARIFY, RETRACTION})
CONTENT, UNNAMED, EDITED = "released_content", "answered_without_name", "edited_by_hand"
INTERIM, INTERIM_OFFERED = "send_interim_letter", "interim_letter_offered"
NOT_CARRIED_OUT = "answered_with_unknown_choice"
INTERIM_SENT, INTERIM_REFUSED = "interim_letter_sent", "interim_letter_not_offered"
PERSONS = ("Practitioner", "PractitionerRole")


class ReleaseVerdict(Enum):
    """What a clinician said."""

    WAITING = auto()
    RELEASED = auto()
    KEPT = auto()
    REJECTED = auto()


@dataclass(frozen=True, slots=True)
class ReleaseAnswer:
    """What clinicians answered.

    ``unnamed`` are the Tasks that somebody completed about this content without a name; ``interim`` lets a
    letter go ahead.
    """

    verdict: ReleaseVerdict
    release: Release | None = None
    task: str | None = None  # Type/id of the Task that was answered
    unnamed: tuple[str, ...] = ()
    interim: Release | None = None
    ahead: tuple[str, ...] = ()  # Type/id of the Tasks that asked for a letter to go ahead
    refused: tuple[str, ...] = ()  # and of those whose choice could not be carried out


@dataclass(frozen=True, slots=True)
class ReleaseQuestion:
    """One release: of what, under which key, and who may answer in which order of Tasks."""

    reason: str
    key: str  # of the generation
    content: str  # digest of what would be released
    template: Draft = field(repr=False)  # a Task with everything that is common to all Tasks of this plan
    due: str | None = None
    priority: str | None = None
    # What has to be clarified about the same decision.
    matters: tuple[Draft, ...] = field(default=(), repr=False)
    interim: bool = False  # whether a letter may go ahead
    options: tuple[Option, ...] = field(default=(), repr=False)  # of which a clinician may choose
    own: OwnCodes = field(default_factory=OwnCodes, repr=False)

    @property
    def task_key(self) -> str:
        """The business key of the first Task that asks."""
        return f"{self.key}|task|{self.reason}"

    def offered(self, language: str) -> dict[str, Json]:
        """What may be named in an answer."""
        return offered(self.options, Wording(language, self.own))

    def chosen(self, task: Json, language: str = "en") -> ReleaseChoice | ChoiceRefusal:
        """What an answered Task makes of the options."""
        said = said_in(task, self.offered(language))
        return said if isinstance(said, ChoiceRefusal) else said.among(self.options)

    def draft(self, answer: ReleaseAnswer, language: str, also: Sequence[Json] = ()) -> Draft:
        """The Task as it has to stand; a Task answered without a name is told about in the next one."""
        told = (
            (UNNAMED, answer.unnamed),
            (NOT_CARRIED_OUT, answer.refused),
            (INTERIM_SENT if self.interim else INTERIM_REFUSED, answer.ahead),
        )
        earlier = [
            {"type": release_concept(code, language), "valueReference": {"reference": task}}
            for code, tasks in told
            for task in tasks
        ]
        ahead = (
            [{"type": release_concept(INTERIM_OFFERED, language), "valueBoolean": True}]
            if self.interim
            else []
        )
        choices = [
            {"type": release_concept(OFFERED, language), "valueCodeableConcept": option}
            for option in self.offered(language).values()
        ]
        content = {"type": release_concept(CONTENT, language), "valueString": self.content}
        reason = CLARIFY if self.matters and self.reason == LETTER else self.reason
        asked = {
            **{name: it for name, it in self.template.resource.items() if name != "input"},
            "id": "",
            "code": release_concept(reason, language),
            "description": words(reason, language),
            "input": [content, *matter_inputs(self.matters, language), *ahead, *earlier, *also, *choices],
        }
        if self.priority:
            asked["priority"] = self.priority
        if self.due:
            asked["restriction"] = {"period": {"end": self.due}}
        return seal(asked, self.task_key)


def answer(
    question: ReleaseQuestion, server: ServerView, clinicians: Mapping[str, Clinician]
) -> ReleaseAnswer:
    """The answer to this question; ``clinicians`` are those whom answered Tasks name, by Task location."""
    unnamed: list[str] = []
    refused: list[str] = []
    ahead: dict[str, Release] = {}
    for location in attempts(question.task_key, server):
        task = server.existing[location]
        if content_of(task) != question.content:
            continue
        match task.get("status"):
            case "completed" if location in clinicians:
                choice = question.chosen(task)
                if isinstance(choice, ChoiceRefusal):
                    refused.append(location)
                    continue
                release = Release(clinicians[location], answered_at(task), location, choice)
                # Never the release of the plan, whether or not it may go ahead.
                if INTERIM in _answer_codes(task):
                    ahead[location] = release
                    continue
                return ReleaseAnswer(ReleaseVerdict.RELEASED, release, location, tuple(unnamed))
            case "completed":
                unnamed.append(location)
            case "rejected":
                kept = "keep_plan" in _answer_codes(task)
                return ReleaseAnswer(
                    ReleaseVerdict.KEPT if kept else ReleaseVerdict.REJECTED, None, location, tuple(unnamed)
                )
            case _:
                pass
    interim = next(iter(ahead.values()), None)
    return ReleaseAnswer(
        ReleaseVerdict.WAITING,
        unnamed=tuple(unnamed),
        interim=interim,
        ahead=tuple(ahead),
        refused=tuple(refused),
    )


def attempts(task_key: str, server: ServerView) -> Iterator[str]:
    """The Tasks that put one question, in order; there may be several, as a closed one stays closed."""
    names = {name: location for location, name in server.aliases.items()}
    number = 1
    while location := names.get(
        f"Task/{resource_id('Task', task_key if number == 1 else f'{task_key}|{number}')}"
    ):
        yield location
        number += 1


def content_of(task: Json) -> str | None:
    """The digest of what a Task asked about."""
    inputs = (input_ for input_ in task.get("input") or () if code_in(input_.get("type")) == CONTENT)
    return next((input_.get("valueString") for input_ in inputs), None)


def answered_at(task: Json) -> str:
    """When the server stored the answer: any other date in it is whatever somebody wrote."""
    stored = (task.get("meta") or {}).get("lastUpdated")
    return str(stored or (task.get("executionPeriod") or {}).get("end") or task.get("lastModified") or "")


def named_in(task: Json) -> Iterator[Json]:
    """References that may name the clinician: outputs, then the owner, who may be the institution."""
    outputs = (output.get("valueReference") for output in task.get("output") or ())
    for reference in (*outputs, task.get("owner")):
        if isinstance(reference, dict) and _of_person(reference):
            yield reference


def _of_person(reference: Json) -> bool:
    kind = reference.get("type") or str(reference.get("reference") or "").rstrip("/").split("/")[-2:][0]
    return kind in PERSONS


def _answer_codes(task: Json) -> Iterable[str | None]:
    outputs = (output.get("valueCodeableConcept") for output in task.get("output") or ())
    return [code_in(output) for output in (task.get("statusReason"), *outputs)]


def due_of(decision: Decision) -> str | None:
    """The day on which the pathway wants the letter to go, where there is one."""
    days = [
        follow_up.due
        for follow_up in decision.follow_ups
        if follow_up.code == decision.handover.send_trigger and follow_up.due
    ]
    return min(days).isoformat() if days else None
