"""What a guide asks beyond R4, national or international: one YAML file each, applied to finished drafts.

A guide is a switch for a whole institution. It may reshape what would be written, and only what meets its
requirements claims it (``meta.profile``). Where a claim arrives alone, with no other change, a resource
already on the server keeps its old claim until its content changes, because ``meta`` is no content.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import Literal, assert_never

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from adapter.errors import ConfigurationFault, RecordFault, SoftwareFault
from adapter.input.wire_json import Json, JsonValue
from mappings.outbound.draft import ActivityStyle, Draft, Drafts, WriteContext
from mappings.outbound.fingerprint import seal
from mappings.outbound.guides.shapes import RESHAPED, GuideContext
from mappings.outbound.resources.handover_task import TaskStyle

HERE = Path(__file__).with_name("profiles")
PROFILES = ("base", "ihe-dcp", "scp", "be")


class MissingElement(StrEnum):
    """What happens when a required element is not there: who must act, or that the guide is not claimed."""

    CONFIGURATION = "configuration"
    RECORD = "record"
    UNCLAIMED = "unclaimed"


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Coding(_Table):
    """A code that a guide fixes."""

    system: str
    code: str
    display: str


class NotClaimed(_Table):
    """What a reader of the guide might expect, and why it is not there."""

    what: str
    why: str


class Profile(_Table):
    """One guide; every field but the first three has the meaning of plain R4 when it is left out."""

    id: str
    title: str
    source: str
    claims: dict[str, str] = {}
    required: dict[str, dict[str, MissingElement]] = {}
    activity_style: ActivityStyle = ActivityStyle.DETAIL
    task_style: TaskStyle = TaskStyle.NONE
    based_on: tuple[str, ...] = ()  # types of request that name the plan; R4 advises against it
    author: Literal["device", "role"] = "device"
    care_team: bool = False
    goals: Literal["contained", "noted"] = "contained"
    addresses: bool = False
    category: Coding | None = None
    longest_text: int | None = None
    identifier_systems: dict[str, tuple[str, ...]] = {}
    not_claimed: tuple[NotClaimed, ...] = ()

    def context(self, context: WriteContext) -> WriteContext:
        """The context in which drafts for this guide are drawn."""
        return replace(context, activity_style=self.activity_style)

    def named(self, value: object) -> JsonValue:
        """Any content with each identifier system under the one name that the guide has for it."""
        return _one_name_per_system(value, self.canonical) if self.canonical else value

    @cached_property
    def canonical(self) -> Mapping[str, str]:
        """The one name of each identifier system that has others."""
        named = self.identifier_systems.items()
        return {alias: system for system, aliases in named for alias in aliases}


@dataclass(frozen=True, slots=True)
class GuidedDrafts:
    """Drafts as the guide wants them, and what kept one of them from claiming it (``CarePlan.addresses``)."""

    drafts: Drafts
    unclaimed: tuple[str, ...] = ()


@cache
def load_profile(name: str) -> Profile:
    """The guide of that name; raises ``ConfigurationFault`` when there is none."""
    if name not in PROFILES:
        raise ConfigurationFault(f"there is no profile {name!r}; there are {', '.join(PROFILES)}")
    text = (HERE / f"{name}.yaml").read_text(encoding="utf-8")
    try:
        return Profile.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        raise SoftwareFault(f"the profile {name} cannot be read: {error}") from error


def apply(profile: Profile, drafts: Drafts, known: GuideContext) -> GuidedDrafts:
    """The plan, its requests and its letters as the guide wants them; Tasks to the clinic stay as they are.

    Pure, and the same on every run. Raises ``ConfigurationFault`` or ``RecordFault``, naming the element,
    when something is missing that the guide cannot do without.
    """
    unclaimed: list[str] = []

    def one(draft: Draft) -> Draft:
        shaped, missing = claimed(profile, draft, known, drafts.plan_location)
        unclaimed.extend(missing)
        return shaped

    guided = replace(
        drafts,
        plan=one(drafts.plan) if drafts.plan else None,
        requests=tuple(one(request) for request in drafts.requests),
        communications=tuple(one(communication) for communication in drafts.communications),
    )
    return GuidedDrafts(guided, tuple(unclaimed))


def claimed(
    profile: Profile, draft: Draft, known: GuideContext, plan: str = ""
) -> tuple[Draft, tuple[str, ...]]:
    """A draft as the guide wants it, with its claim, or the elements that the claim lacks."""
    content: Json = {**profile.named(draft.resource)}
    if draft.type in profile.based_on and plan:
        content["basedOn"] = [{"reference": plan}]
    for reshape in RESHAPED.get(draft.type, ()):
        content = reshape(profile, content, known)
    missing = tuple(_missing_elements(profile, content))
    if draft.type in profile.claims and not missing:
        content["meta"] = {"profile": [profile.claims[draft.type]]}
    return draft if content == draft.resource else seal(content, draft.key), missing


def _missing_elements(profile: Profile, resource: Json) -> Iterator[str]:
    """The missing elements that only cost the claim; raises for the others."""
    kind = str(resource["resourceType"])
    for path, then in profile.required.get(kind, {}).items():
        if _present(resource, path.split(".")):
            continue
        said = f"{profile.id} asks for {kind}.{path}, which is missing"
        match then:
            case MissingElement.CONFIGURATION:
                raise ConfigurationFault(said, resource_type=kind)
            case MissingElement.RECORD:
                raise RecordFault(said, resource_type=kind)
            case MissingElement.UNCLAIMED:
                yield f"{kind}.{path}"
            case unreachable:
                assert_never(unreachable)


def _present(value: object, path: list[str]) -> bool:
    if isinstance(value, list):
        return any(_present(part, path) for part in value)
    if not path:
        return value not in (None, "", {})
    return isinstance(value, Mapping) and _present(value.get(path[0]), path[1:])


def _one_name_per_system(value: object, systems: Mapping[str, str]) -> JsonValue:
    """The same content with every alias of an identifier system under its one name."""
    if isinstance(value, dict):
        held = {name: _one_name_per_system(it, systems) for name, it in value.items()}
        if isinstance(system := held.get("system"), str):
            held["system"] = systems.get(system, system)
        return held
    return [_one_name_per_system(part, systems) for part in value] if isinstance(value, list) else value
