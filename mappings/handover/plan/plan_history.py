"""The past as the server tells it: the plans about one patient in order, their letters and their stage."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from adapter.input.wire_json import Json
from mappings.handover.release.release_codes import code_in, words
from mappings.handover.release.signature import release_of
from mappings.outbound.ids import location_of, resource_id
from mappings.outbound.server.server_view import ServerView
from mappings.texts import LANGUAGES

LIVE = frozenset({"active", "on-hold"})
RETRACTION, INTERIM = "gp_retraction_letter", "gp_interim_letter"
MESSAGE_ID_MARK = "NamingSystem/message-id"
# Of a plan that is not only proposed.
REASONS_TO_REVOKE = frozenset({"patient_merged", "deceased", "basis_withdrawn"})


class PlanStage(Enum):
    """How far the newest plan that counts has come."""

    NONE = auto()
    DRAFT = auto()  # proposed; also withdrawn or rejected before anybody was told
    INTERIM = auto()  # proposed, and a letter has left ahead of it
    QUEUED = auto()  # released; no transport has taken the letter yet
    SENT = auto()  # released; a transport has taken a letter, whether or not the GP has answered
    RETRACTED = auto()  # it was in force, and revoked because its basis or its patient was gone
    CLOSED = auto()  # ended by a human


@dataclass(frozen=True, slots=True)
class PlanHistory:
    """``plans`` by generation; ``current`` is the newest that is in force, else the newest of all."""

    key: str  # of the first generation
    server: ServerView
    plans: Mapping[int, str] = field(default_factory=dict)  # generation -> Type/id on the server
    current: int = 0

    @property
    def plan(self) -> Json | None:
        """The current plan."""
        return self.server.existing[self.plans[self.current]] if self.current else None

    @property
    def stage(self) -> PlanStage:
        """Total over whatever a server can hold."""
        plan = self.plan
        if plan is None:
            return PlanStage.NONE
        letters = [self.server.existing[letter] for letter in self.letters(self.current)]
        kinds = set(map(_kind, letters))
        match plan.get("status"):
            case "active" | "on-hold":
                return PlanStage.SENT if any(taken(letter) for letter in letters) else PlanStage.QUEUED
            case "draft":
                out = any(_kind(letter) == INTERIM and told(letter) for letter in letters)
                return PlanStage.INTERIM if out else PlanStage.DRAFT
            case "revoked" if RETRACTION in kinds:
                return PlanStage.RETRACTED
            case "revoked" if not release_of(plan) and not self.server.edited(self.plans[self.current]):
                return PlanStage.RETRACTED if _had_begun(plan) else PlanStage.DRAFT
            case _:
                return PlanStage.CLOSED

    def letters(self, generation: int) -> Iterator[str]:
        """The places of the Communications about one generation, whatever their kind."""
        at = {self.plans.get(generation), plan_location(self.key, generation)}
        for location, resource in self.server.existing.items():
            if resource["resourceType"] == "Communication":
                based = {
                    location_of(str(reference.get("reference")))
                    for reference in resource.get("basedOn") or ()
                }
                if based & at:
                    yield location

    def told_letters(self, generation: int = 0) -> tuple[str, ...]:
        """Letters about a plan (0: the current one) that the GP has or may have; no retractions."""
        mine = ((letter, self.server.existing[letter]) for letter in self.letters(generation or self.current))
        return tuple(sorted(at for at, it in mine if told(it) and _kind(it) != RETRACTION))

    def told_of_plan(self) -> tuple[str, ...]:
        """Letters about the current plan that have left, those that went ahead of it left aside."""
        return tuple(at for at in self.told_letters() if _kind(self.server.existing[at]) != INTERIM)

    def queued_letters(self, generation: int = 0) -> tuple[str, ...]:
        """Letters about a plan (0: the current one) that are released and that no transport has taken."""
        return tuple(at for at in self.told_letters(generation) if not taken(self.server.existing[at]))

    def retractions(self, generation: int) -> tuple[str, ...]:
        """Withdrawals about one generation that wait for their release."""
        return tuple(at for at in self._prepared(generation) if _kind(self.server.existing[at]) == RETRACTION)

    def prepared_letters(self, generation: int) -> tuple[str, ...]:
        """Letters about one generation that nobody has released, withdrawals left aside."""
        return tuple(at for at in self._prepared(generation) if _kind(self.server.existing[at]) != RETRACTION)

    def _prepared(self, generation: int) -> Iterator[str]:
        return (
            at for at in self.letters(generation) if self.server.existing[at].get("status") == "preparation"
        )


def _had_begun(plan: Json) -> bool:
    """Whether somebody activated it before we revoked it, as its note says; it is never proposed again."""
    said = {note.get("text") for note in plan.get("note") or ()}
    return bool(said & {words(reason, language) for reason in REASONS_TO_REVOKE for language in LANGUAGES})


def _kind(letter: Json) -> str | None:
    return code_in(letter.get("category"))


def history_of(key: str, server: ServerView) -> PlanHistory:
    """The history of the plans that were made under one key."""
    names = {name: location for location, name in server.aliases.items()}
    plans: dict[int, str] = {}
    while (name := plan_location(key, len(plans) + 1)) in names:
        plans[len(plans) + 1] = names[name]
    live = [n for n, location in plans.items() if server.existing[location].get("status") in LIVE]
    return PlanHistory(key, server, plans, max(live or plans, default=0))


def generation_key(key: str, generation: int) -> str:
    """The business key of one generation: the first has the key of the occasion itself."""
    return key if generation == 1 else f"{key}|{generation}"


def plan_location(key: str, generation: int) -> str:
    """``CarePlan/id`` of one generation under our own ids."""
    return f"CarePlan/{resource_id('CarePlan', generation_key(key, generation))}"


def told(letter: Json) -> bool:
    """Whether it has left us."""
    return letter.get("status") in {"in-progress", "completed", "unknown"}


def taken(letter: Json) -> bool:
    """Whether a transport has it: it then carries the id of the message."""
    carried = any(
        str(identifier.get("system", "")).endswith(MESSAGE_ID_MARK)
        for identifier in letter.get("identifier") or ()
    )
    return letter.get("status") in {"completed", "unknown"} or (told(letter) and carried)
