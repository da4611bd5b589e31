"""A fault as it is told: a code for programs to rely on, what happened, what to do, how the command ends.

The kinds stand by the names of their classes, so that whoever only asks for help loads none of them.
"""

from dataclasses import dataclass
from enum import StrEnum

from adapter.errors import ConfigurationFault, OsteoHandoverError, RecordFault, TryAgainLater
from workers.cli.contract.exit_codes import Exit


class FaultCode(StrEnum):
    """What kind of fault it is."""

    USAGE = "usage"
    SETTINGS = "settings"
    INPUT_FILE = "input_file"
    UNKNOWN_PATIENT = "unknown_patient"
    CONFIGURATION = "configuration"
    LATER = "later"
    RECORD = "record"
    SOFTWARE = "software"


@dataclass(frozen=True, slots=True)
class FaultReport:
    """One fault, for a program."""

    code: FaultCode
    message: str
    do: str
    exit_code: int
    details: tuple[str, ...] = ()  # of settings: one line for each that cannot be used


@dataclass(frozen=True, slots=True)
class FaultOutput:
    """What `--json` prints instead of a result."""

    error: FaultReport


class UnknownPatient(RecordFault):
    """Nobody has the id that somebody typed; it is shown to them, and reaches no log."""


# class of the fault, or of what it is a kind of: its code, and what to do unless the message says more
KINDS: dict[str, tuple[FaultCode, str]] = {
    "SettingsFault": (FaultCode.SETTINGS, "correct them; `osteo-handover settings show` lists what is allowed"),
    "InputFileFault": (FaultCode.INPUT_FILE, "correct the file, or name another"),
    "PathwayFileFault": (FaultCode.INPUT_FILE, "correct the file; `osteo-handover pathway check FILE` lists all faults"),
    "TableFault": (FaultCode.INPUT_FILE, "correct the file of cases, or name another"),
    "SpecFault": (FaultCode.INPUT_FILE, "correct the table"),
    "UnknownPatient": (FaultCode.UNKNOWN_PATIENT, "look the id up on the server, and compare fhir_base_url"),
    "ConfigurationFault": (FaultCode.CONFIGURATION, "correct what the message names; `osteo-handover doctor` looks at everything"),
    "TryAgainLater": (FaultCode.LATER, "wait, and run it again; `osteo-handover doctor` says what does not answer"),
    "RecordFault": (FaultCode.RECORD, "look at this record on the server; others are not concerned"),
    "SoftwareFault": (FaultCode.SOFTWARE, "report it to whoever maintains this program, with this message"),
}  # fmt: skip
USAGE = "see --help of the command"


def report_of(fault: Exception) -> FaultReport:
    """The fault for a program. A bug is named by its type alone: its text may quote what it stumbled over."""
    if not isinstance(fault, OsteoHandoverError):
        code, do = KINDS["SoftwareFault"]
        message = f"{type(fault).__name__} in our own code; the trace is on the error output."
        return FaultReport(code, message, do, Exit.ATTENTION)
    names = (kind.__name__ for kind in type(fault).__mro__)
    code, do = next((KINDS[name] for name in names if name in KINDS), KINDS["SoftwareFault"])
    details = tuple(str(detail) for detail in getattr(fault, "faults", ()))
    return FaultReport(code, str(fault), do, exit_for(fault), details)


def usage_report(message: str, exit_code: int) -> FaultReport:
    """A command that was not understood."""
    return FaultReport(FaultCode.USAGE, message, USAGE, exit_code)


def exit_for(fault: OsteoHandoverError) -> Exit:
    """By who must act."""
    match fault:
        case TryAgainLater():
            return Exit.LATER
        case ConfigurationFault():
            return Exit.CORRECT_FIRST
        case _:
            return Exit.ATTENTION
