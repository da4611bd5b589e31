"""Whether a text says a phrase: every word of weight in one paragraph, numbers exactly, wording free.

The order of the words is free and endings are forgiven, so that "calcium supplement: review" is said
by "the calcium supplements are reviewed"; what is not forgiven is a missing word, another number, or
words scattered over the letter.
"""

import re
import unicodedata
from collections.abc import Iterable

from adapter.letter.pages.plain_text import WIDTH

STOP_WORDS = frozenset(
    ["a", "an", "and", "are", "as", "at", "be", "been", "by", "for", "from", "had", "has", "have", "in", "into", "is",
     "it", "its", "must", "of", "on", "or", "should", "that", "the", "this", "to", "was", "were", "with"]
)  # fmt: skip
_TOKEN = re.compile(r"(?:(?<!\w)[+-])?\d+(?:[.,]\d+)*|[^\W\d_]+\d*")
_BULLET = "- "


def is_missing(phrase: str, said: Iterable[str]) -> bool:
    """Whether no paragraph says the phrase; one without a word of weight is said by any text."""
    wanted = [_forms(word) for word in _words(phrase)]
    return not any(_says(paragraph, wanted) for paragraph in said)


def paragraphs(text: str) -> list[str]:
    """Unwraps a plain letter: a line goes on if its first word had no room on the line before."""
    found: list[str] = []
    before = ""
    for line in text.splitlines():
        if _goes_on(before, line):
            found[-1] = f"{found[-1]} {line.strip()}"
        elif line.strip():
            found.append(line.strip())
        before = line
    return found


def _goes_on(before: str, line: str) -> bool:
    if not before.strip() or not line.strip() or line.startswith(_BULLET):
        return False
    return line.startswith(" ") or len(before) + 1 + len(line.split(maxsplit=1)[0]) > WIDTH


def _says(paragraph: str, wanted: list[frozenset[str]]) -> bool:
    held = frozenset().union(*(_forms(word) for word in _words(paragraph)))
    return all(forms & held for forms in wanted)


def _words(text: str) -> list[str]:
    """Words of weight and numbers, without accents or case; a minus sign of any kind is a minus."""
    plain = unicodedata.normalize("NFKD", text.replace("\u2212", "-").casefold())
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    return [token for token in _TOKEN.findall(letters) if token not in STOP_WORDS]


def _forms(word: str) -> frozenset[str]:
    """A word with and without its plural, ``-ing`` or ``-ed`` ending; a number only as it is."""
    if not word.isalpha() or len(word) < 4:
        return frozenset({word})
    ends = {word, word.removesuffix("s"), word.removesuffix("es"), word.removesuffix("e")}
    for ending in ("ing", "ed"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) > 2:
            ends |= {stem, stem[:-1] if stem[-1] == stem[-2] else stem}
    return frozenset(ends)
