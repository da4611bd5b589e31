"""The commands by name: what each does in a line, and its module, which is loaded only when it is called.

To show the list, or to complete a name, nothing is loaded: the line of the table stands for the command. That
it is the command's own line is tested.
"""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

# name: the module of this package that registers it, and its line in the list
COMMANDS = {
    "demo": ("demo", "Run the whole job on invented patients, with servers, Redis, a worker and the GP. Leaves nothing."),
    "run": ("run", "Sweep once and review everybody who was found, or review the patients that are named."),
    "export": ("scale.export", "Have the server export everything that an assessment reads (Bulk Data), and fetch it into a folder."),
    "assess": ("scale.assess", "Decide about everybody in files of FHIR resources, without a server, on all cores."),
    "bench": ("scale.bench", "Measure time and memory, beside what others need for the same."),
    "explain": ("explain", "Show class, deciding site, reasons with their sources, refused inputs and what would be written."),
    "doctor": ("doctor", "Connect to everything; say what works, what does not and what to do. Ends with 2 if any is broken."),
    "cases": ("cases", "Cases with expected decisions."),
    "pathway": ("pathway", "Pathways, by which patients are decided about: read, check, compare, publish."),
    "replay": ("replay", "Say whether the same inputs give the same decision, byte for byte; else show what differs (exit 1)."),
    "letter": ("letter", "Show the letter by today's evidence, as a proposal; a released letter on the server does not change."),
    "release": ("plans.release", "List what waits for its release; with --by, release it, or reject it with --reject REASON."),
    "deliveries": ("plans.deliveries", "List letters on their way to the GP, send them and try them again."),
    "due": ("plans.due", "List open steps, computed now. Ends with 1 when something is late."),
    "feedback": ("plans.feedback", "Show what clinicians made of CDS Hooks cards, rule by rule: no patient, nobody's name."),
    "worker": ("processes.queue_processes", "Do what the queue asks, until SIGTERM."),
    "beat": ("processes.queue_processes", "Ask for a sweep now and whenever it is time, until SIGTERM. Run exactly one."),
    "serve": ("processes.serve", "Answer over HTTP until SIGTERM: health, our public keys, POST /assess, hints and CDS Hooks."),
    "sandbox": ("processes.sandbox", "Serve the sandbox FHIR server, for trying out. Never for real patients."),
    "hl7": ("connections.hl7", "HL7 v2 in: listen, check the map of a sender, explain a message."),
    "watch": ("connections.watch", "Take files from a folder until SIGTERM: FHIR Bundles, NDJSON, HL7 v2."),
    "smart": ("connections.smart", "Keys for SMART Backend Services."),
    "subscriptions": ("connections.subscription_commands", "Subscriptions on the FHIR server, whose hints `serve` takes. The sweep finds the same without them."),
    "settings": ("settings", "What can be set."),
}  # fmt: skip


# Contexts and commands are of the copy of click that typer brings, which has no public name.
def load_command(name: str) -> Any:
    """The command itself, with everything that it needs."""
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.callback()(_do_nothing)
    import_module(f"workers.cli.{COMMANDS[name][0]}").register(alone)
    made: Any = typer.main.get_group(alone)
    return made.commands[name]


def _do_nothing() -> None:
    """A group stays a group with one command when it has a callback."""


class CommandTable(TyperGroup):
    """The root command, whose commands are loaded when they are called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """In the order of the table, with whatever else was registered."""
        return [*COMMANDS, *super().list_commands(ctx)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """What stands for a command as long as nobody calls it."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        return TyperCommand(cmd_name, callback=_do_nothing, short_help=COMMANDS[cmd_name][1])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that was called, loaded now."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, load_command(str(name)) if name in COMMANDS else command, rest
