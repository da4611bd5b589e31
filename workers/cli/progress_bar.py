"""A progress bar for long commands, on stderr, where it disturbs no program."""

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from workers.cli.terminal import errors


def progress_bar(*, quiet: bool) -> Progress:
    """A bar that goes when it is done; none where nobody looks."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=errors, transient=True, disable=quiet or not errors.is_terminal)
