"""The first third of the letter: sender, recipient, patient, day, urgency; and the contacts at its end."""

from types import MappingProxyType

from adapter.clinical.decision import Decision, DiagnosisStatus, Handover
from adapter.clinical.model import BoneRecord
from adapter.letter.layout import ACTIVITIES, URGENT
from adapter.letter.parts import Block, BlockStyle, Line, Part
from adapter.letter.people import People, clean
from adapter.letter.text_entries import Texts

SIGNED = MappingProxyType({"status": "{name}, {role}", "patient_status": "{name} ({role})"})


def status(people: People, texts: Texts, section: str = "status") -> Line:
    """Whether somebody stands behind this letter: until then it says that it is a proposal."""
    standing = "retracted" if people.retraction else "released" if people.released_by else "proposed"
    if people.released_by is None:
        return Line(f"{section}.{standing}", texts.say(f"{section}.{standing}"))
    on = texts.day_text(clean(people.released_on or people.letter_date))
    said = f"{section}.{standing}_by" if people.retraction else f"{section}.{standing}"
    who = _name_and_role(people.released_by, SIGNED[section])
    return Line(f"{section}.{standing}", texts.say(said, who=who, date=on))


def _name_and_role(released_by: tuple[str, str], signed: str) -> str:
    """The name, with the role where one is on record: none is guessed."""
    role, name = map(clean, released_by)
    return signed.format(name=name, role=role) if role else name


def envelope(decision: Decision, record: BoneRecord, people: People, texts: Texts) -> Part:
    """Who writes to whom about whom; a missing name is said, not left blank."""
    rows = (
        ("from", clean(people.organisation) or texts.say("envelope.not_recorded")),
        ("to", clean(people.recipient) or recipient(decision, texts)),
        ("patient", patient(record, people, texts)),
        ("date", texts.day_text(people.letter_date)),
        ("subject", subject(decision, people, texts)),
        ("urgency", _urgency(decision, people, texts)),
    )
    lines = tuple(_pair(f"envelope.{key}", texts.say(f"envelope.{key}"), text, texts) for key, text in rows)
    return Part("envelope", texts.say("part.envelope"), (Block("envelope", "", lines, BlockStyle.PAIRS),))


def recipient(decision: Decision, texts: Texts) -> str:
    """The role to write to where no name is known."""
    return texts.name("recipient", decision.handover.recipient)


def subject(decision: Decision, people: People, texts: Texts) -> str:
    """What the letter is about; a withdrawal does not repeat the class."""
    if people.retraction:
        return texts.say("envelope.subject_retraction")
    found = decision.classification
    if found.doubts:
        return texts.say("envelope.subject_text", category=texts.say("envelope.subject_doubtful"))
    return texts.say("envelope.subject_text", category=texts.name("category", found.category))


def patient(record: BoneRecord, people: People, texts: Texts) -> str:
    """Name, birth date, sex and identifier in one line."""
    sex = people.sex or record.sex
    birth = people.birth_date or (record.birth_date.isoformat() if record.birth_date else "")
    return ", ".join(
        filter(
            None,
            (
                clean(people.patient_name) or texts.say("envelope.name_unknown"),
                texts.say("envelope.born", date=clean(texts.day_text(birth)))
                if birth
                else texts.say("envelope.birth_date_unknown"),
                texts.name("sex", sex) if sex else "",
                texts.say("envelope.identifier", value=clean(people.patient_identifier))
                if people.patient_identifier
                else "",
            ),
        )
    )


GP_PRESCRIBES = ("gp_and_specialist", "gp")


def gp_prescribes(handover: Handover) -> bool:
    """Whether the reader is the prescriber, who is not told to call himself."""
    to_gp = handover.recipient == "general_practitioner"
    return to_gp and dict(handover.statements).get("prescriber") in GP_PRESCRIBES


def _urgency(decision: Decision, people: People, texts: Texts) -> str:
    grade = "soon" if people.retraction else urgency(decision)
    own = grade == "now" and gp_prescribes(decision.handover)
    return texts.say("gp_prescribes.urgency" if own else f"urgency.{grade}")


def urgency(decision: Decision) -> str:
    """``now`` if somebody must be called, ``soon`` if safety allows an interim letter, else ``routine``."""
    codes = {activity.code for activity in decision.activities} | {flag.code for flag in decision.flags}
    if codes & URGENT:
        return "now"
    soon = any(ACTIVITIES[code][2] == "soon" for code in codes & ACTIVITIES.keys())
    blocked = decision.diagnosis.status is DiagnosisStatus.BLOCKED
    return "soon" if soon or blocked or decision.handover.interim_release_offered else "routine"


def contacts(decision: Decision, people: People, texts: Texts) -> Block:
    """Whom to call: from the configuration, then what the pathway adds."""
    unnamed = texts.say("statement.contact")
    listed = [(clean(label) or unnamed, clean(number)) for label, number in people.contacts]
    stated = [
        (unnamed, clean(detail))
        for key, detail in decision.handover.statements
        if key == "contact" and clean(detail) not in {number for _, number in listed}
    ]
    lines = tuple(_pair("contact", label, number, texts) for label, number in (*listed, *stated))
    none = (Line("contact.none", texts.say("line.no_contact")),)
    return Block(
        "contacts",
        texts.say("block.contacts"),
        lines or none,
        BlockStyle.PAIRS if lines else BlockStyle.PLAIN,
    )


def _pair(key: str, label: str, text: str, texts: Texts) -> Line:
    return Line(key, texts.pair(label, text), (label, text))
