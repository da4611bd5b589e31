"""Words that must not be missed.

An entry without a code that we know may still be a fracture, a malignancy or a bone drug.

A word never makes a fact: it shows that an entry may be one, so that the list it belongs to is not whole and
a human looks. The words are Dutch, English, French and German, and are compared without case and accents. The
names of medicines are data (`mappings/valuesets/medicine_words.yaml`).
"""

import re
from functools import lru_cache

from adapter.clinical.model import Reason
from mappings.codes import SNOMED
from mappings.inbound.resources.codings import CONCEPTS, Concept, concept_of
from mappings.inbound.resources.datatypes import has_letter, listed
from mappings.inbound.resources.plain_words import plain
from mappings.valuesets import snomed_name
from mappings.valuesets.medicine_words import words_for

_FRACTURE = re.compile(
    r"fra[ck]tu|breuk|bruch|gebroken|broken|casse|tassement|inzakking|ingezakt|sintering|sinterung"
    r"|(collapse|crush|compression) of .*vertebra|vertebral (collapse|crush|compression)|collapsed vertebra"
)
# Hernias, perforations and interruptions share the word with broken bones.
_NO_FRACTURE = re.compile(
    r"(lies|navel|middenrif|litteken|buikwand|dij|maag|scrotum)breuk\w*|breukband\w*"
    r"|(leisten|nabel|narben|bauchwand|zwerchfell|hoden|schenkel|hiatus)bruch\w*|(ab|auf|aus|durch|ein|um|an)bruch\w*"
    r"|fracture assessment"
)
_MENDS = re.compile(
    r"osteosynthe|vertebroplast|cementoplast|kyphoplast|kyfoplast"
    r"|gamma-?\s?nail|\bpfna?\b|\bdhs\b|dynamic hip screw|glijdende heupschroef"
)
_VERTEBRA = re.compile(
    r"wervel"  # Dutch
    r"|vertebr|spine|spinal|thoracic|dorsal|rachis|lumba|thora[ck]al"  # English, French, and all
    r"|wirbel"  # German
    r"|(?<![a-z])(th|t|l|d|bwk|lwk)\s?-?\d{1,2}(?!\d|[.,]\d)"  # a level; with decimals it is a number
)
_COLLAPSED = re.compile(
    f"{_FRACTURE.pattern}|vertebroplast|kyphoplast|kyfoplast|wedg(e|ing)|wigvorm|wigvervorm|keilwirbel|keilform|genant"
    r"|(dek|sluit|grond)pla(a)?t\w*\s?-?(impressie|inzak|indeuk)|(deck|grund)platten\w*(einbruch|impression)|cuneiforme"
)
# At most four words stand between, and no comma: what follows one may be told; "no change of the known
# fracture" and "no new fracture" deny none.
_DENIED = re.compile(
    r"\b(geen|niet|zonder|no|not|without|pas d[e']?|pas|sans|aucune?|keine?[nr]?|ohne|nicht)\W+"
    # What is said not to have changed is there.
    r"(?!(change|new|progress|increase|nieuw|wijzig|verander|toename|modif|nouve|aggrav|neue|ander|zunahme)\w*)"
    r"(\w+[^\w,\n]+){0,4}?"
    r"(?=\w*(fra[ck]tu|breuk|bruch|inzak|ingezak|tassement|sinterung|wedg|wig|keil|collap|compress))"
    # The denial may stand behind the fracture.
    r"|(fra[ck]tu\w*|inzakking\w*|tassement\w*)\W+(\w+\W+){0,2}?"
    r"(not seen|uitgesloten|excluded|niet|exclue?|ausgeschlossen)"
)
_AFTER_FRACTURE = re.compile(
    r"\b(na|after|post|nach|z\.?\s?n\.?|status|st\.|suites? d\w*|apres|following|revalidat\w*|rehab\w*|herstel)\W+(\w+\W+){0,3}?"
    r"\w*(fra[ck]tu|breuk|bruch)"
)
_MALIGNANCY = re.compile(
    r"malign|carcino|karzino|cancer|kanker|krebs|metasta|uitzaai|myelom|myeloom|kahler|lymphom|lymfo+m"
    r"|leuk[ae]e?m|leukem|leucem|sarco+m|sarkom|melano+m|mesothel|glioblast|hodgkin"
    # What does not say whether it is malignant may be, and several tumours of bone and
    # marrow have names of their own.
    r"|neoplas|\btumou?r|tumeur|geschwulst|gezwel|nieuwvorming|seminom|thymom|chordom|plasm[ao]cyt|mast(oc|oz)yt|myelodyspl|waldenstr"
    r"|(mamma|prostaat|prostata|long|bronchus|colon|nier)-?\s?ca\b|\bca\.?\s(mammae|prostata)"
)
_NO_MALIGNANCY = re.compile(
    r"(benign|goedaardig|gutartig|benin|non-?|anti-?)\w*[\s-]?(\w+ ){0,2}"
    r"(neoplas|tumou?r|tumeur|geschwulst|gezwel|nieuwvorming)\w*"
    r"|tumou?r (necros\w+|marker|stage)\w*|intra-?epithelial neoplas\w*|(neoplas\w*|tumou?r) of (the )?(skin|eyelid)"
    r"|myelodysplasia of spin\w*|in situ|basaalcel\w*|basal cell|basocellul\w*|basaliom\w*"
    r"|pre-?malign\w*|benign\w*|goedaardig\w*|gutartig\w*|benin\w*|malign\w* hypert\w*"
)
_ANOTHER_MATTER = re.compile(
    # what relatives have
    r"family history|family member|familieanamnese|belaste familie|antecedents? famil|familienanamnese|relative with"
    # what is looked for, feared or prevented
    r"|screening|(at )?risk of|risico op|risque de|risiko|fractuurrisico|fracture risk|risque fractur"
    r"|prevent|fear of|angst voor"
    r"|contractu"  # sounds like a fracture
)
_DRUG_HARM = re.compile(
    # an atypical fracture of the femur, the words in either order
    r"\batypi\w*\W(.*\W)?(femur|femor|fra[ck]tu|dijbeen|oberschenkel)"
    r"|(femur|femor|dijbeen|oberschenkel)\w*\W(.*\W)?atypi"
    # osteonecrosis of the jaw, in words and as ONJ, BRONJ or MRONJ
    r"|(jaw|kaak|kiefer|machoire|mandib|maxil)\w*.*ne[ck]ro|ne[ck]ros.*(jaw|kaak|kiefer|machoire|mandib|maxil)"
    r"|\b[bm]?r?onj\b"
)
_NO_HARM = re.compile(
    r"\b(geen|no|zonder|without|keine?n?|ohne|pas d[e']?|sans|aucune?|nooit|never)\W+(\w+\W+){0,4}$"
    r"|\b(cave|controle|let op|voorlicht|informe|waarschuw|warn|monitor|check|aufkl|indien|mocht|if|wenn|falls)"
)
_STOMACH_SURGERY = re.compile(
    r"gastrectom|gastric (bypass|sleeve|resection|band)|sleeve|maag(verklein|bypass|resectie|operatie|band)|bariatri"
    r"|bypass (gastrique|of stomach)|magen(bypass|resektion|entfernung|verklein|schlauch|band)|roux.?(en.?)?y|billroth"
    r"|anneau gastrique|gastroplast|biliopancrea"
)
# Radiotherapy, and a bone in its field: most often a metastasis, and no place for a
# drug that builds bone (GL-67).
_RADIOTHERAPY = re.compile(
    r"bestra(al|l)"  # Dutch
    r"|radiothera|irradia|radiation (therapy|treatment)|teletherap|brachyther|curiethera|sbrt|stereotac"
    r"|strahlenther|bestrahl"  # German
)
_BONE = re.compile(
    r"wervel|\b(bot|botten|bone|bones|os|osseu(x|se|ses)|knochen)\b|skelet|squelet"
    r"|bekken|heiligbeen|dijbeen|bovenarm|ribb?en|borstbeen|botmeta"  # Dutch
    r"|\bspin(e|al)\b|ribs?\b|femur|humerus|sternum|sacr|pelvi"  # English and Latin
    r"|vertebr|rachis|lumba|bassin|femor|\bcotes?\b"  # French, and what English shares with it
    r"|wirbel|\b[lb]w[sk]\b|becken|sakr|kreuzbein|oberschenkel|oberarm|rippe|knochenmeta"  # German
)
# Both testes out is androgen deprivation for good; one is not.
_ORCHIDECTOMY = re.compile(
    r"or[ck]h?i(d|o)?e[ck]tom|testis excision|resection of (bilateral )?test(e|i)s|castrati|kastrati"
)
_ONE_SIDE = re.compile(
    r"unilat|einseitig|enkelzijdig|hemicastr|\b(links|linker|left|gauche|rechts|rechter|right|droite?|li|re)\b"
)
_BOTH_SIDES = re.compile(
    r"bilat|beidseit|beiderseit|dubbelzijdig|\bbeide\b|\bboth\b|\bdeux\b|\bbds\b|links en rechts|left and right"
)
_BONE_DRUG = re.compile(words_for("bone-drug"))
# Forms that stay where they are put: of these no substance weakens bone as tablets and injections do.
_ON_THE_SPOT = re.compile(
    r"cream|ointment|topical|lotion|shampoo|inhal|nasal|spray|ophthalmic|\botic\b|rectal|enema|foam|mouthwash|dental paste"
    r"|creme|klysma|(neus|oog|oor)\W?(druppel|gel|spray)|zalf|vernevel|turbuhaler|diskus|salbe|(augen|ohren|nasen)tropfen|collyre"
    r"|pommade|nebuli"
)
_DEPRIVES = re.compile(words_for("deprives"))
_WEAKENS_BONE = re.compile(words_for("weakens-bone", "deprives"))
# An ending stands at the end of a word, or before a salt.
_EVERYDAY = re.compile(
    rf"[a-z]{{3,}}({words_for('everyday-ending')})(?=[^a-z]|$|{words_for('salt')})|{words_for('everyday')}"
)


