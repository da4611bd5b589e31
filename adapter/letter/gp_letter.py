"""From a decision to a letter: pure, the same inputs give the same letter."""

from adapter.clinical.decision import Decision
from adapter.clinical.model import BoneRecord
from adapter.errors import SoftwareFault
from adapter.letter.dossier import dossier
from adapter.letter.envelope import contacts, envelope, status
from adapter.letter.layout import FORBIDDEN
from adapter.letter.letter_core import letter_core, note
from adapter.letter.parts import Block, Letter, Line, Part
from adapter.letter.patient_copy import patient_part
from adapter.letter.people import People, clean
from adapter.letter.text_entries import Texts


def letter(decision: Decision, record: BoneRecord, people: People, texts: Texts) -> Letter:
    """The letter to the general practitioner: envelope, core, file summary.

    A retraction has the same envelope and then only says what is withdrawn. Raises
    ``SoftwareFault`` when a decision holds something that no letter may say, because that is a
    fault in the rules and not a matter of wording.
    """
    _refuse_forbidden(decision)
    texts = texts.released if people.released_by else texts
    head = envelope(decision, record, people, texts)
    if people.retraction:
        return _letter(
            "gp", _title(people, texts), (head, retraction(decision, people, texts)), people, texts
        )
    parts = (head, letter_core(decision, record, people, texts), dossier(decision, record, people, texts))
    return _letter("gp", _title(people, texts), parts, people, texts)


def patient_letter(decision: Decision, record: BoneRecord, people: People, texts: Texts) -> Letter:
    """The patient's copy in plain language: no rule, drug or code, no suspicion of another disease."""
    _refuse_forbidden(decision)
    texts = texts.released if people.released_by else texts
    title = texts.say("title.patient_retraction" if people.retraction else "title.patient")
    return _letter("patient", title, (patient_part(decision, record, people, texts),), people, texts)


def retraction(decision: Decision, people: People, texts: Texts) -> Part:
    """Nothing but the withdrawal: a retraction that repeats findings would hand them on again."""
    earlier = clean(people.corrected.replaces) if people.corrected else ""
    withdrawn = "withdrawn_of" if earlier else "withdrawn"
    said = tuple(
        Line(f"retraction.{key}", texts.say(f"retraction.{key}", date=texts.day_text(earlier)))
        for key in (withdrawn, "do_not_use", "next")
    )
    block = Block("retraction", texts.say("block.retraction"), (*said, *note(people, texts)))
    return Part("kernel", texts.say("part.kernel"), (block, contacts(decision, people, texts)))


def _title(people: People, texts: Texts) -> str:
    if people.retraction:
        return texts.say("title.retraction")
    return texts.say("title.correction" if people.corrected else "title.gp")


def _letter(kind: str, title: str, parts: tuple[Part, ...], people: People, texts: Texts) -> Letter:
    return Letter(
        kind=kind,
        language=texts.language,
        title=title,
        status=status(people, texts, "status" if kind == "gp" else "patient_status"),
        parts=parts,
        on=people.letter_date,
        author=clean(f"{people.software_name} {people.software_version}"),
        footer=clean(
            texts.say("line.footer", software=people.software_name, version=people.software_version)
        ),
        page=texts.say("line.page"),
        figure=texts.say("block.figure"),
    )


def _refuse_forbidden(decision: Decision) -> None:
    said = FORBIDDEN & {activity.code for activity in decision.activities}
    if said:
        raise SoftwareFault(f"no letter may say {', '.join(sorted(said))}")
