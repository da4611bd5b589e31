"""Files that hold something about a patient: made for the user who asked, whatever the umask says."""

import os
from pathlib import Path

from adapter.errors import ConfigurationFault

FOR_THE_USER = 0o600


def write_private(file: Path, content: bytes, *, anew: bool = False) -> None:
    """Write a file that nobody else may read, in the place of another unless ``anew``. Raises ConfigurationFault."""
    kind = os.O_EXCL if anew else os.O_TRUNC
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | kind, FOR_THE_USER), "wb") as target:
            os.fchmod(target.fileno(), FOR_THE_USER)  # one that was there may have been open to others
            target.write(content)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no name of a file"
        raise ConfigurationFault(f"{file}: cannot be written ({why}); name another place") from None
