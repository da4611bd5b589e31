"""Files that a person hands in: read whole, as text, or refused in one sentence that says what to do."""

import json
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from adapter.errors import ConfigurationFault
from adapter.wire_json import Json

LARGEST = 64 * 1024 * 1024  # bytes; the largest table of cases has 3 MB
_DIGITS = 400  # of a whole number; Python itself refuses more than 4,300 with an error of another kind


class InputFileFault(ConfigurationFault):
    """A file that cannot be used: its name, the line where it is known, and what is wrong. Never its content."""


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


def ndjson_of(path: Path) -> Iterator[tuple[int, Any]]:
    """The JSON on each line that is not empty, with the number of the line; raises InputFileFault.

    Read line by line, for a whole hospital may stand in one file. Only a line feed ends a line: what else Python takes
    for an end (U+2028, for one) may stand in a text of JSON.
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


def json_of(path: Path) -> Any:
    """The JSON of a file; raises InputFileFault."""
    return json_in(text_of(path), str(path))


def json_in(text: str, file: str, line: int | None = None) -> Any:
    """JSON with exact decimals, from a whole file or from one line of it."""
    place = f"{file}:{line}" if line else file
    try:
        return json.loads(
            text, parse_float=_decimal, parse_int=_whole, parse_constant=_decimal, object_pairs_hook=_once
        )
    except json.JSONDecodeError as error:
        raise InputFileFault(
            f"{file}:{line or error.lineno}: is not JSON ({error.msg}); correct it there"
        ) from None
    except RecursionError:
        raise InputFileFault(f"{place}: is nested too deeply; no record is") from None
    except _UnusableJson as fault:
        raise InputFileFault(f"{place}: {fault}; correct it") from None


class _UnusableJson(ValueError):
    """Valid for Python, and not to be believed."""


def _decimal(digits: str) -> Decimal:
    value = Decimal(digits)
    if not value.is_finite() or abs(value.adjusted()) > _DIGITS:
        raise _UnusableJson("holds a number that is none or beyond all measure")
    return value


def _whole(digits: str) -> int:
    if len(digits) > _DIGITS:
        raise _UnusableJson("holds a number that is none or beyond all measure")
    return int(digits)


def _once(pairs: list[tuple[str, Any]]) -> Json:
    held = dict(pairs)
    if len(held) < len(pairs):
        raise _UnusableJson("gives a name twice in one object")
    return held
