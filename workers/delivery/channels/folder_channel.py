"""Files for an integration engine: a whole letter appears at once, or not at all.

    <root>/<document id>/<message id>/letter.pdf letter.html letter.txt
    document.json message.hl7 manifest.json

Everything is written beside its place, made durable, and put there by renaming the folder. Nobody sees
half a letter, the same letter twice is the same folder, and a corrected one stands beside its predecessor
under the same document. Names tell nothing about the patient. What is there may be taken away; a letter is
then recognised by its manifest.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import orjson

from adapter.errors import TryAgainLater
from adapter.input import wire_json
from adapter.input.wire_json import Json
from mappings.hl7v2 import PARTIES, Parties, control_id
from mappings.hl7v2 import document as hl7_document
from workers.delivery.channels.hl7v2_document import mdm_document_of
from workers.delivery.message import LetterMessage, Receipt, Recipient, SendOutcome
from workers.host.private_files import make_folder

MANIFEST = "manifest.json"
NO_IDENTIFIER = "recipient-has-no-identifier"
_FILE = 0o640  # the engine reads as a member of our group
_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2
_THERE = frozenset({errno.ENOTEMPTY, errno.EEXIST})


@dataclass(frozen=True, slots=True)
class FolderChannel:
    """A folder for an integration engine, which never confirms that it took a letter: SENT is all."""

    root: Path
    parties: Parties = PARTIES

    def send(self, message: LetterMessage) -> Receipt:
        """Put the letter into the folder; one that lies there already is left as it is."""
        target = self.root / message.document_id / message.message_id
        try:
            if (target / MANIFEST).exists():
                return Receipt(SendOutcome.SENT, reference=message.message_id, reason="already-there")
            return self._put_letter(message, target)
        except OSError as error:
            code = errno.errorcode.get(error.errno or 0, "unknown")
            problem = f"The folder for letters cannot be written ({code})."
        raise TryAgainLater(problem)

    def _put_letter(self, message: LetterMessage, target: Path) -> Receipt:
        staging = self.root / f".part-{message.message_id}"
        shutil.rmtree(staging, ignore_errors=True)  # of somebody who was killed
        make_folder(staging)
        for name, content in letter_files(message, self.parties):
            _write(staging / name, content)
        _sync_folder(staging)
        make_folder(target.parent)
        try:
            staging.rename(target)
        except OSError as error:
            if error.errno not in _THERE:
                raise
            shutil.rmtree(staging)  # another process was faster, with the same content
        _sync_folder(target.parent)
        return Receipt(SendOutcome.SENT, reference=message.message_id)


def letter_files(message: LetterMessage, parties: Parties) -> Iterator[tuple[str, bytes]]:
    """Every form of the letter by file name; the manifest last, with the digest of each."""
    forms: dict[str, bytes | None] = {
        "letter.txt": message.text.encode(errors="replace") or None,
        "letter.html": message.html.encode(errors="replace") if message.html else None,
        "letter.pdf": message.pdf,
        "document.json": wire_json.write(message.document) if message.document else None,
        "message.hl7": hl7_document(mdm_document_of(message), parties),
    }
    there = {name: content for name, content in forms.items() if content is not None}
    yield from there.items()
    yield MANIFEST, orjson.dumps(_manifest(message, there), option=_SORTED)


def _manifest(message: LetterMessage, there: dict[str, bytes]) -> Json:
    """`docs/manifest.schema.json` says what may stand where."""
    return {
        "version": 1,
        "message": message.message_id,
        "document": message.document_id,
        "replaces": message.replaces,
        "controlId": control_id(message.message_id),
        "issued": message.issued.isoformat(),
        "language": message.language,
        **_recipient(message.recipient),
        "files": {
            name: {"size": len(content), "sha256": sha256(content).hexdigest()}
            for name, content in there.items()
        },
    }


def _recipient(to: Recipient) -> Json:
    """Whom an engine must bring it to; without an identifier it says so, and where their record stands."""
    routes = [{"system": system, "value": value} for system, value in to.routes]
    reference = to.reference.get("reference")
    recipient = {"recipientReference": reference} if isinstance(reference, str) else {}
    return {"recipient": routes, **recipient, **({} if routes else {"recipientMissing": NO_IDENTIFIER})}


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the names in a folder durable; not every system can, and then there is nothing to do."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
