"""What a corrected letter begins with: what is different from the letter sent before, and why."""

from collections.abc import Iterator

from adapter.letter import wording
from adapter.letter.parts import Block, Line
from adapter.letter.people import Correction, clean
from adapter.letter.text_entries import Texts

NAMED = frozenset({"pathway", "patient", "recipient"})  # names keep their capital inside a sentence

Changes = tuple[tuple[str, str, str], ...]


def correction(corrected: Correction, texts: Texts) -> Block:
    """Which letter is replaced, the reason, then the differences."""
    replaces = (
        texts.day_text(clean(corrected.replaces)) if corrected.replaces else texts.say("line.earlier_letter")
    )
    lead = Line("correction.replaces", texts.say("correction.replaces", date=replaces))
    why = (
        [Line(f"change_reason.{corrected.why}", texts.name("change_reason", corrected.why))]
        if corrected.why
        else []
    )
    said = [
        Line(f"change.{key}", _change(key, old, new, texts))
        for key, old, new in _together(corrected.changes, texts)
    ]
    return Block("correction", texts.say("block.correction"), (lead, *why, *said))


def _together(changes: Changes, texts: Texts) -> Iterator[tuple[str, str, str]]:
    """The differences in words: for each kind one entry of all that is new, and one of all that is gone."""
    entries: dict[tuple[str, bool, bool, int], list[tuple[str, str]]] = {}
    for number, (key, before, after) in enumerate(changes):
        alone = number if bool(before) == bool(after) else -1
        pair = (_value_text(key, before, texts), _value_text(key, after, texts))
        entries.setdefault((key, bool(before), bool(after), alone), []).append(pair)
    for (key, *_), pairs in entries.items():
        yield key, "; ".join(old for old, _ in pairs), "; ".join(new for _, new in pairs)


def _value_text(key: str, raw: str, texts: Texts) -> str:
    said = wording.value(raw, texts, key)
    return said if key in NAMED else wording.small(said)


def _change(key: str, old: str, new: str, texts: Texts) -> str:
    what = texts.name("change", key)
    match (bool(old.strip("; ")), bool(new.strip("; "))):
        case (True, True):
            return texts.say("correction.changed", what=what, before=old, after=new)
        case (False, True):
            return texts.say("correction.added", what=what, after=new)
        case (True, False):
            return texts.say("correction.withdrawn", what=what, before=old)
        case _:
            return texts.say("correction.other", what=what)
