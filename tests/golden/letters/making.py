"""The letter of a patient that is kept: its text, and the pages with which it would leave."""

from base64 import b64decode
from pathlib import Path

from adapter.input.wire_json import Json
from mappings.texts import LANGUAGES
from tests.golden.letters.patients import PATIENTS, Patient
from tests.golden.letters.stay import Stay

HERE = Path(__file__).parent


def stayed(patient: Patient, language: str, *, released: bool) -> tuple[Stay, Json]:
    """The stay, and the one letter that stands at its end as a Communication."""
    stay = Stay(patient, language)
    stay.review()
    later = patient.changed is not None
    if later:
        stay.release()
        stay.deliver()
        stay.review(later=True)
    if released:
        stay.release(later=later)
    (letter,) = stay.letters("in-progress" if released else "preparation")
    return stay, letter


def text(patient: Patient, language: str) -> str:
    """In words, as it is kept."""
    _, letter = stayed(patient, language, released=patient.released)
    return str(letter["payload"][0]["contentString"])


def pages(patient: Patient, language: str) -> bytes:
    """As PDF, with which it leaves once it is released: inside the letter, or filed beside it."""
    stay, letter = stayed(patient, language, released=True)
    named = (it["contentReference"]["reference"] for it in letter["payload"] if "contentReference" in it)
    filed = (part for place in named for part in stay.server[place]["content"])
    attached = [it.get("contentAttachment") or it.get("attachment") for it in (*letter["payload"], *filed)]
    (pdf,) = (it for it in attached if it and it["contentType"] == "application/pdf")
    return b64decode(pdf["data"])


def kept(name: str, language: str) -> Path:
    """The file of a letter."""
    return HERE / f"{name}.{language}.txt"


def write() -> None:
    """Write every file again."""
    for name, patient in PATIENTS.items():
        for language in LANGUAGES:
            kept(name, language).write_bytes(text(patient, language).encode())
