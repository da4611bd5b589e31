"""Codes as types: whoever holds a ``Loinc`` holds something that can be a LOINC code.

LOINC and SNOMED CT identifiers carry a check digit, so a mistyped or invented code is mostly
caught on construction. Whether a code *means* what we think is another matter: that is what the
value sets and their sources are for.

Codes of two classes, or of two systems, are never equal, and each class says in its first words which of its
own codes are. ``key`` is what a table of the same system is asked by.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar

from mappings.check_digits import mod_10, verhoeff
from mappings.ucum_syntax import is_unit

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


def _require(fits: bool, system: str, wanted: str) -> None:
    if not fits:
        raise NotACode(f"not a code of {system}: {wanted}")


@dataclass(frozen=True, slots=True)
class Loinc:
    """A LOINC number such as 38267-1, or one of an answer such as LA18978-9.

    Equal: the same number, to the letter.
    """

    code: str
    _shape: ClassVar[re.Pattern[str]] = re.compile(r"[0-9]{1,7}-[0-9]")
    _wanted: ClassVar = "digits, a hyphen and the check digit that fits"
    _answer: ClassVar[re.Pattern[str]] = re.compile(r"LA[0-9]{1,6}-[0-9]")  # whose digits follow another rule

    def __post_init__(self) -> None:
        """Refuse a wrong shape or check digit."""
        numbered = self._shape.fullmatch(self.code) is not None and mod_10(self.code.replace("-", ""))
        _require(numbered or self._answer.fullmatch(self.code) is not None, LOINC, self._wanted)

    @property
    def system(self) -> str:
        return LOINC

    @property
    def key(self) -> str:
        return self.code


@dataclass(frozen=True, slots=True)
class Snomed:
    """A SNOMED CT concept, or a refined one: ``71341001:272741003=7771000`` (femur, laterality left).

    Equal: the same concept with the same refinements, in whatever order; a left femur is not any femur.
    """

    code: str
    _shape: ClassVar[re.Pattern[str]] = re.compile(
        r"[1-9][0-9]{5,17}(:[0-9]{6,18}=[0-9]{6,18}(,[0-9]{6,18}=[0-9]{6,18})*)?"
    )

    def __post_init__(self) -> None:
        """Refuse a wrong shape or check digit in any identifier of the expression."""
        plain = re.sub(r"\|[^|]*\||\s", "", self.code)  # terms between pipes and spaces carry no meaning
        fits = self._shape.fullmatch(plain) is not None and all(map(verhoeff, re.findall("[0-9]+", plain)))
        _require(fits, SNOMED, "identifiers of 6 to 18 digits, each with the check digit that fits")
        focus, colon, refined = plain.partition(":")
        object.__setattr__(self, "code", f"{focus}{colon}{','.join(sorted(refined.split(',')))}")

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
    """An ICD-10 code of one edition.

    Equal: the same edition, and the same but for dot, dagger, asterisk and case. Editions are written alike
    and mean different things (M80.0 and M81.0 of the WHO and of CM), so the edition is never guessed. The
    German one is read as that of the WHO (``SYSTEM_NAMES`` says why).
    """

    code: str = field(compare=False)
    system: str
    key: str = field(init=False)
    _shape: ClassVar[re.Pattern[str]] = re.compile(r"[A-Z][0-9][0-9A-Z](\.?[0-9A-Z]{1,4})?[-+*!†]?")

    def __post_init__(self) -> None:
        """Refuse a wrong shape or a system that is not ICD-10."""
        _require(
            self._shape.fullmatch(self.code.upper()) is not None,
            "ICD-10",
            "a letter, then digits, with or without a dot",
        )
        _require(self.system in ICD10, "ICD-10", f"the edition is one of {', '.join(sorted(ICD10))}")
        object.__setattr__(self, "key", re.sub(r"[^0-9A-Z]", "", self.code.upper()))


@dataclass(frozen=True, slots=True)
class Icpc:
    """An ICPC code of one edition, such as L95, or L95.02 of the Dutch one.

    Equal: the same edition and code, but for case. Each edition is a system of its own in the value sets, so
    it is never guessed.
    """

    code: str = field(compare=False)
    system: str
    key: str = field(init=False)
    _shape: ClassVar[re.Pattern[str]] = re.compile(r"[A-Z][0-9]{2}(\.[0-9]{2})?")

    def __post_init__(self) -> None:
        """Refuse a wrong shape or a system that is not ICPC."""
        _require(
            self._shape.fullmatch(self.code.upper()) is not None,
            "ICPC",
            "a letter and two digits, and in the Dutch edition two more",
        )
        _require(self.system in ICPC, "ICPC", f"the edition is one of {', '.join(sorted(ICPC))}")
        object.__setattr__(self, "key", self.code.upper())


@dataclass(frozen=True, slots=True)
class Atc:
    """An ATC code of any level, M (anatomical group) to M05BA04 (substance). Equal: the same but for case."""

    code: str = field(compare=False)
    key: str = field(init=False)
    _shape: ClassVar[re.Pattern[str]] = re.compile(r"[A-Z]([0-9]{2}([A-Z]([A-Z]([0-9]{2})?)?)?)?")

    def __post_init__(self) -> None:
        """Refuse a wrong shape."""
        _require(
            self._shape.fullmatch(self.code.upper()) is not None,
            ATC,
            "a letter, then digits and letters by level",
        )
        object.__setattr__(self, "key", self.code.upper())

    @property
    def system(self) -> str:
        return ATC


@dataclass(frozen=True, slots=True)
class RxNorm:
    """An RxNorm concept (RXCUI): up to eight digits. Equal: the same number."""

    code: str
    _shape: ClassVar[re.Pattern[str]] = re.compile(r"[1-9][0-9]{0,7}")

    def __post_init__(self) -> None:
        """Refuse anything but a number."""
        _require(self._shape.fullmatch(self.code) is not None, RXNORM, "one to eight digits")

    @property
    def system(self) -> str:
        return RXNORM

    @property
    def key(self) -> str:
        return self.code


@dataclass(frozen=True, slots=True)
class Ucum:
    """A unit by the syntax and with the single units of UCUM. Equal: the same, but for case inside braces.

    Case counts (mL is no ML), but the text in braces carries no meaning (UCUM, section 6).
    """

    code: str = field(compare=False)
    key: str = field(init=False)

    def __post_init__(self) -> None:
        """Refuse what is no unit."""
        _require(is_unit(self.code), UCUM, "units of UCUM with their prefixes and powers, joined by . or /")
        object.__setattr__(self, "key", re.sub(r"\{[^}]*\}", lambda note: note.group().lower(), self.code))

    @property
    def system(self) -> str:
        return UCUM


@dataclass(frozen=True, slots=True)
class LocalCode:
    """A code of any system that has no type above, our own included. Equal: the same system and code."""

    code: str
    system: str = INTAKE

    def __post_init__(self) -> None:
        """Refuse an empty code or system, and a system whose codes must pass the checks of their own type."""
        system = system_named(self.system)
        _require(bool(self.code.strip() and system), "a local system", "a code and a system")
        _require(system not in _TYPED, "a local system", f"those of {system} have a type of their own")
        object.__setattr__(self, "system", system)

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