@lru_cache(CONCEPTS)
def words_of(said: Concept) -> str:
    """Everything that a concept says in words, the names of its SNOMED CT codes included."""
    names = (snomed_name(c.key) for c in said.codes if c.system == SNOMED)
    return " ".join(words for words in (said.label, *names) if has_letter(words))


def lost_concept(held: object) -> bool:
    """Whether a concept, or one of a list of them, is there in which nobody can read a word or a code."""
    if not held:
        return False
    return any(it and _is_lost(concept_of(it)) for it in listed(held))


@lru_cache(CONCEPTS)
def _is_lost(said: Concept) -> bool:
    return not (said.void or said.written or words_of(said))


@lru_cache(CONCEPTS)
def speaks_of_fracture(words: str) -> bool:
    said = plain(words)
    return not _ANOTHER_MATTER.search(said) and bool(_FRACTURE.search(_NO_FRACTURE.sub("", said)))


def denies_fracture(words: str) -> bool:
    """As the names of classes do: osteoporosis without current pathological fracture."""
    return bool(_DENIED.search(plain(words)))


def mends_fracture(words: str) -> bool:
    """Whether an operation is one that is done for a broken bone, whether it says so or not."""
    return bool(_MENDS.search(plain(words)))


def tells_of_past_fracture(words: str) -> bool:
    """Whether words speak of the time after a fracture, and do not ask whether there is one."""
    said = plain(words)
    return bool(_AFTER_FRACTURE.search(said)) and "?" not in said and speaks_of_fracture(said)


