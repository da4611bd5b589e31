"""Every kind of letter is PDF/A-2a and PDF/UA-1 in the eyes of veraPDF, which is not ours.

The controls show that it can say no: a plain PDF is neither, and one that is only PDF/A-2a is not PDF/UA-1.
"""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
import typst

from adapter.clinical.decision import (
    Category,
    Classification,
    Diagnosis,
    DiagnosisStatus,
    Treatment,
    TreatmentDecision,
)
from adapter.letter import Correction, Letter, chart_svg, letter, patient_letter, render_pdf
from mappings.texts import LANGUAGES, load
from tests.servers.fixtures import missing
from tests.unit.letter.patients import ON, WHY, crowded, decision, people, record

CHECKER = Path(__file__).parents[1] / "servers" / "verapdf" / "run.sh"
PLAIN = b'#set document(title: "x")\n#set text(lang: "en")\n= A letter\nSome words.'
UNTITLED = b"= A letter\nSome words."

pytestmark = pytest.mark.slow

Verdicts = Mapping[tuple[str, str], tuple[bool, tuple[str, ...]]]


def letters(language: str) -> Mapping[str, Letter]:
    texts, facts = load(language), record()
    blocked = decision(
        diagnosis=Diagnosis(DiagnosisStatus.BLOCKED, WHY),
        treatment=Treatment(TreatmentDecision.BLOCKED, "C-51", WHY),
    )
    unclear = decision(classification=Classification(Category.INDETERMINATE, WHY), goals=(), follow_ups=())
    changed = Correction((("t_score", "-2.9", "-2.1"), ("fracture", "", "wrist")), "amended", "2026-10-01")
    released = people(released_by=("internist", "J. Jansen"), released_on="2026-11-13")
    full, history = crowded()
    return {
        "proposed": letter(decision(), facts, people(), texts),
        "released": letter(decision(), facts, released, texts),
        "blocked": letter(blocked, facts, people(), texts),
        "unclear": letter(unclear, record(t_scores=(), vfa=None), people(), texts),
        "corrected": letter(decision(), facts, people(corrected=changed), texts),
        "retracted": letter(decision(), facts, people(retraction=True), texts),
        "full": letter(full, history, people(), texts),
        "names": letter(decision(), facts, people(patient_name="王 אברהם فاطمة 😀 " + "x" * 200), texts),
        "patient": patient_letter(decision(), facts, people(), texts),
    }


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    """What veraPDF says of all files, asked once: starting Java takes longer than checking a letter."""
    if shutil.which("java") is None or shutil.which("mvn") is None:
        missing("PDF/A and PDF/UA are not checked: Java 17 and Maven are needed")
    folder = tmp_path_factory.mktemp("letters")
    for language in LANGUAGES:
        chart = chart_svg(record().t_scores, load(language), ON)
        for kind, it in letters(language).items():
            (folder / f"{language}-{kind}.pdf").write_bytes(render_pdf(it, chart))
    (folder / "plain.pdf").write_bytes(typst.compile(UNTITLED, ignore_system_fonts=True))
    only_a = typst.compile(PLAIN, ignore_system_fonts=True, pdf_standards=["a-2a"])
    (folder / "only-a.pdf").write_bytes(only_a)
    return _checked(sorted(folder.glob("*.pdf")))


def _checked(files: list[Path]) -> Verdicts:
    ran = subprocess.run([CHECKER, *files], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    rows = [line.split("\t") for line in ran.stdout.splitlines() if "\t" in line]
    return {(Path(row[0]).stem, row[1]): (row[2] == "true", tuple(row[4:])) for row in rows}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", letters("en"))
@pytest.mark.parametrize("standard", ["2a", "ua1"])
def test_a_letter_keeps_the_standard(verdicts: Verdicts, language: str, kind: str, standard: str) -> None:
    assert verdicts[f"{language}-{kind}", standard] == (True, ())


def test_the_checker_can_say_yes_to_one_standard_and_no_to_the_other(verdicts: Verdicts) -> None:
    assert verdicts["only-a", "2a"] == (True, ())
    assert not verdicts["only-a", "ua1"][0]


@pytest.mark.parametrize(("control", "standard"), [("plain", "2a"), ("plain", "ua1"), ("only-a", "ua1")])
def test_the_checker_can_say_no(verdicts: Verdicts, control: str, standard: str) -> None:
    compliant, clauses = verdicts[control, standard]

    assert not compliant
    assert clauses
