"""The codes of releasing, correcting and following up: reason, input, answer, status-reason, document."""

from functools import cache

from adapter.input.wire_json import Json
from mappings.code_system import CodeSystem
from mappings.codes import BASE
from mappings.outbound.content import Fragment

RELEASE = f"{BASE}/CodeSystem/release"

_ours = CodeSystem(RELEASE, "codesystem-release.json")
words, codes = cache(_ours.words), cache(_ours.codes)  # of a file that no process sees change


@cache
def release_concept(code: str, language: str) -> Json:
    """A CodeableConcept of ours."""
    return Fragment(_ours.concept(code, language))


def code_in(held: object) -> str | None:
    """The code of ours in a CodeableConcept, or in the first of several that has one."""
    several = held if isinstance(held, list) else [held]
    codings = [coding for one in several if isinstance(one, dict) for coding in one.get("coding") or ()]
    return next((str(coding.get("code")) for coding in codings if coding.get("system") == RELEASE), None)
