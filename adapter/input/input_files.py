"""Files that a person hands in: read whole, as text, or refused in one sentence that says what to do."""

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from adapter.errors import ConfigurationFault
from adapter.input.wire_json import JsonValue, Unparsable, parse_value

LARGEST = 64 * 1024 * 1024  # bytes; the largest table of cases has 3 MB


class InputFileFault(ConfigurationFault):
    """A file that cannot be used: its name, the line if known, and the fault.

    It never quotes the content.
    """


def bytes_of(path: Path, largest: int = LARGEST) -> bytes:
    """The content of a file as it is; raises InputFileFault."""
    with _opened(path) as file:
        content = file.read(largest + 1)
        if len(content) > largest:
            raise InputFileFault(f"{path}: is larger than {largest} bytes; split it")
        return content


def text_of(path: Path, largest: int = LARGEST) -> str:
    """The text of a file; raises InputFileFault."""
    return _decoded(bytes_of(path, largest), path)


def ndjson_of(path: Path) -> Iterator[tuple[int, JsonValue]]:
    """The JSON on each line that is not empty, with the number of the line; raises InputFileFault.

    Read line by line, for a whole hospital may stand in one file. Only a line feed ends a line: what else
    Python takes for an end (U+2028, for one) may stand in a text of JSON.
    """
    with _opened(path) as file:
        for number, line in enumerate(iter(lambda: file.readline(LARGEST + 1), b""), 1):
            if len(line) > LARGEST:
                raise InputFileFault(f"{path}:{number}: is longer than {LARGEST} bytes; split it")
            text = _decoded(line, path, number)
            if text.strip():
                yield number, json_in(text, str(path), number)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        held = path.stat()
        if stat.S_ISDIR(held.st_mode):
            raise InputFileFault(f"{path}: is a folder; name a file in it")
        if not stat.S_ISREG(held.st_mode) and not stat.S_ISFIFO(held.st_mode):
            raise InputFileFault(f"{path}: is no file; name a file")
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise InputFileFault(f"{path}: cannot be read ({error.strerror}); see its name and rights") from None
    except ValueError:  # NUL in the name
        raise InputFileFault("a name of a file holds a character that no name may have") from None


def _decoded(content: bytes, path: Path, first: int = 1) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = first + error.object.count(b"\n", 0, error.start)
        raise InputFileFault(f"{path}:{line}: is not text in UTF-8; save it as UTF-8") from None


def json_of(path: Path) -> JsonValue:
    """The JSON of a file; raises InputFileFault."""
    return json_in(text_of(path), str(path))


def json_in(text: str, file: str, line: int | None = None) -> JsonValue:
    """JSON with exact decimals, as strict as that of a server, from a whole file or from one line of it."""
    try:
        return parse_value(text.encode())
    except Unparsable as fault:
        where = line or fault.line
        raise InputFileFault(f"{file}{f':{where}' if where else ''}: {fault}; correct it there") from None
