"""The file of a ledger in SQLite: made for its user alone, and still the one that was opened."""

import errno
from collections.abc import MutableMapping
from pathlib import Path

from sqlalchemy import Connection

from adapter.errors import ConfigurationFault, OsteoHandoverError, TryAgainLater
from workers.host.private_files import identity_of, make_folder, prepare_private
from workers.host.state_folder import state_folder
from workers.ledger.ledger_faults import FULL, READ_ONLY

_OPENED = "ledger file"
REPLACED = (
    "The file of the ledger was deleted or replaced while it was in use: a new one is made, and the next sweep "
    "looks at everybody once more."
)


class LedgerReplaced(TryAgainLater):
    """The ledger file was replaced: the last note is lost, and the new file is used from here on."""


def prepare_file(file: Path) -> None:
    """Makes sure of a file that only this user may write; makes its folder if that is the default."""
    try:
        if file.parent == state_folder():
            make_folder(file.parent)
        prepare_private(file)
    except OSError as error:
        raise _fault_of(error, file) from error


def _fault_of(error: OSError, file: Path) -> OsteoHandoverError:
    match error.errno:
        case errno.ENOENT | errno.ENOTDIR:
            return ConfigurationFault(
                f"The ledger has no folder: make {file.parent}, or name another in ledger_url."
            )
        case errno.EISDIR:
            return ConfigurationFault(f"The ledger is to be a file, and {file} is a folder. See ledger_url.")
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return ConfigurationFault(READ_ONLY)
        case errno.ENOSPC | errno.EDQUOT:
            return TryAgainLater(FULL)
        case _:
            return ConfigurationFault(f"The ledger {file} cannot be opened ({error.strerror}).")


def remember_file(held: MutableMapping[str, object], file: Path) -> None:
    """Which file this connection opened."""
    held[_OPENED] = identity_of(file)


def check_file(connection: Connection, file: Path) -> None:
    """Raise LedgerReplaced when the connection writes to a file that stands there no more."""
    if connection.info.get(_OPENED) != identity_of(file):
        raise LedgerReplaced(REPLACED)
