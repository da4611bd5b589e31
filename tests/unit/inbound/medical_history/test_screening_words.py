"""Words of records in four languages, what each must be read as, and near words that mean something else."""

from collections.abc import Callable

import pytest

from mappings.inbound.medical_history.screening import (
    deprives,
    irradiates_bone,
    names_bone_drug,
    names_everyday_drug,
    speaks_of_malignancy,
    speaks_of_stomach_surgery,
    weakens_bone,
)

BONE_DRUGS = (
    "difosfonaat tablet wekelijks", "APD-infuus 90 mg", "Skelid 200 mg", "Preotact 100 microgram", "strontium sachets",
    "Steovess 70 mg bruistablet", "Alendron HEXAL plus D 70 mg/5600 I.E.", "FOSAVANCE TABLET 70MG/5600IE", "acide zolédronique",
    "Ibandronsäure", "Binosto 70 mg",
)  # fmt: skip
NO_BONE_DRUGS = ("Metoprolol", "Paracetamol", "rapidtabs", "Difenhydramine", "Calci-Chew D3")
WEAKENS = (
    "CORTANCYL 20 MG CPR 30", "SOLUPRED 20 MG COMPRIME EFFERVESCENT", "Decortin H 20 mg Tabletten", "Dectancyl 0,5 mg",
    "Urbason 16 mg", "Plenadren 20 mg", "Fortecortin 4 mg", "Célestène 2 mg", "Suprefact Depot 3 Monate", "Gonapeptyl Depot",
    "Staladex 11.25 mg implant", "Flutamide 250 mg",
)  # fmt: skip
DOES_NOT_WEAKEN = (
    "Florinef 0,1 mg",
    "Betnesol oordruppels",
    "Enalapril",
    "Dexpanthenol crème",
    "Celecoxib 200 mg",
)
DEPRIVES = (
    "Bilaterale orchidectomie wegens prostaatcarcinoom", "Orchiectomy, simple", "Resection of Bilateral Testes, Open Approach",
    "Beidseitige Orchiektomie", "Castration chirurgicale", "Testis excision", "Orchidectomie links en rechts",
)  # fmt: skip
DOES_NOT_DEPRIVE = (
    "Orchidectomie links wegens torsio testis", "Orchiectomie droite", "Left orchidectomy", "Orchidopexie beiderzijds", "Vasectomie",
)  # fmt: skip
OF_BONE = (
    "Bestraling thoracale en lumbale wervelkolom 10x3 Gy", "Radiotherapy to left femur", "Radiothérapie du bassin 8 Gy",
    "Palliative Strahlentherapie Becken", "Radiotherapie os sacrum", "Irradiation of bone metastasis", "SBRT L3 wervel",
)  # fmt: skip
NOT_OF_BONE = (
    "Bestraling mamma links",
    "Radiotherapy of larynx, cT2",
    "Strahlentherapie Prostata",
    "Radiotherapie long",
    "MRI lumbale wervelkolom",
)
STOMACH = (
    "Sleeve gastrectomie sous coelioscopie", "Gastroenterostomie: Magenbypass mit Roux-Y", "anneau gastrique", "Schlauchmagen: sleeve",
    "Biliopancreatic diversion",
)  # fmt: skip
TUMOURS = (
    "Neoplasm of lung", "Neoplasm of uncertain behavior of kidney", "Gastrointestinal stromal tumor", "Solitary plasmacytoma of bone",
    "Systemic mastocytosis", "Chordoma of sacrum", "Myelodysplastic syndrome", "Mammaca links 2024", "Z.n. Mamma-Ca", "Prostaat-ca",
    "Hersentumor: intracranial tumor", "Kwaadaardig gezwel van de long", "Tumeur du sein",
)  # fmt: skip
NO_TUMOURS = (
    "Benign neoplasm of colon", "Goedaardig gezwel van de schildklier", "Tumor necrosis factor alpha", "Neoplasm of skin",
    "Cervical intraepithelial neoplasia", "Non-neoplastic nevus", "Benigner Tumor der Haut", "Family history: neoplasm of ovary",
    "Ca 2,35 mmol/l", "Myelodysplasia of spinal cord", "Administration of antineoplastic agent",
)  # fmt: skip
EVERYDAY = (
    "Ramipril-ratiopharm 5 mg Tabletten", "Simvastatin AL 20 mg Filmtabletten", "METOPROLOL SUCCINAAT TABLET MGA 50MG",
    "Metoprololsuccinaat 50 mg", "OMEPRAZOL CAPSULE MSR 20MG", "AMLODIPINE EG 5 MG TABL. 98", "PARACETAMOL TEVA 1 G TABL. 120",
    "LEVOTHYROX 75 µg", "Candesartan cilexetil 8 mg", "Amoxicilline 500 mg",
)  # fmt: skip
NOT_EVERYDAY = (
    "Aripiprazol 10 mg", "Dafalgan Forte", "Oxazepam 10 mg", "Furosemide 40 mg", "Tamsulosine 0,4 mg", "Metoprolol en Prolia",
    "Alendronat 70 mg", "Prednisolon 5 mg", "Calci-Chew D3", "Evista", "Haloperidol",
)  # fmt: skip
NOT_STOMACH = ("Coronair bypass (CABG)", "Cholezystektomie", "Femoral-popliteal bypass", "Gastroscopie")


@pytest.mark.parametrize(
    ("hears", "words", "heard"),
    [
        pytest.param(hears, words, heard, id=words)
        for hears, told, near in (
            (names_bone_drug, BONE_DRUGS, NO_BONE_DRUGS),
            (weakens_bone, WEAKENS, DOES_NOT_WEAKEN),
            (deprives, DEPRIVES, DOES_NOT_DEPRIVE),
            (irradiates_bone, OF_BONE, NOT_OF_BONE),
            (speaks_of_stomach_surgery, STOMACH, NOT_STOMACH),
            (speaks_of_malignancy, TUMOURS, NO_TUMOURS),
            (names_everyday_drug, EVERYDAY, NOT_EVERYDAY),
        )
        for several, heard in ((told, True), (near, False))
        for words in several
    ],
)
def test_words_are_heard_for_what_they_say(hears: Callable[[str], bool], words: str, heard: bool) -> None:
    assert hears(words) is heard
