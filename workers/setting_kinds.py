"""The kinds of value that a setting can have: how each is written in a variable, and what is refused of it."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field


def _base_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is not an http or https address")
    if parts.username or parts.query or parts.fragment:
        raise ValueError("must not carry a login, a query or a fragment")
    return text.rstrip("/")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("is not a known time zone") from error
    return name


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise ValueError("is not a file that can be read")
    return path


def _listed(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _paired(value: object) -> object:
    """`a=1,b=2` or a JSON object; a TOML table comes as it is."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("{"):
        return json.loads(value)
    pairs = [part.partition("=") for part in value.split(",") if part.strip()]
    if any(not sign for _, sign, _ in pairs):
        raise ValueError("has a part without '='")
    return {key.strip(): item.strip() for key, _, item in pairs}


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    """`51`, `-2.5` and `true` as what they are; everything else as text."""
    return {name: _scalar(value) if isinstance(value, str) else value for name, value in values.items()}


def _scalar(text: str) -> Any:
    try:
        return json.loads(text, parse_float=Decimal)
    except ValueError:
        return text


Url = Annotated[str, AfterValidator(_base_url)]
Zone = Annotated[str, AfterValidator(_zone)]
File = Annotated[Path, AfterValidator(_existing)]
Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Pairs = Annotated[dict[str, str], BeforeValidator(_paired)]
Values = Annotated[dict[str, Any], BeforeValidator(_paired), AfterValidator(_typed)]
Delays = Annotated[tuple[Annotated[int, Field(ge=1)], ...], BeforeValidator(_listed)]
