"""The few words around the codes in titles, notes and narratives, from the section ``plan`` of the texts."""

from functools import cache

from mappings.texts import LANGUAGES, REFERENCE, load


@cache
def label(name: str, language: str) -> str:
    """The word in that language, or in English."""
    return load(language if language in LANGUAGES else REFERENCE).say(f"plan.{name}")
