"""Text that somebody else wrote, made safe to show: the one place for terminals, logs and error messages.

An escape sequence moves the cursor or renames the window, a right-to-left override turns "rejected" around,
and a line break in a name forges a log line. Such characters have no business in a name, a code or a version:
each is shown as U+FFFD, so that whoever reads sees that something stood there.
"""

import re

LONGEST = 2000  # characters of one text; the rest is counted
# C0, DEL and C1; what joins, turns or hides (zero-width, bidi, tags, byte order mark); line and paragraph
# separators; halves of characters.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)
_GAPS = str.maketrans({"\t": " ", "\r": " ", "\n": " "})


def shown(text: object) -> str:
    """One line, whatever it was, and of a bearable length."""
    plain = _UNSAFE.sub("\ufffd", str(text).translate(_GAPS))
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST]}... ({len(plain) - LONGEST} more)"


def shown_lines(text: str) -> str:
    """The same for a text of several lines, such as a letter."""
    return "\n".join(_UNSAFE.sub("\ufffd", line.replace("\t", " ")) for line in text.split("\n"))


def shown_json(document: str) -> str:
    """JSON that says the same, with everything that a terminal could take for a command spelt out."""
    return "\n".join(_UNSAFE.sub(_spelt, line) for line in document.split("\n"))


def _spelt(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
