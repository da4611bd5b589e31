"""The pathways as published, and their parts."""

from functools import cache

import pytest

from adapter.input.wire_json import Json
from mappings.pathways import PATHWAY_NAMES, load
from mappings.publication import publication

EVERY = pytest.mark.parametrize("name", ["core", *PATHWAY_NAMES])


FULLEST = "etz"  # models are dear; the other pathways publish the same kinds of resources


@cache
def published(name: str) -> tuple[Json, ...]:
    return publication(load(name))


def of(name: str, kind: str) -> list[Json]:
    return [it for it in published(name) if it["resourceType"] == kind]


def plan(name: str) -> Json:
    (found,) = of(name, "PlanDefinition")
    return found


def every_action(held: Json) -> list[Json]:
    return [one for it in held["action"] for one in (it, *it.get("action", ()))]