def speaks_of_spine(words: str) -> bool:
    return bool(_VERTEBRA.search(plain(words)))


def speaks_of_broken_vertebra(words: str) -> bool:
    """Whether a sentence says that a vertebra is broken or has collapsed, and not that none is."""
    return any(_sees_it_broken(said) for said in re.split(r"[.;:]\s|\n", plain(words)))


def _sees_it_broken(said: str) -> bool:
    told = _VERTEBRA.search(said) and _COLLAPSED.search(said)
    return bool(told) and not _DENIED.search(said) and not _ANOTHER_MATTER.search(said)


@lru_cache(CONCEPTS)
def speaks_of_malignancy(words: str) -> bool:
    said = plain(words)
    return not _ANOTHER_MATTER.search(said) and bool(_MALIGNANCY.search(_NO_MALIGNANCY.sub("", said)))


@lru_cache(CONCEPTS)
def speaks_of_drug_harm(words: str) -> bool:
    """Whether it tells of atypical femur fracture or osteonecrosis of the jaw, which site codes do not."""
    said = plain(words)
    return not _ANOTHER_MATTER.search(said) and bool(_DRUG_HARM.search(said))


@lru_cache(CONCEPTS)
def names_bone_drug(words: str) -> bool:
    return bool(_BONE_DRUG.search(plain(words)))


@lru_cache(CONCEPTS)
def names_everyday_drug(words: str) -> bool:
    """Whether a product's name has an everyday substance, and no drug for or against bone."""
    return bool(_EVERYDAY.search(plain(words))) and not (names_bone_drug(words) or weakens_bone(words))


@lru_cache(CONCEPTS)
def deprives(words: str) -> bool:
    """Whether words name an aromatase inhibitor or androgen deprivation, by drug or bilateral surgery."""
    said = plain(words)
    removed = _ORCHIDECTOMY.search(said) and (_BOTH_SIDES.search(said) or not _ONE_SIDE.search(said))
    return bool(removed or _DEPRIVES.search(said))


@lru_cache(CONCEPTS)
def irradiates_bone(words: str) -> bool:
    """Whether words tell of radiotherapy with a bone in its field; of a breast or a gland they do not."""
    said = plain(words)
    return bool(_RADIOTHERAPY.search(said) and _BONE.search(said))


def weakens_bone(words: str) -> bool:
    """Whether a medicine in words may be one that weakens bone."""
    said = plain(words)
    return bool(_WEAKENS_BONE.search(said)) and not _ON_THE_SPOT.search(said)


def tells_of_drug_harm(remark: str) -> bool:
    """Whether a clause of a remark says that it happened, and does not deny it or just warn of it."""
    return any(_says_harmed(clause) for clause in re.split(r"[.,;\n]", plain(remark)))


def _says_harmed(clause: str) -> bool:
    told = _DRUG_HARM.search(clause)
    if told is None or _ANOTHER_MATTER.search(clause):
        return False
    return not _NO_HARM.search(clause[: told.start()])


def speaks_of_stomach_surgery(words: str) -> bool:
    return bool(_STOMACH_SURGERY.search(plain(words)))


def suspicions(words: str) -> tuple[Reason, ...]:
    """All that an entry with these words may be, the most urgent first: one must not hide another."""
    asked = (
        (Reason.DRUG_HARM_LIKE, speaks_of_drug_harm),
        (Reason.FRACTURE_LIKE, speaks_of_fracture),
        (Reason.MALIGNANCY_LIKE, speaks_of_malignancy),
        (Reason.BONE_DRUG_LIKE, names_bone_drug),
    )
    return tuple(reason for reason, speaks_of in asked if speaks_of(words))
