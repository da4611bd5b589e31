"""Our settings: variables and one TOML file in, a frozen `Settings` or every fault at once out.

A setting `fhir_base_url` is the key of that name in the TOML file and the variable
OSTEO_HANDOVER_FHIR_BASE_URL; the variable wins. A secret may also be given as a file to read,
OSTEO_HANDOVER_FHIR_TOKEN_FILE. A variable of ours that nobody knows is a fault too: a misspelt setting
must not be silently ignored.
"""

import difflib
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from adapter.errors import ConfigurationFault
from workers.settings.all_settings import BELOW, NAMES, NEEDED_WITH, SECRETS, Settings
from workers.settings.full_pass_rule import LATEST, full_pass_rule_of
from workers.settings.setting_variables import PREFIX, settings_environment, variable_name

NOWHERE = "https://files.invalid/fhir"  # for work on files: no absolute reference begins with it
_FILE = "_FILE"
CONFIG = PREFIX + "CONFIG"


@dataclass(frozen=True, slots=True)
class FaultySetting:
    """One setting that cannot be used: which, what is wrong, and what is allowed. Never the value itself."""

    variable: str
    problem: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.variable}: {self.problem}" + (f" (allowed: {self.allowed})" if self.allowed else "")


class SettingsFault(ConfigurationFault):
    """Settings that cannot be used; `faults` has all of them, so that one correction is enough."""

    def __init__(self, faults: tuple[FaultySetting, ...]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = faults


def load_settings(
    environ: Mapping[str, str], toml_path: Path | None = None, otherwise: Mapping[str, object] | None = None
) -> Settings:
    """The settings of this run; raises SettingsFault with every fault of file and variables.

    ``otherwise`` holds values for what neither of them sets.
    """
    path = toml_path or (Path(environ[CONFIG]) if environ.get(CONFIG) else None)
    faults: list[FaultySetting] = []
    values = {
        **(otherwise or {}),
        **(_read_file(path, faults) if path else {}),
        **_read_variables(environ, faults),
    }
    faults.extend(_missing_settings(values))
    settings, faulty = _usable_settings(values, faults)
    faults.extend(_contradictions(settings, faulty))
    if faults:  # raised beside no other error: a chained one would show the values
        raise SettingsFault(tuple(faults))
    return settings


def _usable_settings(
    values: Mapping[str, object], faults: list[FaultySetting]
) -> tuple[Settings, frozenset[str]]:
    """The settings, with the default of each that cannot be used, and which these are."""
    try:
        return Settings.model_validate(values), frozenset()
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False)
    faults.extend(map(_fault_of, problems))
    faulty = frozenset(str(problem["loc"][0]) for problem in problems)
    usable = {name: value for name, value in values.items() if name not in faulty}
    return Settings.model_validate({"fhir_base_url": NOWHERE, **usable}), faulty


def settings_of_process(
    instead: Mapping[str, str | None] | None = None, otherwise: Mapping[str, object] | None = None
) -> Settings:
    """`load_settings` on the environment of this process, for entry points only; ``instead`` wins over it."""
    given = {variable_name(name): value for name, value in (instead or {}).items() if value is not None}
    return load_settings({**settings_environment(), **given}, otherwise=otherwise)


def _read_file(path: Path, faults: list[FaultySetting]) -> dict[str, object]:
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        faults.append(FaultySetting(str(path), "cannot be read", "a TOML file"))
        return {}
    except tomllib.TOMLDecodeError:
        faults.append(FaultySetting(str(path), "is not TOML", "name = value, one per line"))
        return {}
    faults.extend(_unknown_setting(f"{path}: {name}", name, NAMES) for name in values if name not in NAMES)
    return {name: value for name, value in values.items() if name in NAMES}


def _read_variables(environ: Mapping[str, str], faults: list[FaultySetting]) -> dict[str, object]:
    known = {variable_name(name): name for name in NAMES}
    files = {variable_name(name) + _FILE: name for name in SECRETS}
    values: dict[str, object] = {}
    for key, text in environ.items():
        if not key.startswith(PREFIX) or key == CONFIG or text == "":
            continue  # an empty variable is one that docker compose could not fill: as good as absent
        if key in files:
            values |= _read_secret(key, files[key], text, faults)
        elif key in known:
            values[known[key]] = text
        else:
            faults.append(_unknown_setting(key, key, (*known, *files)))
    return values


def _read_secret(key: str, name: str, path: str, faults: list[FaultySetting]) -> dict[str, str]:
    try:
        return {name: Path(path).read_text("utf-8").strip()}
    except (OSError, UnicodeDecodeError):
        faults.append(
            FaultySetting(key, "names a file that cannot be read", "the path of a file with the secret")
        )
        return {}


def _unknown_setting(shown: str, name: str, known: tuple[str, ...]) -> FaultySetting:
    near = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean {near[0]}?" if near else "see `osteo-handover settings show`"
    return FaultySetting(shown, f"is not a setting; {hint}", "")


def _missing_settings(values: Mapping[str, object]) -> Iterator[FaultySetting]:
    """What one setting asks of another."""
    needed = {"basic": ("fhir_user", "fhir_password"), "bearer": ("fhir_token",), "smart": ("smart",)}
    auth = values.get("fhir_auth")
    for name in needed.get(auth if isinstance(auth, str) else "", ()):
        if not values.get(name):
            yield FaultySetting(variable_name(name), f"is needed with fhir_auth {auth}", _allowed_text(name))
    for name, companion in NEEDED_WITH:
        if values.get(companion) and not values.get(name):
            yield FaultySetting(variable_name(name), f"is needed with {companion}", _allowed_text(name))


def _contradictions(settings: Settings, faulty: Collection[str]) -> Iterator[FaultySetting]:
    """What each setting allows, and both together do not; for a faulty one its default is not compared."""
    for name, limit in BELOW:
        if name in faulty or limit in faulty:
            continue
        if getattr(settings, name) >= getattr(settings, limit):
            yield FaultySetting(variable_name(name), f"must be below {limit}", _allowed_text(name))
    # The defaults, which stand for faulty ones, go with everything.
    yield from _hours_without_effect(settings)


def _hours_without_effect(settings: Settings) -> Iterator[FaultySetting]:
    """Hours in which hardly any full pass would begin, since each is too late for them."""
    least = ceil(full_pass_rule_of(settings).hours.longest_break.total_seconds() / LATEST)
    if settings.full_sweep_interval < least:
        problem = (
            f"its longest break is more than twice full_sweep_interval, after which no full pass waits: "
            f"set full_sweep_interval to {least} or more, or leave this empty"
        )
        yield FaultySetting(variable_name("full_sweep_hours"), problem, _allowed_text("full_sweep_hours"))


def _fault_of(problem: ErrorDetails) -> FaultySetting:
    name = str(problem["loc"][0])
    words = "is needed" if problem["type"] == "missing" else _problem_text(problem)
    return FaultySetting(variable_name(name), words, _allowed_text(name))


def _problem_text(problem: ErrorDetails) -> str:
    """Pydantic's words, or those of our own validators without its prefix; neither holds the value."""
    message = str(problem["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _allowed_text(name: str) -> str:
    field = Settings.model_fields.get(name)
    return (field.description if field else None) or ""
