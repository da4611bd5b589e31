"""Laboratory results under a code that nobody listed: which of the checks before a drug each may be.

A word never makes a value. It shows that a result may be one that speaks against a drug, so that the drug
waits for a value that can be used. A result with a code and no word may be any of the checks that are
measured in its unit; one without a unit may be any of them. The words are Dutch, English, French and German,
and are compared without case and accents.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from adapter.clinical.model import Analyte
from mappings.inbound.medical_history.screening import words_of
from mappings.inbound.resources.codings import CONCEPTS, Concept, concept_of
from mappings.inbound.resources.compartment import SourceResource, contained
from mappings.inbound.resources.datatypes import obj, objs, reference, text
from mappings.inbound.resources.measurement_kind import MeasurementKind, categories_of
from mappings.inbound.resources.observations import Measurement
from mappings.inbound.resources.plain_words import plain
from mappings.valuesets import categories, unit_factor

LABORATORY = "laboratory"  # of observation-category
# What else a calcium can be: ionised, in urine or a stone, eaten, in a coronary artery;
# a tumour marker of that name.
_NOT_IN_BLOOD = re.compile(
    r"urin|24[ -]?(u|h|st)|ioni[sz]|ionis|geioniseerd|vrij\b|free\b|libre\b|score|intake|inname|oxala"
    r"|liquor|csf|stone|steen|ratio|quotient|dialys|antago|channel|kanaal"
)
_OTHER_SPECIMEN = re.compile(
    r"urin|\bpipi\b|liquor|\bcsf\b|spinal fluid|f(a|e|ae)ces|stool|selles|stuhl|ontlasting"
    r"|speeksel|saliva|speichel|zweet|sweat|ascites|pleura|punctaat|punktat|stone|steen|\bcalcul|dialysa"
)
_FREE = re.compile(r"(ge)?ioni[sz]\w*|vrij\b|free\b|libre\b")
_NOT_THE_STORE = re.compile(r"1[.,]\s?25|dihydroxy|calcitriol")
_CLEARANCE = re.compile(r"clear|clair|klar|cockcroft")
_WORDS: Mapping[Analyte, re.Pattern[str]] = {
    Analyte.CALCIUM: re.compile(
        r"[ck]al[cz]ium|calcemi|calciemi|kalcium|(?<![a-z])ca(2?\+\+?)?(?![\w-]|\s?\d)"
    ),
    Analyte.CREATININE: re.compile(r"[ck]reatinin|(?<![a-z])kreat(?![a-z])"),
    Analyte.EGFR: re.compile(
        r"gfr|dfge?(?![a-z])|glomerul|ckd-?epi|mdrd"
        r"|nierfunctie|fonction renale|nierenfunktion|renal function|kidney function"
    ),
    Analyte.VITAMIN_D_25OH: re.compile(
        r"vit(amine?)?[. -]*d(?![a-z])|(?<!\d)25[ ()-]*(oh|hydroxy)|hydroxyvitamin"
        r"|calcidiol|calcifediol|colecalciferol|cholecalciferol"
    ),
    Analyte.ALKALINE_PHOSPHATASE: re.compile(
        r"al[ck]al\w*[ -](ph|f)os(ph|f)at|phosphatases? al[ck]al|(?<![a-z])(alp(?![a-z])|alk\.? ?(ph|f)os)"
    ),
    Analyte.ALBUMIN: re.compile(
        r"(?<!pre)(?<!pre-)(?<!micro)(?<!micro-)(albumin(?!ur)|albumen)|(?<![a-z])alb(?![a-z])"
    ),
    Analyte.PTH: re.compile(r"parath|parat-?hormo|bijschildklierhormo|(?<![a-z])i?pth(?![a-z])"),
}
_OF_LABORATORY = categories("laboratory")
# Most results have none of these.
_PARTS = frozenset({"component", "result"})
_SPECIMENS = frozenset({"specimen", "contained"})
# What is no check before a drug, by its own code.
_OTHER_SUBJECTS = ("score", "dxa", "report", "vfa", "frax", "body", "symptom", "unrelated")


def may_name_check(kind: MeasurementKind) -> bool:
    """Whether an unlisted result of this kind may be one of the checks, by its words or for want of any."""
    if _elsewhere(kind.code) or (kind.categories and LABORATORY not in kind.categories):
        return False
    return bool(not words_of(kind.code) or _named_by(kind.code) or _ionised(kind.code))


def may_be(result: Measurement) -> frozenset[Analyte]:
    """The checks that an unlisted laboratory result may be, by its words and its house code."""
    return _named_by(result.code) if _in_question(result, unsaid=True) else frozenset()


@lru_cache(CONCEPTS)
def _named_by(code: Concept) -> frozenset[Analyte]:
    said = plain("; ".join((words_of(code), *(key for _, key in code.written))))
    named = {analyte for analyte, words in _WORDS.items() if words.search(said)}
    if Analyte.CREATININE in named and _CLEARANCE.search(said):
        return frozenset({Analyte.CREATININE_CLEARANCE})
    if _NOT_IN_BLOOD.search(said):
        named -= {Analyte.CALCIUM, Analyte.CREATININE, Analyte.ALBUMIN}
    return frozenset(named - ({Analyte.VITAMIN_D_25OH} if _NOT_THE_STORE.search(said) else set()))


def might_be_anything(result: Measurement) -> frozenset[Analyte]:
    """The checks that a laboratory result without any words may be, by its unit."""
    if words_of(result.code) or not _in_question(result, unsaid=False):
        return frozenset()
    measured = {analyte for analyte in _WORDS if unit_factor(analyte.replace("_", "-"), result.unit)}
    return frozenset(measured if result.unit else _WORDS)


def lost_with(entry: SourceResource) -> frozenset[Analyte]:
    """The checks that may have been in a report or panel of which a part is named, and cannot be read."""
    if _PARTS.isdisjoint(entry.body):
        return frozenset()
    parts = (concept_of(it.get("code")) for it in objs(entry.body.get("component")))
    if not (any(not (part.written or part.label) for part in parts) or _lacks_result(entry)):
        return frozenset()
    another = _elsewhere(entry.code) or categories_of(entry.body) - _OF_LABORATORY
    return frozenset() if another else frozenset(_WORDS)


def _lacks_result(report: SourceResource) -> bool:
    """Whether it names a result inside it that is not there."""
    named = {it for link in objs(report.body.get("result")) if (it := reference(link)).startswith("#")}
    return bool(named) and not named <= {f"#{it.body['id']}" for it in contained(report, "Observation")}


def ionised_calcium(result: Measurement) -> frozenset[Analyte]:
    """Calcium, where it is the free part of that in blood: its number says nothing here, its mark does."""
    named = _ionised(result.code) and _in_question(result, unsaid=True)
    return frozenset({Analyte.CALCIUM}) if named else frozenset()


@lru_cache(CONCEPTS)
def _ionised(code: Concept) -> bool:
    said = plain(words_of(code))
    free = _FREE.search(said) and not _NOT_IN_BLOOD.search(_FREE.sub("", said))
    return bool(free and _WORDS[Analyte.CALCIUM].search(said))


@lru_cache(CONCEPTS)
def _elsewhere(code: Concept) -> bool:
    """Whether its code says that it is something else."""
    return bool(code.ours) or any(map(code.names, _OTHER_SUBJECTS))


def not_of_blood(result: Measurement) -> bool:
    """Whether its specimen is another than blood, by its name or by the type of the contained one."""
    if _SPECIMENS.isdisjoint(result.body):
        return False
    link = obj(result.body.get("specimen"))
    kept = [
        obj(resource.get("type"))
        for resource in objs(result.body.get("contained"))
        if resource.get("resourceType") == "Specimen"
    ]
    said = "; ".join(filter(None, (text(link.get("display")), *(words_of(concept_of(it)) for it in kept))))
    return bool(said) and _OTHER_SPECIMEN.search(plain(said)) is not None


def _in_question(result: Measurement, *, unsaid: bool) -> bool:
    """Whether it is a laboratory result with a value; ``unsaid`` allows one without any category."""
    if result.grouped and result.value[1] is None:
        return False
    if _elsewhere(result.code) or not_of_blood(result):
        return False
    return LABORATORY in result.categories or (unsaid and not result.categories)
