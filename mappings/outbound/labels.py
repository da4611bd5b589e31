"""The few words around the codes in titles, notes and narratives, in the three languages."""

from typing import Final

LANGUAGES: Final = ("en", "nl", "fr")

_LABELS: Final[dict[str, tuple[str, str, str]]] = {
    "proposal": (
        "Proposal made by software. Not confirmed: a clinician decides.",
        "Voorstel van software. Niet bevestigd: een arts beslist.",
        "Proposition d'un logiciel. Non confirmée : un clinicien décide.",
    ),
    "decided_by": ("decided by", "bepaald door", "déterminé par"),
    "on": ("on", "op", "le"),
    "class": ("Class", "Klasse", "Classe"),
    "diagnosis": ("Diagnosis", "Diagnose", "Diagnostic"),
    "treatment": ("Treatment", "Behandeling", "Traitement"),
    "study": ("T-scores of this study", "T-scores van dit onderzoek", "T-scores de cet examen"),
    "goals": ("Goals", "Doelen", "Objectifs"),
    "activities": ("Activities", "Activiteiten", "Activités"),
    "options": ("Options for the clinician", "Opties voor de arts", "Options pour le clinicien"),
    "option": ("Option for the clinician", "Optie voor de arts", "Option pour le clinicien"),
    "follow_up": ("Follow-up", "Vervolg", "Suivi"),
    "remarks": ("Remarks", "Opmerkingen", "Remarques"),
    "unknown": ("Not known", "Niet bekend", "Inconnu"),
    "not_offered": ("Not offered", "Niet aangeboden", "Non proposé"),
    "rejected": ("Input that was not used", "Niet gebruikte gegevens", "Données non utilisées"),
    "after_checking": ("only after checking", "pas na controle van", "seulement après vérification de"),
    "one_of": (
        "one of several options; at most one is chosen",
        "een van meerdere opties; hoogstens een wordt gekozen",
        "une option parmi plusieurs ; une seule au plus est choisie",
    ),
    "letter_as_pdf": ("This letter as PDF", "Deze brief als PDF", "Cette lettre en PDF"),
    "confirm": ("a clinician confirms", "arts bevestigt", "à confirmer par un clinicien"),
    "after": ("after", "na", "après"),
    "interval": ("interval", "termijn", "intervalle"),
    "to_be_set": (
        "date to be set by the clinician",
        "datum te bepalen door de arts",
        "date à fixer par le clinicien",
    ),
    "rules": ("rules", "regels", "règles"),
    "pathway": ("Pathway", "Zorgpad", "Trajet de soins"),
    "version": ("version", "versie", "version"),
    "at_least": ("at least", "minstens", "au moins"),
    "at_most": ("at most", "hoogstens", "au plus"),
}


def label(name: str, language: str) -> str:
    """The word in that language, or in English."""
    return _LABELS[name][LANGUAGES.index(language) if language in LANGUAGES else 0]
