"""The rights of a token in both spellings of SMART: `system/Task.read` (v1) and `system/Task.rs` (v2)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

_SCOPE = re.compile(r"system/(\*|[A-Za-z]+)\.([a-z*]+)")
_V1 = {"read": "rs", "write": "cud", "*": "cruds"}
_LETTERS = {"c": "create", "r": "read", "u": "update", "d": "delete", "s": "search"}


class ScopeStyle(StrEnum):
    """How scopes are spelt; AUTO asks the server, and takes v2 where it does not say."""

    AUTO = "auto"
    V1 = "v1"
    V2 = "v2"


@dataclass(frozen=True, slots=True)
class ScopeWish:
    """What we ask for: types to read, types to read and write, or the very words that an operator set."""

    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    style: ScopeStyle = ScopeStyle.AUTO
    words: tuple[str, ...] = ()

    def spelt(self, capabilities: Sequence[str] = ()) -> str:
        """The scopes for a server with these capabilities of its SMART configuration."""
        if self.words:
            return " ".join(self.words)
        says_v1 = "permission-v1" in capabilities and "permission-v2" not in capabilities
        v1 = self.style is ScopeStyle.V1 or (self.style is ScopeStyle.AUTO and says_v1)
        read, write = (("read",), ("read", "write")) if v1 else (("rs",), ("cruds",))
        only_read = [kind for kind in self.read if kind not in self.write]
        wanted = [(kind, read) for kind in only_read] + [(kind, write) for kind in self.write]
        return " ".join(f"system/{kind}.{right}" for kind, rights in wanted for right in rights)


def not_granted(asked: str, granted: str) -> tuple[str, ...]:
    """What was asked for and not granted, as `Task: update`; one with `?category=...` is not granted."""
    given = set(_rights(granted))
    missing = [(kind, right) for kind, right in _rights(asked) if not {(kind, right), ("*", right)} & given]
    by_type: dict[str, list[str]] = {}
    for kind, right in dict.fromkeys(missing):
        by_type.setdefault(kind, []).append(_LETTERS[right])
    return tuple(f"{kind}: {', '.join(rights)}" for kind, rights in by_type.items())


def _rights(scopes: str) -> Iterator[tuple[str, str]]:
    for word in scopes.split():
        found = _SCOPE.fullmatch(word)
        if not found:
            continue
        for letter in _V1.get(found[2], found[2]):
            if letter in _LETTERS:
                yield found[1], letter
