"""`export FOLDER`: Bulk Data of the server into files, for a first load."""

from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from mappings.inbound import queries
from workers.bulk.export.export_folder import ExportFolder
from workers.bulk.export.export_run import ExportOrder, ExportPace, count_issues, export_to, is_lacking
from workers.bulk.index_pass import SHARED
from workers.cli.command_settings import settings_of
from workers.cli.contract.exit_codes import Exit
from workers.cli.contract.files_output import ExportOutput
from workers.cli.output import say, show_json
from workers.cli.progress_bar import progress_bar
from workers.cli.root import AsJson
from workers.cli.terminal import show_table
from workers.queue.bootstrap import export_client_of, reading_of
from workers.settings.all_settings import Settings


def register(root: typer.Typer) -> None:
    root.command()(export)


def export(
    context: typer.Context,
    folder: Annotated[
        Path,
        typer.Argument(help="For the files; an export that was cut off goes on in it.", metavar="FOLDER"),
    ],
    json: AsJson = False,
) -> None:
    """Have the server export everything that an assessment reads (Bulk Data), and fetch it into a folder.

    Then decide about everybody with `assess FOLDER --out RESULTS`. What is exported, from which
    hosts, and how long this waits, is the setting `export`. Killed, the same command goes on: no
    second export, no file twice.
    """
    settings = settings_of(context)
    client = export_client_of(settings)
    try:
        with progress_bar(quiet=json) as bar:
            task = bar.add_task("export", total=None)
            pace = ExportPace(
                watch=lambda status: bar.update(
                    task, completed=status.files or status.percent or 0, total=status.of or 100
                )
            )
            held = export_to(folder, client, order_of(settings), pace)
    finally:
        client.close()
    issues, lacking = count_issues(held), is_lacking(held)
    if json:
        show_json(_export_output(held, issues))
    else:
        _show_export(held, issues)
        if not lacking:
            say(f"Now: osteo-handover assess {held.folder} --out RESULTS")
    raise typer.Exit(Exit.ATTENTION if lacking else Exit.FINE)


def order_of(settings: Settings) -> ExportOrder:
    """Everything that reading asks for, and what it refers to."""
    read = (query.type for query in queries(["x"], reading_of(settings)))
    types = tuple(dict.fromkeys((*read, *sorted(SHARED))))
    export = settings.export
    return ExportOrder(
        settings.fhir_base_url,
        export.request(types),
        timedelta(seconds=export.wait),
        export.max_file_bytes,
        export.max_bytes,
    )


def _counts_by_type(held: ExportFolder) -> dict[str, tuple[int, int, int]]:
    """Files, resources and bytes."""
    found: defaultdict[str, tuple[int, int, int]] = defaultdict(lambda: (0, 0, 0))
    for file in held.note.fetched.values():
        files, resources, size = found[file.type]
        found[file.type] = files + 1, resources + file.resources, size + file.size
    return dict(sorted(found.items()))


def _export_output(held: ExportFolder, issues: dict[str, int]) -> ExportOutput:
    manifest = held.note.manifest
    return {
        "folder": str(held.folder),
        "as_of": manifest.transaction_time if manifest else None,
        "types": {
            name: {"files": files, "resources": resources, "bytes": size}
            for name, (files, resources, size) in _counts_by_type(held).items()
        },
        "issues": dict(sorted(issues.items())),
    }


def _show_export(held: ExportFolder, issues: dict[str, int]) -> None:
    rows = ((name, *counts) for name, counts in _counts_by_type(held).items())
    show_table("Exported", ("type", "files", "resources", "bytes"), rows)
    show_table("What the server says of it", ("issue", "times"), sorted(issues.items()))
