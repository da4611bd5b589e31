"""How a test's record is read: by an institution's own row, and by the limits of a pathway that it names."""

from typing import Any

from mappings import pathways
from mappings.inbound import ReadingConfig, RecordReading


def a_record_reading(pathway: str = "core", **own: Any) -> RecordReading:
    """The careful row of an institution, but for what is given."""
    return read_by(ReadingConfig(**own), pathway)


def read_by(config: ReadingConfig, pathway: str = "core") -> RecordReading:
    """This row, and the limits of a pathway."""
    return RecordReading.of(config, pathways.load(pathway).core)
