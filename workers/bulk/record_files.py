"""The objects in files, with the place of each: NDJSON by line, a JSON document as one. Nothing is kept.

A file of lines may be read in pieces, by several at once: a line is of the piece in which it begins, wherever
the file was cut.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate, groupby
from pathlib import Path
from typing import BinaryIO

from adapter.input.input_files import LARGEST, InputFileFault
from workers.bulk.export.export_folder import require_finished, require_finished_here

LINES, DOCUMENTS = (".ndjson", ".jsonl"), (".json",)
BOM = b"\xef\xbb\xbf"
PIECE = 4_000_000  # bytes: enough that one is asked for seldom, few enough that the last ones end together
SKIPPED = 1_000_000  # bytes of a line that are passed over at once


@dataclass(frozen=True, slots=True)
class FilePiece:
    """The bytes of a file in which the lines of a piece begin; pieces are numbered through all files."""

    number: int
    file: Path
    start: int
    end: int


def files_in(paths: Iterable[Path]) -> list[Path]:
    """Every file among these files and folders, in order. Raises InputFileFault for a name without a file.

    Raises ConfigurationFault for a folder with half an export.
    """
    found = [file for path in paths for file in _files(path)]
    if not found:
        raise InputFileFault(
            f"there is no file named {', '.join(f'*{suffix}' for suffix in (*LINES, *DOCUMENTS))}"
        )
    return list(dict.fromkeys(found))


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        require_finished(path)
        return sorted(
            file for file in path.rglob("*") if file.suffix.lower() in (*LINES, *DOCUMENTS) and file.is_file()
        )
    if not path.is_file():
        raise InputFileFault(f"{path}: is no file; name a file or a folder")
    if path.suffix.lower() not in (*LINES, *DOCUMENTS):
        raise InputFileFault(f"{path}: name it .ndjson (an object on each line) or .json (one object)")
    require_finished_here(path.parent)
    return [path]


def pieces_of(files: Iterable[Path], size: int = PIECE) -> list[FilePiece]:
    """Every file in pieces of at most ``size`` bytes, a document in one. Raises InputFileFault."""
    found: list[FilePiece] = []
    for file in files:
        with _reading(file):
            held = file.stat().st_size
        step = max(held, 1) if is_document(file) else size
        for start in range(0, max(held, 1), step):
            found.append(FilePiece(len(found), file, start, min(start + step, held)))
    return found


def groups_of(pieces: Sequence[FilePiece], size: int = PIECE) -> list[list[FilePiece]]:
    """Small ones together, so that each group has about ``size`` bytes."""
    ends = accumulate(piece.end - piece.start for piece in pieces)
    places = zip(ends, pieces, strict=True)
    return [[piece for _, piece in held] for _, held in groupby(places, lambda it: it[0] // size)]


def lines_of(piece: FilePiece, longest: int = LARGEST) -> Iterator[tuple[int, bytes]]:
    """The lines that begin in a piece, empty ones too, or the document, each with its offset in the file.

    Of one that is longer than any record, the first bytes, one more than ``longest``. Raises InputFileFault.
    """
    with _reading(piece.file), piece.file.open("rb") as source:
        if is_document(piece.file):
            yield 0, source.read(longest + 1)
            return
        offset = source.seek(max(piece.start - 1, 0))
        if piece.start:
            offset = _line_end(source, piece.end)
        while offset < piece.end and (line := source.readline(longest + 1)):
            yield offset, line
            offset += len(line)
            if not line.endswith(b"\n"):
                offset = _line_end(source, piece.end)


def is_document(file: Path) -> bool:
    """Whether all of it is one object."""
    return file.suffix.lower() in DOCUMENTS


def _line_end(source: BinaryIO, end: int) -> int:
    """Pass over the rest of a line, at most until it does not matter any more where it ends."""
    while source.tell() < end and not (part := source.readline(SKIPPED)).endswith(b"\n"):
        if not part:
            break
    return source.tell()


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputFileFault(f"{file}: cannot be read ({error.strerror}); see its rights") from None
