"""Case files: ``{"meta": ..., "cases": [{"id", "profile", "facts", "expect"}]}``, a bare list of cases, or one case."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from adapter.errors import ConfigurationFault

Json = dict[str, Any]
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class TableFault(ConfigurationFault):
    """A file that cannot be run; the message is one line for whoever gave the file."""


class NotCovered(ValueError):
    """The case speaks of something that this product does not know; ``names`` says of what."""

    def __init__(self, *names: str) -> None:
        super().__init__(", ".join(names))
        self.names = names


@dataclass(frozen=True, slots=True)
class WorkedCase:
    """One invented patient, and what a clinician expects of the decision; ``as_of`` is the day of deciding."""

    id: str
    profile: str
    as_of: date
    facts: Mapping[str, Any] = field(default_factory=dict)
    expect: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseTable:
    """The cases of one file, in order."""

    title: str
    cases: tuple[WorkedCase, ...]


def read_table(file: Path, today: date) -> CaseTable:
    """The cases of a file; ``today`` is the day of deciding where the file names none. Raises ``TableFault``."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as error:
        raise TableFault(f"{file}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise TableFault(f"{file}: is not text in UTF-8") from None
    except json.JSONDecodeError as error:
        raise TableFault(f"{file}:{error.lineno}: is not JSON ({error.msg})") from None
    return table_of(content, str(file), today)


def table_of(content: Any, name: str, today: date) -> CaseTable:
    """The same from JSON in memory."""
    meta = content.get("meta") if isinstance(content, dict) else None
    meta = meta if isinstance(meta, dict) else {}
    listed = content
    if isinstance(content, dict):
        listed = content.get("cases", [content] if "facts" in content else None)
    if not isinstance(listed, list):
        raise TableFault(
            f'{name}: holds no cases; wanted an object with "cases", a list of cases, or one case'
        )
    day = _day(meta.get("as_of") or meta.get("date_of_table"), f"{name}: meta.as_of") or today
    cases = tuple(_case(one, number, name, day) for number, one in enumerate(listed, 1))
    _refuse_doubles(cases, name)
    return CaseTable(str(meta.get("title") or name), cases)


def _case(one: Any, number: int, name: str, day: date) -> WorkedCase:
    if not isinstance(one, dict):
        raise TableFault(f"{name}: case {number} is not an object")
    key = str(one.get("id") or f"case-{number}")
    for part in ("facts", "expect"):
        if not isinstance(one.get(part, {}), dict):
            raise TableFault(f"{name}: {part} of {key} is not an object")
    own = _day(one.get("as_of"), f"{name}: as_of of {key}")
    return WorkedCase(
        key, str(one.get("profile") or ""), own or day, one.get("facts", {}), one.get("expect", {})
    )


def _day(text: Any, where: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else _no_day(where)
    except (TypeError, ValueError):
        return _no_day(where)


def _no_day(where: str) -> date:
    raise TableFault(f"{where} is not a date of the form YYYY-MM-DD")


def _refuse_doubles(cases: tuple[WorkedCase, ...], name: str) -> None:
    seen = [case.id for case in cases]
    twice = sorted({key for key in seen if seen.count(key) > 1})
    if twice:
        raise TableFault(f"{name}: more than one case is called {', '.join(twice)}")
