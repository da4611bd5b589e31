"""Codes as types: whoever holds a ``Loinc`` holds something that can be a LOINC code.

LOINC and SNOMED CT identifiers carry a check digit, so a mistyped or invented code is mostly
caught on construction. Whether a code *means* what we think is another matter: that is what the
value sets and their sources are for.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar, Protocol

BASE = "https://osteo-handover.org/fhir"
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
ATC = "http://www.whocc.no/atc"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
UCUM = "http://unitsofmeasure.org"
ICD10_WHO = "http://hl7.org/fhir/sid/icd-10"
ICD10_NL = "http://hl7.org/fhir/sid/icd-10-nl"
ICD10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICPC_1 = "http://hl7.org/fhir/sid/icpc-1"
ICPC_1_NL = "http://hl7.org/fhir/sid/icpc-1-nl"
ICPC_2 = "http://hl7.org/fhir/sid/icpc-2"
# The substances of the Dutch G-Standaard, with and without their salt: what nl-core codes an allergy with
# (Nictiz terminology: SSK and SNK).
SUBSTANCES_NL = frozenset({"urn:oid:2.16.840.1.113883.2.4.4.1.725", "urn:oid:2.16.840.1.113883.2.4.4.1.750"})
INTAKE = f"{BASE}/CodeSystem/intake"
REJECTION = f"{BASE}/CodeSystem/rejection"
PLAN_KEY = f"{BASE}/NamingSystem/plan-key"

NULL_FLAVOR = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
DATA_ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"

# The other names of a code system that mean just the same. OIDs: NamingSystems of hl7.terminology.r4 7.0.1.
SYSTEM_NAMES = {
    "urn:oid:2.16.840.1.113883.6.1": LOINC,
    "urn:oid:2.16.840.1.113883.6.96": SNOMED,
    "urn:oid:2.16.840.1.113883.6.73": ATC,
    "http://fhir.de/CodeSystem/bfarm/atc": ATC,  # of the German basic profiles (hl7germany/basisprofil-de-r4)
    "urn:oid:2.16.840.1.113883.6.88": RXNORM,
    "urn:oid:2.16.840.1.113883.6.8": UCUM,
    "urn:oid:2.16.840.1.113883.6.3": ICD10_WHO,
    # The German modification is made from the WHO edition, whose three and four characters keep their
    # meaning; its fifth ones divide them (BfArM; both names from the German basic profiles).
    "http://fhir.de/CodeSystem/bfarm/icd-10-gm": ICD10_WHO,
    "http://fhir.de/CodeSystem/dimdi/icd-10-gm": ICD10_WHO,
    "urn:oid:2.16.840.1.113883.6.90": ICD10_CM,
    "urn:oid:2.16.840.1.113883.2.4.4.31.1": ICPC_1_NL,
    "urn:oid:2.16.840.1.113883.6.138": ICPC_1,
    "urn:oid:2.16.840.1.113883.6.139": ICPC_2,
    "urn:oid:2.16.840.1.113883.6.12": "http://www.ama-assn.org/go/cpt",
}
ICD10 = frozenset({ICD10_WHO, ICD10_NL, ICD10_CM})
ICPC = frozenset({ICPC_1, ICPC_1_NL, ICPC_2})


class NotACode(ValueError):
    """The text cannot be a code of that system; no message quotes it, since a patient may have said it."""


class Code(Protocol):
    """A code that can be looked up: two codes are the same when system and key are."""

    @property
    def system(self) -> str: ...
    @property
    def key(self) -> str: ...


_VERHOEFF_PRODUCT = ((0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 3, 4, 0, 6, 7, 8, 9, 5), (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
      (3, 4, 0, 1, 2, 8, 9, 5, 6, 7), (4, 0, 1, 2, 3, 9, 5, 6, 7, 8), (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
      (6, 5, 9, 8, 7, 1, 0, 4, 3, 2), (7, 6, 5, 9, 8, 2, 1, 0, 4, 3), (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
      (9, 8, 7, 6, 5, 4, 3, 2, 1, 0))  # fmt: skip
_VERHOEFF_PERMUTATION = ((0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 5, 7, 6, 2, 8, 3, 0, 9, 4), (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
      (8, 9, 1, 6, 0, 4, 3, 5, 2, 7), (9, 4, 5, 3, 1, 2, 6, 8, 7, 0), (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
      (2, 7, 9, 3, 8, 0, 6, 4, 1, 5), (7, 0, 4, 6, 9, 1, 3, 2, 5, 8))  # fmt: skip


def _verhoeff(digits: str) -> bool:
    """The check of SNOMED CT identifiers (Release File Specification, SCTID check digit)."""
    check = 0
    for position, digit in enumerate(reversed(digits)):
        check = _VERHOEFF_PRODUCT[check][_VERHOEFF_PERMUTATION[position % 8][int(digit)]]
    return check == 0


def _mod_10(digits: str) -> bool:
    """The check of LOINC numbers (LOINC Users' Guide): every other digit doubled, from the right."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        n = int(digit) * (2 if position % 2 else 1)
        total += n - 9 if n > 9 else n
    return total % 10 == 0


def _require(fits: bool, system: str) -> None:
    if not fits:
        raise NotACode(f"not a code of {system}")


@dataclass(frozen=True, slots=True)
class Loinc:
    """A LOINC number such as 38267-1, or one of an answer such as LA18978-9."""

    code: str
    _shape: ClassVar[re.Pattern[str]] = re.compile(r"[0-9]{1,7}-[0-9]")
    _answer: ClassVar[re.Pattern[str]] = re.compile(r"LA[0-9]{1,6}-[0-9]")  # whose digits follow another rule

    def __post_init__(self) -> None:
        """Refuse a wrong shape or check digit."""
        numbered = self._shape.fullmatch(self.code) is not None and _mod_10(self.code.replace("-", ""))
        _require(numbered or self._answer.fullmatch(self.code) is not None, LOINC)

    @property
    def system(self) -> str:
        return LOINC

    @property
    def key(self) -> str:
        return self.code


@dataclass(frozen=True, slots=True)
class Snomed:
    """A SNOMED CT concept, or a refined one: ``71341001:272741003=7771000`` (femur, laterality left)."""

    code: str
    _shape: ClassVar[re.Pattern[str]] = re.compile(
        r"[1-9][0-9]{5,17}(:[0-9]{6,18}=[0-9]{6,18}(,[0-9]{6,18}=[0-9]{6,18})*)?"
    )

    def __post_init__(self) -> None:
        """Refuse a wrong shape or check digit in any identifier of the expression."""
        plain = re.sub(r"\|[^|]*\||\s", "", self.code)  # terms between pipes and spaces carry no meaning
        fits = self._shape.fullmatch(plain) is not None and all(map(_verhoeff, re.findall("[0-9]+", plain)))
        _require(fits, SNOMED)
        object.__setattr__(self, "code", plain)

    @property
    def system(self) -> str:
        return SNOMED

    @property
    def key(self) -> str:
        """The focus concept, without its refinement."""
        return self.code.partition(":")[0]

    @property
    def refinement(self) -> dict[str, str]:
        """Attribute to value, both as concept ids."""
        pairs = self.code.partition(":")[2]
        return dict(pair.split("=") for pair in pairs.split(",")) if pairs else {}


@dataclass(frozen=True, slots=True)
class Icd10:
    """An ICD-10 code; the system decides what it says, since WHO and CM give M80.0
    and M81.0 different meanings.

    ``key`` is without dot, dagger or asterisk: M80.0 and M800 are the same code.
    """

    code: str = field(compare=False)
    system: str = ICD10_WHO
    key: str = field(init=False)
    _shape: ClassVar[re.Pattern[str]] = re.compile(r"[A-Z][0-9][0-9A-Z](\.?[0-9A-Z]{1,4})?[-+*!†]?")

    def __post_init__(self) -> None:
        """Refuse a wrong shape or a system that is not ICD-10."""
        _require(self._shape.fullmatch(self.code.upper()) is not None and self.system in ICD10, ICD10_WHO)
        object.__setattr__(self, "key", re.sub(r"[^0-9A-Z]", "", self.code.upper()))


@dataclass(frozen=True, slots=True)
class Icpc:
    """An ICPC code such as L95, or L95.02 in the Dutch edition."""

    code: str = field(compare=False)
    system: str = ICPC_1_NL
    key: str = field(init=False)
    _shape: ClassVar[re.Pattern[str]] = re.compile(r"[A-Z][0-9]{2}(\.[0-9]{2})?")

    def __post_init__(self) -> None:
        """Refuse a wrong shape or a system that is not ICPC."""
        _require(self._shape.fullmatch(self.code.upper()) is not None and self.system in ICPC, ICPC_2)
        object.__setattr__(self, "key", self.code.upper())


@dataclass(frozen=True, slots=True)
class Atc:
    """An ATC code of any level, M (anatomical group) to M05BA04 (substance)."""

    code: str = field(compare=False)
    key: str = field(init=False)
    _shape: ClassVar[re.Pattern[str]] = re.compile(r"[A-Z]([0-9]{2}([A-Z]([A-Z]([0-9]{2})?)?)?)?")

    def __post_init__(self) -> None:
        """Refuse a wrong shape."""
        _require(self._shape.fullmatch(self.code.upper()) is not None, ATC)
        object.__setattr__(self, "key", self.code.upper())

    @property
    def system(self) -> str:
        return ATC


@dataclass(frozen=True, slots=True)
class RxNorm:
    """An RxNorm concept (RXCUI): up to eight digits."""

    code: str
    _shape: ClassVar[re.Pattern[str]] = re.compile(r"[1-9][0-9]{0,7}")

    def __post_init__(self) -> None:
        """Refuse anything but a number."""
        _require(self._shape.fullmatch(self.code) is not None, RXNORM)

    @property
    def system(self) -> str:
        return RXNORM

    @property
    def key(self) -> str:
        return self.code


@dataclass(frozen=True, slots=True)
class Ucum:
    """A unit. UCUM is case-sensitive, but the text in braces carries no meaning (UCUM, section 6)."""

    code: str

    def __post_init__(self) -> None:
        """Refuse white space and an empty text."""
        _require(re.fullmatch(r"[!-~]+", self.code) is not None, UCUM)

    @property
    def system(self) -> str:
        return UCUM

    @property
    def key(self) -> str:
        return re.sub(r"\{[^}]*\}", lambda braces: braces.group().lower(), self.code)


@dataclass(frozen=True, slots=True)
class LocalCode:
    """A code of any system that has no type above, our own included."""

    code: str
    system: str = INTAKE

    def __post_init__(self) -> None:
        """Refuse an empty code or system, and a system whose codes must pass the checks of their own type."""
        _require(
            bool(self.code.strip() and self.system.strip()) and system_named(self.system) not in _TYPED,
            "a local system",
        )

    @property
    def key(self) -> str:
        return self.code


AnyCode = Loinc | Snomed | Icd10 | Icpc | Atc | RxNorm | Ucum | LocalCode


def code(system: str, text: str) -> AnyCode:
    """The code of that system; raises ``NotACode``."""
    system = system_named(system)
    if system in ICD10:
        return Icd10(text, system)
    if system in ICPC:
        return Icpc(text, system)
    make = _PLAIN.get(system)
    return make(text) if make else LocalCode(text, system)


@lru_cache(1024)
def system_named(written: str) -> str:
    """The code system that is meant: OID, https, a trailing slash, an edition of SNOMED CT name the same."""
    system = written.strip().rstrip("/")
    if system.startswith("https://") and (plain := f"http://{system.removeprefix('https://')}") in _KNOWN:
        return plain
    if system.startswith(f"{SNOMED}/"):
        return SNOMED
    return SYSTEM_NAMES.get(system, system)


_KNOWN = frozenset({*SYSTEM_NAMES.values(), ICD10_NL, ICPC_1_NL})
_PLAIN: dict[str, type[Loinc] | type[Snomed] | type[Atc] | type[RxNorm] | type[Ucum]] = {
    LOINC: Loinc,
    SNOMED: Snomed,
    ATC: Atc,
    RXNORM: RxNorm,
    UCUM: Ucum,
}
_TYPED = ICD10 | ICPC | _PLAIN.keys()
