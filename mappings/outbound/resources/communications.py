"""The letter on its way: one Communication per recipient, each confirmed, refused or chased alone."""

from collections.abc import Iterator, Mapping

from adapter.clinical.decision import Decision
from adapter.input.wire_json import Json
from mappings.outbound.content import Fragment
from mappings.outbound.draft import Draft, Subject, WriteContext
from mappings.outbound.fingerprint import seal
from mappings.outbound.resources.citations import patient_reference
from mappings.outbound.vocabulary import output_concept
from mappings.valuesets import coding

CATEGORY = Fragment({"coding": [coding("category-notification")]})


def communications(
    subject: Subject, decision: Decision, context: WriteContext, key: str, plan: Json, device: Json
) -> Iterator[Draft]:
    """Letters in status ``preparation``: only a transport may say ``sent``, ``received`` or ``completed``."""
    written: set[str] = set()
    for index, recipient in enumerate(context.gp):
        letter_key = f"{key}|letter|{identity(recipient)}"
        if letter_key not in written:
            written.add(letter_key)
            content = _communication(decision, context, plan, recipient)
            text = context.letter(index)
            content["payload"] = [{"contentString": text}] if text else []
            content |= {"subject": patient_reference(subject), "sender": device}
            yield seal({name: value for name, value in content.items() if value}, letter_key)


def reworded(letter: Draft, words: Mapping[str, str]) -> Draft:
    """The same letter with the text that comes in the place of its own."""
    (said,) = letter.resource["payload"]
    payload = [{"contentString": words[said["contentString"]]}]
    return seal({**letter.resource, "payload": payload}, letter.key)


def identity(recipient: Json) -> str:
    """What identifies a recipient: a business identifier, else the literal reference, else the name."""
    identifier = recipient.get("identifier") or {}
    if identifier.get("value"):
        return f"{identifier.get('system', '')}|{identifier['value']}"
    return str(recipient.get("reference") or recipient.get("display") or "")


def _communication(decision: Decision, context: WriteContext, plan: Json, recipient: Json) -> Json:
    language = context.language
    return {
        "resourceType": "Communication",
        "language": language,
        "basedOn": [plan],
        "status": "preparation",
        "category": [CATEGORY, output_concept("gp_handover_letter", language)],
        "priority": priority(decision),
        "about": [plan],
        "recipient": [recipient],
        "reasonCode": [output_concept(decision.classification.category, language)],
    }


def priority(decision: Decision) -> str:
    """How soon a human should look: a prescriber must be called, an interim letter is offered, or neither."""
    if any(activity.code.startswith("urgent_contact") for activity in decision.activities):
        return "asap"
    return "urgent" if decision.handover.interim_release_offered else "routine"
