"""`pathway`: read a pathway, change it as data, see what a change would do, publish it, and prove it.

`show` reads, `edit` checks and begins, `diff` compares, `publish` puts on a `target_server`,
`proof` says what proves it.
"""

import typer

from workers.cli.pathway import diff, edit, proof, publish, show

group = typer.Typer(
    help="Pathways, by which patients are decided about: read, check, compare, publish.", no_args_is_help=True
)


@group.callback()
def pathway() -> None:
    """What is decided by: rules, numbers and sources. A name is a shipped pathway or a YAML file."""


for module in (show, edit, diff, publish, proof):
    module.register(group)


def register(root: typer.Typer) -> None:
    root.add_typer(group, name="pathway")
