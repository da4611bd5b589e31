"""Files that somebody hands in, damaged as files are: bytes lost, doubled or changed, values of odd kinds."""

import json
from collections.abc import Iterator
from random import Random

from adapter.input.wire_json import JsonValue

ODD_TEXTS = (
    "", "not a date", "2026-13-45", "2026-02-30", "0000-00-00", "9999-12-31", "2026-01-01T25:61:00Z", "1e999", "-1", "\u202e",
    "\x1b[2J", "a\nb", "=1+1", "9" * 5000, "{}", "/no/such", "../../x", "${x}", "\U0001f9b4", "null", "[x](y)", "\ud800",
)  # fmt: skip
ODD: tuple[object, ...] = (
    None,
    True,
    False,
    0,
    -1,
    10**30,
    1.5,
    1e300,
    [],
    {},
    [None],
    [[]],
    {"a": 1},
    *ODD_TEXTS,
)
Place = tuple[str | int, ...]


def chance_of(seed: str) -> Random:
    """The same damage on every machine and in every run."""
    return Random(seed)  # noqa: S311 - not a secret


def damaged(whole: object, chance: Random) -> bytes:
    """A document of odd values or missing parts, or broken bytes; text is damaged as it is."""
    if isinstance(whole, bytes):
        return scratched(whole, chance)
    changed = json.loads(json.dumps(whole))
    for _ in range(chance.randint(1, 3)):
        changed = changed_at(changed, chance.choice([*places(changed)]), chance)
    lines = changed if isinstance(whole, list) and isinstance(changed, list) else [changed]
    written = "\n".join(json.dumps(it) for it in lines).encode()
    return scratched(written, chance) if chance.random() < 0.3 else written


def scratched(raw: bytes, chance: Random) -> bytes:
    """The same bytes with a few of them lost, changed or put in."""
    held = bytearray(raw)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(held) + 1)
        match chance.choice(("other", "lost", "more", "cut")):
            case "other":
                held[at : at + 1] = bytes([chance.randrange(256)])
            case "lost":
                del held[at : at + chance.randint(1, 30)]
            case "more":
                held[at:at] = chance.choice(ODD_TEXTS).encode("utf-8", "surrogatepass")[:200]
            case _:
                del held[at + len(held) // 2 :]
    return bytes(held)


def places(node: object, at: Place = ()) -> Iterator[Place]:
    yield at
    held: JsonValue = (
        node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    )
    for name, value in held:
        yield from places(value, (*at, name))


def changed_at(node: JsonValue, at: Place, chance: Random) -> JsonValue:
    if not at:
        return chance.choice(ODD) if chance.random() < 0.1 else node
    if len(at) == 1 and chance.random() < 0.2:
        del node[at[0]]
        return node
    node[at[0]] = chance.choice(ODD) if len(at) == 1 else changed_at(node[at[0]], at[1:], chance)
    return node
