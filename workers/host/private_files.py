"""Files that hold something about a patient or a key: for the user who asked, whatever the umask says."""

import errno
import os
from pathlib import Path

from adapter.errors import ConfigurationFault

FOR_THE_USER = 0o600
FOLDER = 0o750  # its group may look inside, so that somebody can back it up or empty it


def write_private(file: Path, content: bytes, *, anew: bool = False) -> None:
    """Write a file that nobody else may read, in the place of another unless ``anew``.

    Raises ConfigurationFault.
    """
    kind = os.O_EXCL if anew else os.O_TRUNC
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | kind, FOR_THE_USER), "wb") as target:
            os.fchmod(target.fileno(), FOR_THE_USER)  # one that was there may have been open to others
            target.write(content)
    except (OSError, ValueError) as error:
        raise _unusable_fault(file, error) from None


def prepare_private(file: Path) -> None:
    """There is a file for its user alone, which a database may open. Raises OSError.

    One that is there is not opened: to close it again would drop every lock that SQLite holds on it in this
    process, and the next process that leaves would take the log away under our writes
    (sqlite.org/howtocorrupt.html, 2.2).
    """
    path = Path(os.path.realpath(file))
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, FOR_THE_USER))
    except FileExistsError:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)) from None
        if not os.access(path, os.R_OK | os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES)) from None


def identity_of(file: Path) -> tuple[int, int] | None:
    """Which file stands there now, to be compared with the one that was opened; None where there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def make_folder(folder: Path) -> None:
    """Make this folder and those above it where they are absent, for their user alone. Raises OSError."""
    for missing in reversed([parent for parent in (folder, *folder.parents) if not parent.exists()]):
        missing.mkdir(FOLDER, exist_ok=True)


def make_folder_named(folder: Path) -> None:
    """The same for a folder that somebody named. Raises ConfigurationFault."""
    try:
        make_folder(folder)
    except (OSError, ValueError) as error:
        raise _unusable_fault(folder, error) from None


def _unusable_fault(path: Path, error: Exception) -> ConfigurationFault:
    why = getattr(error, "strerror", None) or "no name of a file"
    return ConfigurationFault(f"{path}: cannot be written ({why}); name another place")
