"""The few ways in which guides change a plan or a letter, each a pure function of one resource."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from pydantic import BaseModel

from adapter.errors import ConfigurationFault
from adapter.input.wire_json import Json
from mappings.outbound.ids import location_of
from mappings.outbound.labels import label

CARE_TEAM = "care-team"


@dataclass(frozen=True, slots=True)
class GuideContext:
    """What some guides want to know that no decision says.

    ``conditions`` are References to the patient's own, confirmed and active Conditions of low bone
    density, as a clinician recorded them; ``author`` is a Reference to the PractitionerRole under
    which the institution writes.
    """

    conditions: tuple[Json, ...] = ()
    author: Json | None = None


class GuideShape(Protocol):
    """What a guide says about shape."""

    @property
    def id(self) -> str: ...
    @property
    def author(self) -> str: ...
    @property
    def care_team(self) -> bool: ...
    @property
    def goals(self) -> str: ...
    @property
    def addresses(self) -> bool: ...
    @property
    def category(self) -> BaseModel | None: ...
    @property
    def longest_text(self) -> int | None: ...


def categorised(guide: GuideShape, plan: Json, _known: GuideContext) -> Json:
    """The guide's category in the place of ours, where it fixes one."""
    return plan | ({"category": [{"coding": [guide.category.model_dump()]}]} if guide.category else {})


def authored(guide: GuideShape, plan: Json, known: GuideContext) -> Json:
    """The institution's role as author; ``contributor`` and Provenance still say that software wrote it."""
    if guide.author == "device":
        return plan
    if known.author is None or _kind(known.author) != "PractitionerRole":
        raise ConfigurationFault(f"{guide.id} asks for a PractitionerRole as the author: set the role")
    return plan | {"author": known.author, "contributor": [plan["author"], *plan.get("contributor", ())]}


def with_team(guide: GuideShape, plan: Json, known: GuideContext) -> Json:
    """A proposed CareTeam inside the plan, of the author and the patient; others join by accepting a Task."""
    if not guide.care_team:
        return plan
    members = [it for it in (known.author, plan["subject"]) if it]
    team = {
        "resourceType": "CareTeam",
        "id": CARE_TEAM,
        "status": "proposed",
        "subject": plan["subject"],
        "participant": [{"member": member} for member in members],
    }
    return plan | {
        "contained": [*plan.get("contained", ()), team],
        "careTeam": [{"reference": f"#{CARE_TEAM}"}],
    }


def without_goals(guide: GuideShape, plan: Json, _known: GuideContext) -> Json:
    """Goals as a note, where the guide has no place for proposed goals of nobody in particular."""
    goals = [resource for resource in plan.get("contained", ()) if resource["resourceType"] == "Goal"]
    if guide.goals == "contained" or not goals:
        return plan
    others = [resource for resource in plan["contained"] if resource["resourceType"] != "Goal"]
    said = "; ".join(goal["description"]["text"] for goal in goals)
    note = {"text": f"{label('goals', str(plan.get('language', 'en')))}: {said}"}
    left = {name: value for name, value in plan.items() if name not in ("goal", "contained")}
    steps = (
        {"activity": [_without_goal(activity) for activity in plan.get("activity", ())]}
        if "activity" in plan
        else {}
    )
    return {
        **left,
        **steps,
        **({"contained": others} if others else {}),
        "note": [note, *plan.get("note", ())],
    }


def addressing(guide: GuideShape, plan: Json, known: GuideContext) -> Json:
    """The Conditions that a clinician recorded; none is chosen or written here."""
    return plan | ({"addresses": list(known.conditions)} if guide.addresses and known.conditions else {})


def shortened(guide: GuideShape, letter: Json, _known: GuideContext) -> Json:
    """Text that is longer than the guide allows as an attachment with the same words."""
    if guide.longest_text is None or not letter.get("payload"):
        return letter
    return letter | {"payload": [_payload(payload, guide.longest_text) for payload in letter["payload"]]}


def _payload(payload: Json, longest: int) -> Json:
    text = payload.get("contentString", "")
    if len(text) <= longest:
        return payload
    data = b64encode(text.encode()).decode()
    return {"contentAttachment": {"contentType": "text/plain; charset=utf-8", "data": data}}


def _without_goal(activity: Json) -> Json:
    if "detail" not in activity:
        return activity
    return {"detail": {name: value for name, value in activity["detail"].items() if name != "goal"}}


def _kind(reference: Json) -> str:
    return str(reference.get("type") or location_of(str(reference.get("reference", ""))).partition("/")[0])


RESHAPED: Mapping[str, tuple[Callable[[GuideShape, Json, GuideContext], Json], ...]] = MappingProxyType(
    {
        "CarePlan": (categorised, authored, without_goals, with_team, addressing),
        "Communication": (shortened,),
    }
)
