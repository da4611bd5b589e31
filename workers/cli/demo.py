"""`demo`: the whole job on bundled patients."""

import signal
from typing import Annotated

import typer

from adapter.wire_json import Json
from mappings.lifecycle.propose import Proposal
from workers import demo as bundled
from workers.cli.output import say, show_json
from workers.cli.root import AsJson, Exit
from workers.cli.run import exit_of
from workers.cli.run import show as show_summary
from workers.queue.sweep_run import RunStatus, RunSummary, work_through_broker


def register(root: typer.Typer) -> None:
    root.command()(demo)


def demo(
    pathway: Annotated[str, typer.Option(help="One of the pathways that come with the program.")] = "etz",
    language: Annotated[str, typer.Option(help="nl, en or fr.")] = "en",
    json: AsJson = False,
) -> None:
    """Run the whole job on invented patients: sandbox server, Redis, a real worker; then once more. Leaves nothing."""
    signal.signal(signal.SIGTERM, _as_interrupt)
    _say(json, "Starting Redis, the sandbox FHIR server and a worker ...")
    with bundled.stage(pathway, language) as stage:
        _say(json, f"The Redis is {stage.redis.name}.")
        _say(json, f"FHIR server {stage.sandbox.base_url}; sweeping ...")
        first = work_through_broker(stage.place, _unseen)
        held = list(bundled.proposals(stage.place))
        _say(json, "Sweeping once more ...")
        stage.sandbox.recorder.clear()
        second = work_through_broker(stage.place, _unseen)
        rewritten = len(stage.sandbox.recorder.writes)
    if json:
        show_json(
            {"patients": [_told(it) for it in held], "written": first.written, "written_again": rewritten}
        )
    else:
        show(held, first, second, rewritten)
    raise typer.Exit(Exit.ATTENTION if rewritten else max(exit_of(first), exit_of(second)))


def show(held: list[Proposal], first: RunSummary, second: RunSummary, rewritten: int) -> None:
    """Everything for people: who got what, one letter, the summary, and that the second run wrote nothing."""
    say("Proposals on the server:\n")
    for it in held:
        if it.writes:
            _line(_told(it))
    letter = next((it for it in held if it.letters and _places(it, "Communication")), None)
    if letter:
        say(f"\nThe letter about {letter.patient}:\n\n{letter.letters[0]}")
    show_summary(first, dry_run=False)
    say(f"A second run looked at {second.patients} patients again and wrote {rewritten} resources.")


def _line(told: Json) -> None:
    """Ids in full and on lines of their own, so that they can be copied."""
    say(f"{told['patient']:38}{told['class']:28}{told['deciding']}".rstrip())
    for place in (*told["plans"], *told["communications"], *told["tasks"]):
        say(f"    {place}")


def _told(proposal: Proposal) -> Json:
    return {
        "patient": proposal.patient,
        "class": proposal.decision.classification.category.value,
        "deciding": _deciding(proposal),
        "plans": _places(proposal, "CarePlan"),
        "communications": _places(proposal, "Communication"),
        "tasks": _places(proposal, "Task"),
    }


def _deciding(proposal: Proposal) -> str:
    score = proposal.decision.classification.deciding
    return f"{score.site.value} {score.value}" if score else ""


def _places(proposal: Proposal, kind: str) -> list[str]:
    return [it.location for it in proposal.writes if it.draft.type == kind and not it.changes]


def _unseen(_shift: RunStatus) -> None:
    """Nobody watches."""


def _say(quiet: bool, text: str) -> None:
    if not quiet:
        say(text)


def _as_interrupt(*_: object) -> None:
    raise KeyboardInterrupt
