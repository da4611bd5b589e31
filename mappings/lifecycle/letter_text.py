"""What the letters about one patient say: for each recipient the text, the pages, and what of it must be released.

The essence of a letter is everything in it but its date, its status and the account of the software: a letter whose
essence is the same says the same, on whatever day and by whichever release of this program it is printed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from adapter.clinical import Decision
from adapter.clinical.model import Side, Site, TScore
from adapter.letter import (
    Correction,
    Letter,
    People,
    Texts,
    chart_svg,
    letter,
    render_html,
    render_pdf,
    render_text,
)
from adapter.letter.wording import fracture, place
from mappings.documents import Paper
from mappings.inbound import PatientContext, Reading
from mappings.lifecycle.institution import Institution
from mappings.lifecycle.plan.correction import PlanChange
from mappings.lifecycle.release.signature import Release

Json = dict[str, Any]
PREFIX = {"diagnosis": "diagnosis_", "treatment": "decision_"}
PASSING = ("envelope.date", "account.", "status.", "line.footer")


@dataclass(frozen=True, slots=True)
class LetterText:
    """One letter to one recipient."""

    letter: Letter = field(repr=False)
    text: str = field(repr=False)

    @property
    def essence(self) -> str:
        """A digest of what it says."""
        lines = (f"{it.key}={it.text}" for it in self.letter.lines() if not it.key.startswith(PASSING))
        return sha256("\n".join(lines).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class LetterWriter:
    """Everything that the letters of one review have in common."""

    reading: Reading = field(repr=False)
    decision: Decision = field(repr=False)
    institution: Institution = field(repr=False)

    def say(
        self,
        recipients: Sequence[Json],
        day: date,
        *,
        release: Release | None = None,
        corrected: Correction | None = None,
        retraction: bool = False,
    ) -> tuple[LetterText, ...]:
        """One letter per recipient, dated; with the name of who released it once somebody did."""
        known = people(self.reading.patient, self.institution, day)
        known = replace(known, corrected=corrected, retraction=retraction)
        if release:
            known = replace(known, released_by=(release.by.role, release.by.name), released_on=release.day)
        decision = replace(self.decision, on=day)
        letters = (
            letter(
                decision,
                self.reading.record,
                replace(known, recipient=it.get("display")),
                self.institution.texts,
            )
            for it in recipients or [{}]
        )
        return tuple(LetterText(it, render_text(it)) for it in letters)

    def paper(self, said: LetterText, day: date) -> Paper:
        """The letter on pages, as it is filed and sent."""
        retracted = said.letter.status.key.endswith("retracted")
        chart = None if retracted else chart_svg(self.reading.record.t_scores, self.institution.texts, day)
        return Paper(said.letter, render_pdf(said.letter, chart), render_html(said.letter, chart), chart)


def people(patient: PatientContext, institution: Institution, day: date) -> People:
    """The names on a letter that nobody released."""
    return People(
        letter_date=day.isoformat(),
        patient_name=patient.name,
        birth_date=patient.birth_date,
        patient_identifier=patient.identifiers[0][1] if patient.identifiers else None,
        organisation=institution.organization_name,
        contacts=institution.contacts,
        software_version=institution.release,
    )


def correction(finding: PlanChange, earlier: str, decided: LetterWriter) -> Correction:
    """What is different from the letter of that day, in words where a code has none of its own."""
    changes = tuple(
        (kind, _worded(kind, before, decided), _worded(kind, after, decided))
        for kind, before, after in finding.changes
    )
    return Correction(changes, finding.why, earlier)


def _worded(kind: str, value: str, decided: LetterWriter) -> str:
    texts = decided.institution.texts
    match kind:
        case "t_score" if value:
            return _score(value, texts)
        case "fracture" if value:
            return _fracture(value, decided)
        case "pathway":
            return value
        case _:
            # Named as in the plan: the sentences of the letter have holes that only a whole decision can fill.
            code = PREFIX.get(kind, "") + value.partition(":")[0]
            return decided.institution.wording.loosely(code) if value else ""


def _score(value: str, texts: Texts) -> str:
    site, side, number, on = value.split("|")
    score = TScore(Site(site), Decimal(number), date.fromisoformat(on), Side(side) if side else None)
    return f"{place(score.site, score.side, texts)} {texts.number(score.value)} ({texts.day(score.on)})"


def _fracture(value: str, decided: LetterWriter) -> str:
    site, _, on = value.partition("|")
    now = decided.reading.record.fractures.items
    same = (it for it in now if it.site == site and (it.on.isoformat() if it.on else "") == on)
    known = next(same, None)
    if known:
        return fracture(known, decided.institution.texts)
    return (
        f"{decided.institution.texts.name('fracture_site', site)}, {decided.institution.texts.day_text(on)}"
    )
