"""`pathway publish`: put pathways on a FHIR server as PlanDefinitions, where plans refer to them."""

from collections import Counter
from typing import Annotated

import typer

from mappings.pathways import PATHWAY_NAMES, load
from mappings.publication import publication
from workers.authoring.publish import Publication, Published
from workers.authoring.publish import publish_resources as put
from workers.cli.contract.pathway_output import PublishedResource, PublishOutput
from workers.cli.output import say, show_json
from workers.cli.pathway.target_server import client_for
from workers.cli.root import AsJson
from workers.cli.terminal import show_table


def register(group: typer.Typer) -> None:
    group.command()(publish)


def publish(
    context: typer.Context,
    server: Annotated[str, typer.Option(metavar="URL", help="The base address of a FHIR R4 server.")],
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="Pathways or files; else all shipped ones."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; say what would be.")] = False,
    json: AsJson = False,
) -> None:
    """Write PlanDefinitions, activities, codes and logic, as drafts. Leaves alone what is there already."""
    with client_for(context, server) as client:
        found = {
            name: put(publication(load(name)), client, dry_run=dry_run) for name in names or PATHWAY_NAMES
        }
    if json:
        rows_of = {
            name: [_publication_row(publication) for publication in done] for name, done in found.items()
        }
        show_json(PublishOutput(dry_run=dry_run, pathways=rows_of))
        return
    rows = (
        (name, *(_count_outcomes(done)[outcome] for outcome in Published)) for name, done in found.items()
    )
    show_table("Would be written" if dry_run else "On the server", ("pathway", *Published), rows)
    for name, done in found.items():
        if any(publication.same_version for publication in done):
            say(
                f"{name}: the rules differ from those on the server under the same version; give it a new version."
            )


def _count_outcomes(done: tuple[Publication, ...]) -> Counter[Published]:
    return Counter(publication.outcome for publication in done)


def _publication_row(done: Publication) -> PublishedResource:
    return {"resource": done.location, "outcome": done.outcome, "same_version": done.same_version}
