"""What came out for a case, the decision and the resources drafted for the server, easy to look up."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from adapter.clinical import Decision
from adapter.input.wire_json import Json, JsonValue, ReadOnlyJson
from mappings.handover.propose import Proposal
from mappings.outbound.ids import OUTPUT, location_of, references
from workers.authoring.cases.expectations.differences import CaseDifference

Bounds = tuple[Decimal | None, Decimal | None]


@dataclass(frozen=True)
class CaseProposal:
    """One proposal: ``drafts`` are the resources that a server would be sent, by ``Type/id``.

    ``sources`` are the locations of what the decision rests on, ``refused`` those that were
    seen and not used, with why.
    """

    decision: Decision
    drafts: Mapping[str, Json]
    language: str = "en"
    sources: frozenset[str] = frozenset()
    refused: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, proposal: Proposal, language: str = "en") -> "CaseProposal":
        """Everything that the proposal would write, and what it says about its inputs."""
        reading = proposal.reading
        refused = (*proposal.decision.rejected, *reading.needs_human)
        return cls(
            proposal.decision,
            {write.location: write.draft.resource for write in proposal.writes},
            language,
            frozenset(map(source_location, reading.sources)),
            {
                source_location(rejected.evidence): rejected.reason.value
                for rejected in refused
                if rejected.evidence
            },
        )

    @cached_property
    def plan(self) -> Json | None:
        """The drafted CarePlan, where the decision warrants one."""
        return next(self.of_type("CarePlan"), None)

    @cached_property
    def letters(self) -> tuple[Json, ...]:
        """The drafted Communications."""
        return tuple(self.of_type("Communication"))

    @cached_property
    def tasks(self) -> tuple[Json, ...]:
        """The drafted Tasks."""
        return tuple(self.of_type("Task"))

    @cached_property
    def named(self) -> frozenset[str]:
        """Each ``Type/id`` that a clinician is told of as seen and not used: as refused, or in a Task."""
        asked = (part for task in self.tasks for part in task.get("input", ()))
        return frozenset(
            {*self.refused, *(source_location(reference) for part in asked for reference in references(part))}
        )

    @cached_property
    def text(self) -> str:
        """What the letters say."""
        payloads = (part for letter in self.letters for part in letter.get("payload", ()))
        return "\n".join(part.get("contentString", "") for part in payloads)

    @cached_property
    def details(self) -> Mapping[str, tuple[Json, ...]]:
        """The planned activities by our code: activities, options and follow-ups alike."""
        found: dict[str, tuple[Json, ...]] = {}
        for activity in (self.plan or {}).get("activity", ()):
            for code in own_codes(activity["detail"]["code"]):
                found[code] = (*found.get(code, ()), activity["detail"])
        return found

    @cached_property
    def goals(self) -> Mapping[str, Bounds]:
        """The contained goals by our code, as lowest and highest."""
        goals = (
            resource
            for resource in (self.plan or {}).get("contained", ())
            if resource["resourceType"] == "Goal"
        )
        targets = [target for goal in goals for target in goal.get("target", ())]
        return {code: _bounds_of(target) for target in targets for code in own_codes(target["measure"])}

    @cached_property
    def notes(self) -> str:
        """The remarks of the plan."""
        return "\n".join(note["text"] for note in (self.plan or {}).get("note", ()))

    def of_type(self, kind: str) -> Iterator[Json]:
        """The drafts of a type."""
        return (draft for draft in self.drafts.values() if draft["resourceType"] == kind)


def task_codes(task: Json) -> Iterator[str]:
    """What a Task of ours is about: its code in whichever of our systems."""
    return (str(coding["code"]) for coding in task["code"]["coding"][:1])


def source_location(reference: str) -> str:
    """Where a reference leads: of a component its Observation, of a contained resource its container."""
    return location_of(reference.partition("#")[0])


def own_codes(concept: ReadOnlyJson) -> Iterator[str]:
    """The codes of our output system in a CodeableConcept."""
    codings: Iterable[Json] = concept.get("coding", ())
    return (coding["code"] for coding in codings if coding.get("system") == OUTPUT)


def _bounds_of(target: ReadOnlyJson) -> Bounds:
    if "detailRange" in target:
        return _decimal_of(target["detailRange"].get("low")), _decimal_of(target["detailRange"].get("high"))
    value = target.get("detailQuantity", {})
    match value.get("comparator"):
        case ">=":
            return _decimal_of(value), None
        case "<=":
            return None, _decimal_of(value)
        case _:
            return _decimal_of(value), _decimal_of(value)


def _decimal_of(quantity: ReadOnlyJson | None) -> Decimal | None:
    return None if not quantity else Decimal(str(quantity["value"]))


Check = Callable[
    [JsonValue, CaseProposal], Iterator[CaseDifference]
]  # one expectation, held against what came out
