import pytest

from adapter.clinical.model import Side, Site
from mappings.inbound.densitometry import words
from mappings.inbound.densitometry.low_bone import calls_it_low, without_criteria


@pytest.mark.parametrize(
    ("label", "site", "side"),
    [
        ("Col fémoral gauche", Site.FEMORAL_NECK, Side.LEFT),
        ("femurhals links", Site.FEMORAL_NECK, Side.LEFT),
        ("Schenkelhals rechts", Site.FEMORAL_NECK, Side.RIGHT),
        ("Right femoral neck", Site.FEMORAL_NECK, Side.RIGHT),
        ("collum femoris", Site.FEMORAL_NECK, None),
        ("Hanche totale droite", Site.TOTAL_HIP, Side.RIGHT),
        ("Gesamthüfte", Site.TOTAL_HIP, None),
        ("totale heup rechts", Site.TOTAL_HIP, Side.RIGHT),
        ("Left Femur Total", Site.TOTAL_HIP, Side.LEFT),
        ("Femur neck and total", Site.FEMUR_REGION_UNKNOWN, None),
        ("DXA Femur-L T-score BMD", Site.FEMUR_REGION_UNKNOWN, Side.LEFT),
        ("Femur Ward's triangle", Site.OTHER, None),
        ("Femur Upper Neck Left", Site.OTHER, Side.LEFT),
        ("Schenkelhals li.", Site.FEMORAL_NECK, Side.LEFT),
        ("heup re, totaal", Site.TOTAL_HIP, Side.RIGHT),
        ("heup, re-operatie", Site.TOTAL_HIP, None),
        ("lumbale wervelkolom", Site.LUMBAR_SPINE, None),
        ("TSCORE_LWK", Site.LUMBAR_SPINE, None),
        ("rachis lombaire", Site.LUMBAR_SPINE, None),
        ("Lendenwirbelsäule", Site.LUMBAR_SPINE, None),
        ("onderarm links", Site.FOREARM, Side.LEFT),
        ("Total body", Site.OTHER, None),
        ("Linkerventrikelejectiefractie", None, None),
    ],
)
def test_words_of_four_languages_name_site_and_side(label: str, site: Site | None, side: Side | None) -> None:
    assert (words.site(label), words.side(label)) == (site, side)


@pytest.mark.parametrize(
    "label",
    [
        *("DEXA T-score heup", "T score", "T-waarde LWK", "score T", "TSCORE_LWK", "T-Wert Hüfte"),
        *("T - score", "T -score L1-L4", "Score-T", "Cote T colonne lombaire"),
    ],
)
def test_a_t_score_of_bone_says_so(label: str) -> None:
    assert words.calls_itself_t_score(label)


@pytest.mark.parametrize(
    "label",
    ["PROMIS pain T-score", "vragenlijst T-score", "gait score", "LVEF", "Z-score", "NEWS at - score"],
)
def test_another_score_does_not_call_itself_a_t_score_of_bone(label: str) -> None:
    assert not words.calls_itself_t_score(label)


@pytest.mark.parametrize(
    ("said", "low"),
    [
        ("Osteoporose. T-score LWK -3,1.", True),
        ("Ostéopénie de la hanche", True),
        ("Verlaagde botdichtheid", True),
        ("Geen osteoporose.", False),
        ("No evidence of osteoporosis", False),
        ("Pas d'ostéoporose", False),
        ("Normale botdichtheid", False),
        ("Pas d'argument densitométrique pour une ostéoporose.", False),
        ("Geen duidelijke aanwijzingen voor osteoporose of osteopenie", False),
        ("Keine Osteoporose, Osteopenie oder verminderte Dichte", False),
        ("Osteoporose is uitgesloten.", False),
        ("Osteoporosis: no.", False),
        ("Ostéoporose exclue", False),
        ("Ausschluss einer Osteoporose", False),
        ("Absence d'ostéoporose", False),
        ("Osteoporosis: no fracture", True),
        ("Osteoporose niet uitgesloten", True),
        ("Geen fracturen maar wel osteoporose", True),
        ("Geen fractuur bij bekende osteoporose", True),
        ("No osteoporosis of the hip. Osteopenia of the spine.", True),
        ("Keine Fraktur. Osteoporose der LWS.", True),
        ("Nog steeds osteoporose.", True),
        ("Notable osteoporosis of the spine", True),
        ("Osteoporose kon niet worden aangetoond", False),
        ("Osteoporose is niet aanwezig.", False),
        ("Ostéoporose non retrouvée", False),
        ("Osteoporose nicht nachweisbar", False),
        ("Osteoporose kan niet worden uitgesloten", True),
        ("Negative for osteoporosis or osteopenia", False),
        ("T-scores above the range of osteopenia", False),
        ("Nessun segno di osteoporosi", False),
        ("Sin evidencia de osteoporosis", False),
        ("Forse botontkalking van de wervelkolom", True),
        ("Deutlich erniedrigte Knochendichte", True),
        ("Die Knochendichte ist deutlich reduziert", True),
        ("Déminéralisation osseuse diffuse", True),
        ("Densité osseuse abaissée", True),
        ("Lage botmassa in de heup", True),
        ("De botdichtheid is te laag", True),
        ("Reduced bone density for age", True),
        ("Geen botontkalking", False),
        ("Kein Knochenschwund, keine erniedrigte Knochendichte", False),
        ("Die Knochendichte ist nicht erniedrigt", False),
        ("Pas de déminéralisation", False),
        ("Geen aanwijzingen voor lage botmassa", False),
        ("Laag fractuurrisico bij normale botdichtheid", False),
        ("Low fracture risk", False),
    ],
)
def test_a_conclusion_calls_the_bone_low_or_denies_it(said: str, low: bool) -> None:
    assert calls_it_low(said) is low


