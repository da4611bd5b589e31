"""A proposal as cards of CDS Hooks 2.0: what a clinician reads inside the hospital's own system.

    Proposal -> patient_cards.about_the_patient   class and treatment, with the plan as a suggestion
    Proposal -> order_cards.about_orders          what speaks against a drug that is being ordered

`card` gives them their form. The words are those of the letter; nothing is decided here.
"""

from mappings.cards.card import Advice, card_of
from mappings.cards.order_cards import about_orders
from mappings.cards.patient_cards import about_the_patient

__all__ = ["Advice", "about_orders", "about_the_patient", "card_of"]
