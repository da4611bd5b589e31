"""Words as all readers compare them, whatever their case, their accents and their dashes."""

import re
import unicodedata


def plain(written: str) -> str:
    """Lower case, without accents, every dash a hyphen."""
    if written.isascii():
        return written.lower()
    decomposed = unicodedata.normalize("NFKD", written)
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return re.sub("[\u2010-\u2015\u2212]", "-", bare).lower()
