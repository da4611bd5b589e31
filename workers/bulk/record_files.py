"""The objects in files, with the place of each: NDJSON by line, a JSON document as one. Nothing is kept."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from adapter.input.input_files import LARGEST, InputFileFault
from workers.bulk.export.export_folder import require_finished, require_finished_here

LINES, DOCUMENTS = (".ndjson", ".jsonl"), (".json",)
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class FileSpan:
    """Where an object lies: the file, its bytes there, and the line where it begins."""

    file: Path
    offset: int
    length: int
    line: int

    @property
    def place(self) -> str:
        """For people."""
        return f"{self.file}:{self.line}"


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


def record_spans(file: Path, longest: int = LARGEST) -> Iterator[tuple[FileSpan, bytes]]:
    """Each object of a file with its bytes. Raises InputFileFault for one that is too long to be a record."""
    try:
        with file.open("rb") as source:
            if file.suffix.lower() in DOCUMENTS:
                yield _limited_span(
                    FileSpan(file, 0, file.stat().st_size, 1), source.read(longest + 1), longest
                )
                return
            offset = 0
            for number, line in enumerate(iter(lambda: source.readline(longest + 1), b""), 1):
                if line.strip():
                    yield _limited_span(FileSpan(file, offset, len(line), number), line, longest)
                offset += len(line)
    except OSError as error:
        raise InputFileFault(f"{file}: cannot be read ({error.strerror}); see its rights") from None


def _limited_span(span: FileSpan, raw: bytes, longest: int) -> tuple[FileSpan, bytes]:
    if len(raw) > longest:
        raise InputFileFault(
            f"{span.place}: is longer than {longest} bytes; give it as NDJSON, a resource on each line"
        )
    return span, raw.removeprefix(BOM)
