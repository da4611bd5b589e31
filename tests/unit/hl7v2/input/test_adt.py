import pytest

from mappings.hl7v2.input.adt import PatientEvent, PatientNews
from mappings.hl7v2.input.translation import header_of, translated
from tests.unit.hl7v2.messages import PID, msh, sender, wire

MRG = "MRG|777^^^ZKH^PI"


@pytest.mark.parametrize(
    ("event", "means", "former"),
    [
        ("A08", PatientEvent.CHANGED, []),
        ("A31", PatientEvent.CHANGED, []),
        ("A40", PatientEvent.MERGED, ["777"]),
        ("A47", PatientEvent.RENUMBERED, ["777"]),
    ],
)
def test_news_of_a_patient_names_who_it_is_and_who_it_was(
    event: str, means: PatientEvent, former: list[str]
) -> None:
    raw = wire(msh(f"ADT^{event}"), "EVN|x", PID, MRG) if former else wire(msh(f"ADT^{event}"), PID)

    found = translated(raw, header_of(raw), sender()).content

    assert isinstance(found, tuple)
    (news,) = found
    assert isinstance(news, PatientNews)
    assert (news.event, [it.value for it in news.keys], [it.value for it in news.former]) == (
        means,
        ["12345"],
        former,
    )


def test_the_repr_of_what_was_read_shows_nobody() -> None:
    raw = wire(msh("ADT^A40"), PID, MRG)

    shown = repr(translated(raw, header_of(raw), sender()))

    assert not any(it in shown for it in ("12345", "777", "Jansen"))
