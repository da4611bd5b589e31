"""`letter PATIENT`: the letter as it would be written now, on the screen or as files."""

from pathlib import Path
from typing import Annotated

import typer

from adapter.errors import ConfigurationFault, RecordFault
from adapter.letter import Letter, chart_svg, letter, patient_letter, render_html, render_pdf, render_text
from mappings import texts
from mappings.handover.letters.letter_text import people
from workers.cli.command_settings import settings_of
from workers.cli.contract.decision_output import LetterOutput
from workers.cli.contract.exit_codes import Exit
from workers.cli.explain import letter_heading
from workers.cli.output import say, show_json
from workers.cli.patient_name import find_patient
from workers.cli.root import AsJson
from workers.explanation.patient_explanation import released_letters
from workers.host.private_files import write_private
from workers.queue.runtime import set_up

LANGUAGES = ("nl", "en", "fr")


def register(root: typer.Typer) -> None:
    root.command(name="letter")(command)


def command(  # noqa: PLR0913, PLR0917 - the options of a command
    context: typer.Context,
    patient: Annotated[str, typer.Argument(help="The id of the Patient on the server.")],
    pdf: Annotated[Path | None, typer.Option(help="Write it as PDF/A to this file.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write it as HTML to this file.")] = None,
    lang: Annotated[str | None, typer.Option(help="nl, en or fr; else as set.")] = None,
    patient_copy: Annotated[bool, typer.Option("--patient-copy", help="The copy for the patient.")] = False,
    json: AsJson = False,
) -> None:
    """Show the letter by today's evidence, as a proposal; a released letter on the server does not change."""
    if lang is not None and lang not in LANGUAGES:
        raise ConfigurationFault(f"--lang takes {', '.join(LANGUAGES)}.")
    with set_up(settings_of(context)) as runtime:
        name = find_patient(runtime, patient)
        proposal, record = runtime.proposal_of(name)
        if proposal.not_followed:
            raise RecordFault(f"No letter: this record is {proposal.not_followed}.", resource_type="Patient")
        before = released_letters(record)
        language = texts.load(lang) if lang else runtime.institution.texts
        recipient = next(iter(record.recipients), {}).get("display")
        known = people(proposal.composed.situation, runtime.now().date(), recipient=recipient)
    make = patient_letter if patient_copy else letter
    made = make(proposal.decision, proposal.reading.record, known, language)
    chart = chart_svg(proposal.reading.record.t_scores, language, proposal.decision.on)
    files = [str(file) for file in (pdf, html) if file]
    _write_files(made, chart, pdf, html)
    if json:
        output: LetterOutput = {
            "patient": name,
            "language": language.language,
            "warranted": proposal.decision.warranted,
            "text": render_text(made),
            "files": files,
            "released": before,
        }
        show_json(output)
    elif files:
        say("\n".join(files))
    else:
        for earlier in before:
            say(f"{letter_heading(earlier)} `explain {name} --letter` shows it; this is by today's record:\n")
        say(render_text(made))
    raise typer.Exit(Exit.FINE if proposal.decision.warranted else Exit.ATTENTION)


def _write_files(made: Letter, chart: str, pdf: Path | None, html: Path | None) -> None:
    if pdf:
        write_private(pdf, render_pdf(made, chart))
    if html:
        write_private(html, render_html(made, chart).encode())
