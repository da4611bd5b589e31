"""What the modules around a release share: the Task that asks, and drafts with more in them."""

from dataclasses import replace

from mappings.lifecycle.situation import Situation
from mappings.outbound.draft import Draft, Drafts


def template(scene: Situation, drawn: Drafts) -> Draft:
    """The Task that all questions of this plan are made of, with the team that answers where there is one."""
    owner = scene.institution.release_owner
    return replace(
        drawn.plan_outdated, resource={**drawn.plan_outdated.resource, **({"owner": owner} if owner else {})}
    )


def plus(drawn: Drafts, *, tasks: tuple[Draft, ...] = (), letters: tuple[Draft, ...] = ()) -> Drafts:
    """The drafts with further tasks and letters."""
    return replace(drawn, tasks=(*drawn.tasks, *tasks), communications=(*drawn.communications, *letters))