@pytest.mark.parametrize(
    "unit",
    [
        "SD units",
        "T-score (SD)",
        "T score",
        "T-Score",
        "SDs",
        "Std Dev",
        "std. dev.",
        "standaarddeviaties",
        "écart-type",
    ],
)
def test_units_in_words_mean_standard_deviations(unit: str) -> None:
    assert words.is_standard_deviations(unit)


@pytest.mark.parametrize("unit", ["g/cm2", "%", "Z-score", "mmol/L", "%YAM"])
def test_another_unit_does_not_mean_standard_deviations(unit: str) -> None:
    assert not words.is_standard_deviations(unit)


@pytest.mark.parametrize(
    ("label", "named"),
    [
        ("Status na THP links", True),
        ("kunstheup", True),
        ("PTH gauche", True),
        ("Hüft-TEP", True),
        ("TEP links", True),
        ("Knie-TEP rechts", False),
        ("PTH verhoogd", False),  # the hormone
        ("TEP Hüfte li.", True),
        ("Kop-halsprothese links", True),
        ("Duokopfprothese rechts", True),
        ("Left hip resurfacing", True),
        ("Revision THA left", True),
        ("prothèse cervico-céphalique droite", True),
        ("Schulter-TEP links", False),
        ("TEP OSG re.", False),
        ("heupfractuur links", False),
    ],
)
def test_a_hip_prosthesis_is_known_by_its_short_names(label: str, named: bool) -> None:
    assert words.names_hip_prosthesis(label) is named


@pytest.mark.parametrize(
    "legend",
    [
        "WHO criteria: normal T-score > -1.0; osteopenia T-score between -1.0 and -2.5; osteoporosis T-score <= -2.5.",
        "(WHO: normaal T > -1; osteopenie -1 tot -2,5; osteoporose T < -2,5)",
        "Referenz nach WHO: T-Score bis -1,0 normal, -1,0 bis -2,5 Osteopenie, unter -2,5 Osteoporose.",
        "Rappel OMS : ostéopénie : T-score entre -1 et -2,5 ; ostéoporose : T-score inférieur ou égal à -2,5.",
        "Osteoporosis is defined as a T-score of -2.5 or lower.",
        "Normal (T-score > -1), osteopenia (T-score -1 to -2.5), osteoporosis (T-score < -2.5)",
        "normal >-1 / osteopenia -1 to -2.5 / osteoporosis <-2.5",
    ],
)
def test_criteria_printed_below_a_result_are_no_finding(legend: str) -> None:
    assert not calls_it_low(f"Normal. {legend}")
    assert calls_it_low(f"Osteoporosis of the radius. {legend}")


@pytest.mark.parametrize(
    "finding",
    [
        "Osteoporosis by WHO criteria T-score <= -2.5",
        "LWS: Osteoporose (T-Score < -2,5), Hüfte: Osteopenie (T-Score -1 bis -2,5), nach WHO",
        "Osteoporosis: T-score below -2.5",
        "Osteopenia, T-score -1.9. WHO criteria: osteoporosis T-score < -2.5",
    ],
)
def test_a_class_with_its_bound_may_be_the_finding(finding: str) -> None:
    assert calls_it_low(finding)
    assert "osteo" in without_criteria(finding)


@pytest.mark.parametrize(
    "label",
    [
        "Punteggio T colonna lombare",
        "Puntuación T columna lumbar",
        "T-värde ländrygg",
        "Escore T coluna lombar",
    ],
)
def test_a_neighbouring_language_names_a_t_score_too(label: str) -> None:
    assert words.calls_itself_t_score(label)
    assert words.site(label) is Site.LUMBAR_SPINE


@pytest.mark.parametrize(
    "label", ["Lateral spine L2-L4", "LWK lateraal", "Rachis lombaire de profil", "LWS seitlich"]
)
def test_a_spine_seen_from_the_side_is_not_for_diagnosis(label: str) -> None:
    assert words.site(label) is Site.OTHER
    assert words.names_lateral(label)


@pytest.mark.parametrize("label", ["AP and lateral spine", "Bilateral hip", "Contralateral femoral neck"])
def test_both_sides_are_no_side_view(label: str) -> None:
    assert not words.names_lateral(label)


@pytest.mark.parametrize(
    "label",
    [
        "Lumbar fusion L4-L5 with pedicle screws",
        "Spondylodese L3-L5",
        "Z.n. Spondylodese LWK 3-5",
        "Arthrodèse lombaire L4-L5",
        "Pedicle screw system lumbar spine",
        "Spinal fusion",
        "PLIF L5-S1",
    ],
)
def test_metal_in_the_lumbar_spine_is_told_by_its_words(label: str) -> None:
    assert words.names_lumbar_metal(label)


@pytest.mark.parametrize(
    "label",
    [
        "Microdiscectomy L5-S1",
        "Anterior cervical discectomy and fusion C5-C6",
        "Spondylodese Th10-Th12",
        "Ankle arthrodesis",
        "Fixation of wrist fracture",
        "Triple arthrodese voet",
        "Infusion of saline",
    ],
)
def test_other_operations_leave_none_there(label: str) -> None:
    assert not words.names_lumbar_metal(label)
