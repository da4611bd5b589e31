"""The codes about deliveries, in three languages: task-reason and status-reason."""

from mappings.code_system import CodeSystem
from mappings.codes import BASE

DELIVERY = f"{BASE}/CodeSystem/delivery"

_ours = CodeSystem(DELIVERY, "codesystem-delivery.json")
concept, words, codes = _ours.concept, _ours.words, _ours.codes
