"""Whether words call the bone low. Denials and mere definitions are taken out first."""

import re

from mappings.inbound.densitometry.words import site, speaks_of_density
from mappings.inbound.resources.plain_words import plain

_BONE = r"(?:bot|bone|knochen|mineraal|mineral|densit)\w*"
# Words for the disease itself, words that speak of nothing else in a report of bone density, and
# everyday ones beside the bone.
_LOW_WORD = (
    r"(?:osteop(?:oro|eni)\w*|botontkalk\w*|knochenschwund\w*|deminerali\w*"
    r"|\b(?:verlaagd|decreased|diminue|vermindert)\w*"
    rf"|\b(?:lage?|low|reduced|erniedrigte?|reduzierte?|niedrige?) {_BONE}"
    rf"|{_BONE} (?:(?:is|ist|was|war|te|too|zu|deutlich|duidelijk) )*(?:laag|low|reduced|erniedrigt|reduziert|niedrig)\b"
    r"|(?:densite|masse) (?:minerale )?osseuse (?:est )?(?:tres )?(?:basse|abaissee|faible|reduite))"
)
_LOW = re.compile(_LOW_WORD)
_POROSIS = re.compile(r"osteopor|botontkalk|knochenschwund")
# A denial reaches to the first word of low bone, over anything but a word that turns the sentence,
# and what is listed after it.
_TURN = r"bij|bei|maar|wel|but|however|echter|mais|sondern|aber|jedoch|met|with|avec|mit"
_BETWEEN = rf"(?:(?!(?:{_TURN})\b)[\w']+\s+){{0,6}}?"
_NO = r"(?:geen|no|not|non|niet|aucune?|sans|keine?n?|nicht|without|zonder|sin|senza|nessun[ao]?|ausschluss)\b|pas d[e']?|absence d[e']?"
_DENIED = re.compile(
    rf"\b(?:{_NO}|(?:negative?|negatief) (?:for|voor|fur|pour)\b|(?:above|boven|better than) the\b)\s*{_BETWEEN}{_LOW_WORD}"
    rf"(?:\s*(?:,|/|\bof\b|\bor\b|\bou\b|\boder\b|\bnoch\b|\bnor\b|\bni\b|\bo\b)\s*{_BETWEEN}{_LOW_WORD})*"
)
# A denial that comes behind: "osteoporose is uitgesloten", "osteoporosis: no", "osteoporose
# kon niet worden aangetoond".
_DENIED_AFTER = re.compile(
    rf"{_LOW_WORD}\s*:?\s*(?:is |was |est |ist |wurde )?"
    r"(?:uitgesloten|afwezig|exclue?|absente?|excluded|ruled out|ausgeschlossen|(?:nee|no|nein|non|negatie[fv]e?)(?=\s*(?:[.,;\n]|$))"
    rf"|(?:(?!(?:{_TURN})\b)\w+\s+){{0,3}}?(?:niet|not|nicht|non|pas)\s+(?:\w+\s+)?"
    r"(?:aangetoond|aanwezig|vastgesteld|gevonden|gezien|present|found|seen|demonstrated|identified|confirmed|nachweisbar"
    r"|nachgewiesen|vorhanden|retrouvee?|presente?|confirmee?))"
)
_SENTENCE = re.compile(r"[\n;]|\.\s")
_NOT_NOW = re.compile(
    r"recommend|consider|suggest|advi[sc]|advies|overweeg|aanbevolen|aanbeveling|indicat|indique|conseil|empfohlen|empfehl"
    r"|erwagen|repeat|screening|\?|\b(19|20)\d\d\b"
)
# The criteria of the WHO, which many devices and reporters print below each result: a class
# and its bound, and no finding.
_CLAUSE = re.compile(r"([\n;]|\.\s|,\s)")
_BOUND = re.compile(r"(?<![\d.,])[-+]?\s?(?:1(?:[.,]0+)?|2[.,]50*)(?![.,]?\d)")
_COMPARED = re.compile(
    r"[<>=≤≥]|\b(?:between|below|above|under|or (?:lower|less|higher|more)|at or|less than|lower than|greater than|to|tot|tussen|lager"
    r"|hoger|kleiner|groter|onder|boven|of minder|bis|unter|uber|zwischen|kleiner|grosser|entre|inferieur|superieur|a)\b"
)
_CLASSES = (re.compile(r"\bnorma"), re.compile(r"osteopen"), _POROSIS)
_CRITERIA = re.compile(r"\b(?:who|oms|iscd)\b|criteri|defini|klassifi|classif|referen|legend|rappel")
_DEFINED = re.compile(r"defin(?:ed|ieerd|iert|ie\b|ition|itie)")


def calls_it_low(written: str) -> bool:
    """Whether a report calls the bone density low; one that denies or defines it does not."""
    return bool(_LOW.search(_asserted(written)))


def calls_it_osteoporosis(written: str) -> bool:
    """Whether it calls it osteoporosis."""
    return bool(_POROSIS.search(_asserted(written)))


def tells_low_density(written: str) -> bool:
    """Whether a sentence says that a scan showed low bone mass; one planned or long ago does not count."""
    return any(
        speaks_of_density(it) and _LOW.search(_without_denials(it)) and not _NOT_NOW.search(it)
        for it in _SENTENCE.split(without_criteria(written))
    )


def _asserted(written: str) -> str:
    return _without_denials(without_criteria(written))


def _without_denials(said: str) -> str:
    return _DENIED_AFTER.sub("", _DENIED.sub("", said))


def without_criteria(written: str) -> str:
    """What is said in plain letters, without the bounds of the classes where a text explains them.

    Two classes with their bounds beside a word for criteria, or all three, explain; one
    with a bound may be the finding.
    """
    said = plain(written)
    parts = _CLAUSE.split(said)
    bounds = {n: found for n, part in enumerate(parts) if (found := _classes_bounded(part))}
    named = frozenset[int]().union(*bounds.values())
    explains = len(named) == len(_CLASSES) or (len(named) > 1 and bool(_CRITERIA.search(said)))
    dropped = {n for n in bounds if explains or _DEFINED.search(parts[n])}
    return "".join(part for n, part in enumerate(parts) if n not in dropped)


def _classes_bounded(clause: str) -> frozenset[int]:
    """Which classes a clause gives a bound for, where it has no other number and names no place."""
    if not _BOUND.search(clause) or not _COMPARED.search(clause):
        return frozenset()
    if any(map(str.isdigit, _BOUND.sub("", clause))) or site(clause):
        return frozenset()
    return frozenset(n for n, pattern in enumerate(_CLASSES) if pattern.search(clause))
