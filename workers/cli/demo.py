"""`demo`: the whole job on bundled patients."""

import signal
from collections import Counter
from dataclasses import dataclass
from typing import Annotated

import typer
from typing_extensions import TypedDict

from adapter.fhir import FhirClient
from mappings.handover.propose import Proposal
from workers import demo as bundled
from workers.cli.contract.exit_codes import Exit
from workers.cli.output import count_text, say, show_json
from workers.cli.root import AsJson
from workers.cli.run import exit_of, show_summary
from workers.cli.terminal import show_table
from workers.demo import DemoEnvironment
from workers.demo.handover_loop import PATIENT, HandoverLoop, letter_sections, walk_loop
from workers.queue.sweep_run import RunStatus, RunSummary, work_through_broker


class DemoPatient(TypedDict("_Classed", {"class": str})):
    """What stands about one patient."""

    patient: str
    deciding: str
    plans: list[str]
    communications: list[str]
    tasks: list[str]


class DemoOutput(TypedDict):
    """What the demo did: everybody, what was written first and again, and one letter to the GP and back."""

    patients: list[DemoPatient]
    written: dict[str, int]
    written_again: int
    loop: HandoverLoop


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What a demo came to: two runs, writes of the second, each proposal, and the way of one letter."""

    first: RunSummary
    second: RunSummary
    rewritten: int
    held: list[Proposal]
    loop: HandoverLoop


def register(root: typer.Typer) -> None:
    root.command()(demo)


def demo(
    pathway: Annotated[
        str, typer.Option(help="One of the pathways that come with the program.")
    ] = "antonius",
    language: Annotated[str, typer.Option(help="nl, en or fr.")] = "en",
    full: Annotated[
        bool, typer.Option("--full", help="Everybody, the whole letters and every count.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Run the whole job on invented patients, with servers, Redis, a worker and the GP. Leaves nothing."""
    signal.signal(signal.SIGTERM, _interrupt_on_termination)
    _say(json, "Starting Redis, a FHIR server for the hospital, one for the GP, and a worker ...")
    with bundled.demo_environment(pathway, language) as environment:
        _say(
            json,
            f"The Redis is {environment.redis.name}; the hospital is {environment.sandbox.base_url}; sweeping ...",
        )
        done = work_demo(environment)
    if json:
        show_json(demo_output(done))
    elif full:
        show_patients(done)
    else:
        show_demo(done)
    raise typer.Exit(Exit.ATTENTION if done.rewritten else max(exit_of(done.first), exit_of(done.second)))


def work_demo(environment: DemoEnvironment) -> DemoResult:
    first = work_through_broker(environment.runtime, _show_nothing)
    held = list(bundled.proposals(environment.runtime))
    environment.sandbox.recorder.clear()
    second = work_through_broker(environment.runtime, _show_nothing)
    rewritten = len(environment.sandbox.recorder.writes)
    with FhirClient(environment.practice.base_url) as practice:
        return DemoResult(first, second, rewritten, held, walk_loop(environment.runtime, practice))


def demo_output(done: DemoResult) -> DemoOutput:
    return {
        "patients": [_patient_row(proposal) for proposal in done.held],
        "written": dict(done.first.written),
        "written_again": done.rewritten,
        "loop": done.loop,
    }


def show_demo(done: DemoResult) -> None:
    """Two screens: everybody by class, the heart of one letter, and its way."""
    by_class: dict[str, Counter[str]] = {}
    for name, count in done.first.outcomes.items():
        outcome, _, category = name.partition(":")
        by_class.setdefault(category, Counter())[outcome] += count
    outcomes = sorted({outcome for held in by_class.values() for outcome in held})
    rows = ((name, *(held[outcome] for outcome in outcomes)) for name, held in sorted(by_class.items()))
    show_table("Invented patients by class and outcome", ("class", *outcomes), rows)
    _say_counts(done)
    title, *held = letter_sections(done.loop.letters[0])
    say(f"\nThe letter about {PATIENT}, osteoporosis with a fracture; `demo --full` shows all of it:\n")
    _quote_letter("\n".join([*title.splitlines()[:2], *held[:HEART]]))
    say("\nIts way, and the way of its correction:\n")
    _show_loop(done.loop)
    _quote_letter(done.loop.changed)


HEART = 3  # sections of a letter: what is asked, the conclusion, the treatment


def _quote_letter(text: str) -> None:
    say("\n".join(f"    | {line}" for line in text.splitlines() if line))


def _say_counts(done: DemoResult) -> None:
    written = count_text(sum(done.first.written.values()), "resource")
    say(
        f"{count_text(done.first.patients, 'patient')}, {written} written. A second run wrote {count_text(done.rewritten, 'resource')}."
    )


def _show_loop(loop: HandoverLoop) -> None:
    for number, step in enumerate(loop.steps, 1):
        say(f"{number:2}  {step.happened}\n    {step.seen}")


def show_patients(done: DemoResult) -> None:
    """Everything for people: who got what, letters, summary, and that the second run wrote nothing."""
    say("Proposals on the server:\n")
    for proposal in done.held:
        if proposal.writes:
            _show_patient(_patient_row(proposal))
    show_summary(done.first)
    _say_counts(done)
    for letter in done.loop.letters:
        say(f"\nA letter about {PATIENT}, as the GP's server has it:\n\n{letter}")
    _show_loop(done.loop)


def _show_patient(row: DemoPatient) -> None:
    """Ids in full and on lines of their own, so that they can be copied."""
    say(f"{row['patient']:38}{row['class']:28}{row['deciding']}".rstrip())
    for location in (*row["plans"], *row["communications"], *row["tasks"]):
        say(f"    {location}")


def _patient_row(proposal: Proposal) -> DemoPatient:
    return {
        "patient": proposal.patient,
        "class": proposal.decision.classification.category.value,
        "deciding": _deciding_text(proposal),
        "plans": _locations(proposal, "CarePlan"),
        "communications": _locations(proposal, "Communication"),
        "tasks": _locations(proposal, "Task"),
    }


def _deciding_text(proposal: Proposal) -> str:
    score = proposal.decision.classification.deciding
    return f"{score.site.value} {score.value}" if score else ""


def _locations(proposal: Proposal, kind: str) -> list[str]:
    return [write.location for write in proposal.writes if write.draft.type == kind and not write.changes]


def _show_nothing(_shift: RunStatus) -> None:
    """Nobody watches."""


def _say(quiet: bool, text: str) -> None:
    if not quiet:
        say(text)


def _interrupt_on_termination(*_: object) -> None:
    raise KeyboardInterrupt
