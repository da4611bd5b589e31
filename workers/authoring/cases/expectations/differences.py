"""The line that says a difference: the key, the expected value, the actual one."""

from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal

CaseDifference = str


class UnjudgedExpectation(str):
    """An expectation that this program cannot judge; the case is then neither right nor wrong."""

    __slots__ = ()

    def __str__(self) -> str:
        """In words."""
        return f"{super().__str__()}: not known to this product"


def unknown_names(where: str, given: Iterable[str], known: Collection[str]) -> Iterator[UnjudgedExpectation]:
    """A gap for each name that is not known."""
    return (UnjudgedExpectation(f"{where}.{name}") for name in given if name not in known)


def compare_values(key: str, wanted: object, got: object) -> Iterator[CaseDifference]:
    """A line unless both are the same."""
    if wanted != got:
        yield f"{key}: wanted {shown_value(wanted)}, got {shown_value(got)}"


def compare_numbers(key: str, wanted: object, got: object) -> Iterator[CaseDifference]:
    """The same for numbers and lists of them: 1 is 1.0, and null is none at all."""
    yield from compare_values(key, _exact_value(wanted), _exact_value(got))


def missing_items(key: str, wanted: Iterable[str], got: Collection[str]) -> Iterator[CaseDifference]:
    """A line for each that is not there."""
    return (f"{key}: {item} is missing" for item in wanted if item not in got)


def surplus_items(key: str, unwanted: Iterable[str], got: Collection[str]) -> Iterator[CaseDifference]:
    """A line for each that should not be there."""
    return (f"{key}: {item} is there" for item in unwanted if item in got)


def shown_value(value: object) -> str:
    """A value as a reader writes it."""
    if isinstance(value, list):
        return f"[{', '.join(map(shown_value, value))}]"
    return "none" if value is None else str(value)


def _exact_value(value: object) -> object:
    if isinstance(value, list | tuple):
        return [_exact_value(item) for item in value]
    return value if value is None or isinstance(value, bool | str) else Decimal(str(value)).normalize()
