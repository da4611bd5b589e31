"""The words by which people name a bone density result, in Dutch, English, French and German.

A word never makes a T-score. It shows that something is a bone density result, so that it is named
and not lost, and it tells the region where no code does, which is then flagged. All words are
compared without case and accents.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from adapter.clinical.model import Side, Site
from mappings.inbound.resources.plain_words import plain

LABELS = 2048  # so many labels of codes and body sites are remembered, which a house uses again and again
_T_SCORE = re.compile(
    r"(?<![a-z])(t(\s?[_-]\s?|\s)?(scores?|waarden?|wert|value|varde|værdi|verdi)"
    r"|(scores?|cotes?|escore|indice|punteggio|puntuacion|puntaje)[\s_-]t)(?![a-z])"
)
_DENSITY = re.compile(
    r"(?<![a-z])(dxa|dexa(?!meth?as)|bmd|dmo|z(\s?[_-]\s?|\s)?(score|waarde|wert)|bone (mineral )?dens"
    r"|bot(mineraal)?dichthei|densite (minerale )?osseuse|knochen(mineral)?dichte|densid\w+ (mineral )?os"
    r"|densita (minerale )?ossea|mineralometria)"
    r"|absorptiom|densito|osteodensi"
)
# T-scores of questionnaires, and what a DXA device measures besides bone density.
_ANOTHER_MATTER = re.compile(
    r"promis|neuro-?qol|questionnaire|vragenlijst|frax|body comp|lichaamssamenst|\bfat\b|\bvet|lean mass"
    r"|trabecular bone score|\btbs\b|fracture assessment|\bvfa\b|advice|aangevraagd"
)
_REGIONS: tuple[tuple[re.Pattern[str], Site], ...] = (
    (
        re.compile(
            r"(?<!upper )(?<!lower )neck|collum|(femur|heup|schenkel|larbens?)hals|\bcol\b|\bhals\b|cervix femoris|\bfn\b"
            r"|\bcoll?o d|\bcollo femor|\bcuello"
        ),
        Site.FEMORAL_NECK,
    ),
    # Devices give halves of the neck too, which nobody diagnoses by (ISCD Official
    # Positions 2023, regions of interest).
    (re.compile(r"trochant|\bwards?\b|shaft|schacht|diaphys|(upper|lower) neck"), Site.OTHER),
    (re.compile(r"\btotaa?le?\b|\btotale?heup|\bgesamt"), Site.TOTAL_HIP),
)
_SPINE = r"(?:spine|lumba|lomba|lenden|wervelkolom|(?<![a-z])lw[ks](?![a-z])|rachi[sd]|wirbelsaule|landrygg)"
_LATERAL = r"(?:(?<!bi)(?<!uni)(?<!contra)latera(?:l|al)|seitlich|\bprofil\b)"
_FROM_THE_SIDE, _FROM_THE_FRONT = re.compile(_LATERAL), re.compile(r"\b(ap|pa|posteroanterior)\b")
_SITES: tuple[tuple[re.Pattern[str], Site], ...] = (
    # A lateral view of the spine is not for diagnosis (ISCD Official Positions 2023,
    # which skeletal sites to measure).
    (re.compile(rf"{_LATERAL}.*{_SPINE}|{_SPINE}.*{_LATERAL}"), Site.OTHER),
    (re.compile(r"whole body|total body|hele lichaam|corps entier|ganzkorper"), Site.OTHER),
    (re.compile(r"radius|forearm|onderarm|ulna|\bpols|wrist|avant-bras|poignet|unterarm"), Site.FOREARM),
    (re.compile(r"calcan|hielbeen|\bheel\b|fersenbein"), Site.CALCANEUS),
    (re.compile(r"humer|bovenarm|oberarm"), Site.HUMERUS),
    (re.compile(r"femur|femor|dijbeen|oberschenkel|\blarben"), Site.FEMUR_REGION_UNKNOWN),
    (re.compile(r"\bhips?\b|heup|hanche|huft|\bhoft|\banca\b|cadera"), Site.TOTAL_HIP),
    (
        re.compile(_SPINE),
        Site.LUMBAR_SPINE,
    ),
)
_SIDES: Mapping[Side, re.Pattern[str]] = {
    Side.LEFT: re.compile(r"\b(left|links|linker|linke[rs]?|gauche|lt|lks)\b|[a-z]-l\b|\bli(?=\.|$|[\s,;)])"),
    Side.RIGHT: re.compile(
        r"\b(right|rechts|rechter|rechte[rs]?|droite?|rt|rts)\b|[a-z]-r\b|\bre(?=\.|$|[\s,;)])"
    ),
}
_PROSTHESIS = re.compile(
    r"prosthe|prothe|protes|kunstheup|arthroplast|hip replacement|artificial hip|heupvervang|\b(thp|khp|thr)\b"
)
# Names and short names of a hip prosthesis alone; the French short one is also that of a
# hormone, so it needs a side.
_HIP_PROSTHESIS = re.compile(
    r"kunstheup|heupvervang|hip (replacement|arthroplast|resurfacing)|artificial hip|huft-?\s?(tep|endoprothese)"
    r"|\b(thp|khp|thr|tha)\b|kop-?\s?hals-?\s?prothese|duokopf|cervico-?cephali\w* prothe|prothese cervico-?cephali"
)
_HIP_PROSTHESIS_WITH_SIDE = re.compile(r"\b(pth|tep)\b")
# Fixation, fusion and prostheses of vertebrae, which are left in; fusions of other
# joints do not name the spine.
_SPINAL_METAL = re.compile(
    r"spondylode[sz]|spondylosynd|pedi[ck]\w*(schroe|schraub|\s?screw|\s?fix)|vis pedicul|harrington"
    r"|\b[pta]lif\b|\bxlif\b"  # interbody fusions, by the way in
    # a fusion of vertebrae, the words in either order
    r"|(spin|lumb|lomb|vertebr|wervel|wirbel|rachi)\w*\W.{0,30}"
    r"(fusion|fusie|fixati|arthrode[sz]|instrumentati|osteosynth|versteifung)"
    r"|(fusion|fusie|fixati|arthrode[sz]|instrumentati|osteosynth|versteifung)\w*\W.{0,30}"
    r"(spin|lumb|lomb|vertebr|wervel|wirbel|rachi|\bl[1-5]\b)"
    r"|\bl[1-5]\b.{0,20}(fusion|fusie|fixati|arthrode[sz])"
    r"|dis[ck](us|c)?\s?(prosthe|prothe|replacement)|bandscheibenprothese"
)
_LUMBAR = re.compile(r"lumb|lomb|(?<![a-z])lw[ks](?![a-z])|lenden|\bl[1-5]\b|\b[pta]lif\b|\bxlif\b")
_OTHER_VERTEBRAE = re.compile(
    r"cervi|thora|dorsal|sacro-?ili|halswervel|halswirbel|borstwervel|brustwirbel"
    r"|(?<![a-z])(hw[ks]|cwk|bw[ks]|thwk|acdf)(?![a-z])|\b(c[1-7]|th?\d+)\b"
)
_KNEE_OR_VESSEL = re.compile(r"knie|\bknee|genou|poplite|arteri|bypass|vasc|vaat")
_OTHER_JOINT = re.compile(
    r"knie|schouder|ell[ae]n?bo|enkel"  # Dutch, which shares some with German
    r"|\bknee|shoulder|elbow|ankle|genou|epaule|coude|cheville"  # English, French
    r"|schulter|sprunggelenk|\bosg\b"  # German
)
_OTHER_METHOD = re.compile(
    r"\btbs\b|trabecular bone score|\bp?-?qct\b|quanti\w*\W(ct\b|comput)"
    r"|\bqus\b|ultra(sound|geluid|schall|sonic|son)|echogra"
)
_UNITS = frozenset({
    "t", "tscore", "tscores", "scoret", "tscoresd", "tscoresds", "twaarde", "twert", "score", "sd", "sds", "sdunit", "sdunits", "stddev", "stddevs", "stdev", "stdevs",
    "standarddeviation", "standarddeviations", "standaarddeviatie", "standaarddeviaties", "standaardafwijking", "ecarttype",
    "ecartstype", "ecartstypes", "et", "ds", "deviationstandard", "deviationsstandard", "standardabweichung", "standardabweichungen",
})  # fmt: skip
_DOUBTED = re.compile(
    r"unreliable|onbetrouwbaar|\b(niet|not|nicht|non|pas) (goed |well |gut |bien )?"
    r"(betrouwbaar|reliable|zuverlassig|fiable|beoordeelbaar|te beoordelen|beurteilbar|verwertbar|bruikbaar|usable"
    r"|assessable|evaluable|interpretab|interpreteerbaar)"
    r"|\b(falsely|spuriously|artificially) (elevated|increased|high)|\boverestimat"
    r"|\bvals verhoogd|\boverschat"
    r"|\buberschatz|\bfalsch(lich)? (erhoht|hoch)"
    r"|\bsurestim|\bfaussement (eleve|augmente)"
)
_NUMBER = re.compile(r"(?<![\w.,])[-+]\s?\d[.,]\d")


def calls_itself_t_score(written: str) -> bool:
    """Whether it says that it is a T-score of bone."""
    said = plain(written)
    return bool(_T_SCORE.search(said)) and not _ANOTHER_MATTER.search(said)


def speaks_of_density(written: str) -> bool:
    """Whether it speaks of bone density or of the scan."""
    said = plain(written)
    return bool(_DENSITY.search(said)) and not _ANOTHER_MATTER.search(said)


def names_another_matter(label: str) -> bool:
    """Whether it is about what else a DXA device or a questionnaire measures."""
    return bool(_ANOTHER_MATTER.search(plain(label)))


# The two of a label, of which a house has few; the same words of a report are of one
# patient, and are not remembered.
label_names_t_score = lru_cache(LABELS)(calls_itself_t_score)
label_names_density = lru_cache(LABELS)(speaks_of_density)


@lru_cache(LABELS)
def region(label: str) -> Site | None:
    """The part of the hip that a label names; none when it names several."""
    found = {site for pattern, site in _REGIONS if pattern.search(plain(label))}
    return found.pop() if len(found) == 1 else None


@lru_cache(LABELS)
def site(label: str) -> Site | None:
    """The site that a label names, its part of the hip included."""
    said = plain(label)
    found = next((site for pattern, site in _SITES if pattern.search(said)), None)
    part = region(label)
    if (
        found in (None, Site.FEMUR_REGION_UNKNOWN, Site.TOTAL_HIP)
        and part
        and (found or part is Site.FEMORAL_NECK)
    ):
        return part
    return found


@lru_cache(LABELS)
def side(label: str) -> Side | None:
    """The side that a label names; none when it names both."""
    found = [which for which, pattern in _SIDES.items() if pattern.search(plain(label))]
    return found[0] if len(found) == 1 else None


@lru_cache(LABELS)
def names_prosthesis(label: str) -> bool:
    """Whether it says that metal was measured."""
    return bool(_PROSTHESIS.search(plain(label)))


@lru_cache(LABELS)
def names_hip_prosthesis(label: str) -> bool:
    """Whether it says that a hip is not the natural one, without any other word for the site."""
    said = plain(label)
    short = _HIP_PROSTHESIS_WITH_SIDE.search(said) and side(label) and not _OTHER_JOINT.search(said)
    return bool(_HIP_PROSTHESIS.search(said) or short)


@lru_cache(LABELS)
def names_other_method(label: str) -> bool:
    """Whether it was measured otherwise than by DXA, or is the texture of the bone and no density."""
    return bool(_OTHER_METHOD.search(plain(label)))


@lru_cache(LABELS)
def names_lumbar_metal(label: str) -> bool:
    """Whether it says that metal was put into the spine, and not into another part of it than the lumbar."""
    said = plain(label)
    if not _SPINAL_METAL.search(said):
        return False
    return bool(_LUMBAR.search(said)) or not _OTHER_VERTEBRAE.search(said)


def names_lateral(label: str) -> bool:
    """Whether a label of a spine says that it was seen from the side, and not from the front too."""
    said = plain(label)
    return bool(_FROM_THE_SIDE.search(said)) and not _FROM_THE_FRONT.search(said)


def names_knee_or_vessel(label: str) -> bool:
    """Whether a femur in it is named for the knee or for a vessel, which get prostheses too."""
    return bool(_KNEE_OR_VESSEL.search(plain(label)))


def doubts_value(note: str) -> bool:
    """Whether a note says that the value beside it cannot be relied on."""
    return bool(_DOUBTED.search(plain(note)))


def gives_number(written: str) -> bool:
    """Whether there is a number with a sign and one decimal, as T-scores are written."""
    return bool(_NUMBER.search(plain(written)))


def is_standard_deviations(unit: str) -> bool:
    """Whether a unit in words means a T-score, or the standard deviations that it counts."""
    return re.sub("[^a-z]", "", plain(unit)) in _UNITS
