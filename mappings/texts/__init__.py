"""The words of the letters: one YAML file per language, all with the same keys and the same holes.

``en.yaml`` is the reference for the keys; the types of the core and the tables of the letter are
the reference for ``en.yaml``. What is missing is found when the file is loaded, all of it at
once, never when a letter is due.
"""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

import yaml

from adapter.clinical.decision import Category, DiagnosisStatus, Route, TreatmentDecision
from adapter.clinical.model import (
    Analyte,
    ConditionKind,
    FractureSite,
    MedicineKind,
    Procedure,
    Reason,
    Relative,
    Sex,
    Side,
    Site,
    Standing,
    Symptom,
)
from adapter.errors import SoftwareFault
from adapter.letter.layout import ACTIVITIES, FOLLOW_UPS, STATEMENTS, WARNINGS, RowOwner
from adapter.letter.text_entries import HOLE, Texts

HERE = Path(__file__).parent
LANGUAGES = ("nl", "en", "fr")
REFERENCE = "en"
TIGHT, NO_BREAK = re.compile(r" (?=[:;?!»])"), "\u00a0"  # French sets a blank before these
OWN_HOLES = {"format.date"}  # each language writes dates in its own way

_ENUMS: Mapping[str, type[StrEnum]] = {
    "site": Site,
    "side": Side,
    "fracture_site": FractureSite,
    "category": Category,
    "category_doubtful": Category,
    "patient_category": Category,
    "diagnosis": DiagnosisStatus,
    "route": Route,
    "treatment": TreatmentDecision,
    "patient_treatment": TreatmentDecision,
    "condition": ConditionKind,
    "medicine": MedicineKind,
    "reason": Reason,
    "symptom": Symptom,
    "relative": Relative,
    "procedure": Procedure,
    "lab": Analyte,
    "standing": Standing,
    "sex": Sex,
    "owner": RowOwner,
}
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TABLES: Mapping[str, Iterable[str]] = {
    "activity": ACTIVITIES,
    "follow_up": FOLLOW_UPS,
    "statement": STATEMENTS,
    "flag": WARNINGS,
    "when": sorted({moment for _, _, moment in ACTIVITIES.values()}),
}


class IncompleteTexts(SoftwareFault):
    """A file of texts lacks keys or has other holes than the reference; the message names all of them."""


@cache
def load(language: str) -> Texts:
    """The texts of a language, complete; raises ``IncompleteTexts`` with every missing or different key.

    Loaded once per process. A language that is not shipped is a ``ValueError``: the caller chooses from
    ``LANGUAGES`` by recipient, organisation or setting.
    """
    if language not in LANGUAGES:
        raise ValueError(f"no texts in this language; there are {', '.join(LANGUAGES)}")
    entries = read(HERE / f"{language}.yaml")
    reference = entries if language == REFERENCE else read(HERE / f"{REFERENCE}.yaml")
    check(language, entries, reference)
    return Texts(language, MappingProxyType(entries))


def read(path: Path) -> dict[str, str]:
    """A file of ``section: {code: text}`` as ``section.code: text``, no row of which begins with a colon."""
    loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - safe, in C where there is one
    return {
        f"{section}.{code}": TIGHT.sub(NO_BREAK, str(text))
        for section, codes in loaded.items()
        for code, text in codes.items()
    }


def required() -> set[str]:
    """Keys that follow from the types of the core and the tables of the letter."""
    enums = {f"{section}.{member.value}" for section, kind in _ENUMS.items() for member in kind}
    return enums | {f"{section}.{code}" for section, codes in _TABLES.items() for code in codes}


def check(language: str, entries: Mapping[str, str], reference: Mapping[str, str]) -> None:
    """Compare one language with the reference and the reference with the types."""
    missing = sorted((required() | reference.keys()) - entries.keys())
    surplus = sorted(entries.keys() - reference.keys())
    empty = sorted(key for key, text in entries.items() if not text.strip())
    holes = sorted(
        key
        for key in entries.keys() & reference.keys() - OWN_HOLES
        if _holes(entries[key]) != _holes(reference[key])
    )
    faults = {"missing": missing, "not in the reference": surplus, "empty": empty, "other holes": holes}
    found = [f"{what}: {', '.join(keys)}" for what, keys in faults.items() if keys]
    if found:
        raise IncompleteTexts(f"texts {language}: {'; '.join(found)}")


def _holes(text: str) -> set[str]:
    return set(HOLE.findall(text))


def shipped() -> Iterable[Texts]:
    """Every language that is shipped."""
    return tuple(load(language) for language in LANGUAGES)
