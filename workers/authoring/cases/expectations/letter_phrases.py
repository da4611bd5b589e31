"""Whether a letter says a phrase of a foreign case: from the start of a word, any ending, whole numbers.

"Normale botdichtheid" is more than a phrase: it is looked for as the plain statement, which stands
at the beginning of a line, a sentence or the subject. A negation of it, and a dated line of
history, do not make that statement.
"""

import re

from workers.authoring.cases.expectations.phrases import paragraphs

PLAIN_NORMAL = "normale botdichtheid"
_MINUS = re.compile("[\u2212\u2010\u2011\u2013]")
_HEADING = r"(?:(?:betreft|onderwerp):(?:[^.!?]*:)?\s*|(?:conclusie|klasse):\s*)?"
_STATED = re.compile(
    rf"(?:^|[.!?;]\s+)[-\s]*{_HEADING}(?:normale botdichtheid|de botdichtheid is normaal)"
    r"(?![^.,;:]*\b(?:niet|geen)\b)"
)


def says_phrase(letter: str, phrase: str) -> bool:
    """Whether the letter says it; a letter that is not there says nothing."""
    if phrase.casefold() == PLAIN_NORMAL:
        return any(_STATED.search(_comparable_text(line)) for line in paragraphs(letter))
    return _pattern(phrase).search(_comparable_text(letter)) is not None


def _pattern(phrase: str) -> re.Pattern[str]:
    wanted = re.escape(_comparable_text(phrase))
    end = r"(?!\d)" if phrase[-1:].isdigit() else ""
    return re.compile(rf"(?<!\w){wanted}{end}")


def _comparable_text(text: str) -> str:
    return " ".join(_MINUS.sub("-", text).casefold().split())
