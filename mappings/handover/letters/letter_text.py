"""What the letters about one patient say: for each recipient the text, the pages and the parts to release.

The essence of a letter is everything in it but its date, its status and the account of the
software: a letter whose essence is the same says the same, on whatever day and by whichever release
of this program it is printed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256

from adapter.clinical.decision import Decision
from adapter.clinical.model import BoneRecord, Side, Site, StandardDeviations, TScore
from adapter.input.wire_json import Json
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
from adapter.letter.wording import fracture, site_name
from mappings.documents import RenderedLetter
from mappings.handover.letters.letter_edition import reference_to
from mappings.handover.plan.change_detection import differences
from mappings.handover.plan.correction import Consequence
from mappings.handover.plan.plan_summary import summary, summary_of
from mappings.handover.release.choice import narrowed
from mappings.handover.release.signature import Release, release_of
from mappings.handover.situation import Situation

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
        lines = [f"{key}={text}" for key, text, _ in self.letter.lines() if not key.startswith(PASSING)]
        return sha256("\n".join(lines).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class LetterWriter:
    """Writes the letters about one patient; all letters about one situation say the same."""

    situation: Situation

    def correction(self, decision: Decision) -> Correction | None:
        """What a corrected letter with this decision begins with; None for every other letter."""
        seen = self.situation
        if seen.consequence is not Consequence.CORRECT:
            return None
        letters = (seen.server.existing[location] for location in seen.history.told_letters())
        sent = sorted(
            str(it.get("sent") or (it.get("meta") or {}).get("lastUpdated") or "")[:10] for it in letters
        )
        changes = tuple(
            (kind, self._value_text(kind, was), self._value_text(kind, now))
            for kind, was, now in self._changes(decision)
        )
        return Correction(changes, seen.change.why, sent[-1] if sent else "")

    def _changes(self, decision: Decision) -> Iterable[tuple[str, str, str]]:
        before = summary_of(self.situation.history.plan or {})
        return differences(before, summary(decision, self.situation.reading.record)) if before else ()

    def letters(
        self, recipients: Sequence[Json], day: date, release: Release | None = None
    ) -> tuple[LetterText, ...]:
        """One letter per recipient, dated; with the name of who released it once somebody did."""
        decision = narrowed(self.situation.decision, release.choice) if release else self.situation.decision
        return self._letters(recipients, day, release, self.correction(decision), retraction=False)

    def retraction(self, letter: Json, day: date, release: Release | None = None) -> LetterText:
        """The withdrawal of earlier letters, which names the day on which the withdrawn one was released."""
        references = (str(reference.get("reference")) for reference in letter.get("partOf") or ())
        releases = (release_of(self.situation.server.existing.get(reference, {})) for reference in references)
        withdrawn = next((Correction((), replaces=it.day) for it in releases if it), None)
        (said,) = self._letters(letter["recipient"], day, release, withdrawn, retraction=True)
        return said

    def _letters(
        self,
        recipients: Sequence[Json],
        day: date,
        release: Release | None,
        corrected: Correction | None,
        *,
        retraction: bool,
    ) -> tuple[LetterText, ...]:
        seen = self.situation
        told = narrowed(seen.decision, release.choice) if release else seen.decision
        # Not asked whether it is the same day: a letter of today would have to be looked at again tomorrow.
        decision = replace(told, on=day)
        record, texts = seen.reading.record, seen.institution.texts
        named = (
            people(seen, day, release, it.get("display"), corrected=corrected, retraction=retraction)
            for it in recipients or [{}]
        )
        letters = (letter(decision, record, known, texts) for known in named)
        return tuple(LetterText(it, render_text(it)) for it in letters)

    def rendered(self, said: LetterText, day: date) -> RenderedLetter:
        """The letter on pages, as it is filed and sent."""
        retracted = said.letter.status.key.endswith("retracted")
        record, texts = self.situation.reading.record, self.situation.institution.texts
        chart = None if retracted else chart_svg(record.t_scores, texts, day)
        return RenderedLetter(
            said.letter, render_pdf(said.letter, chart), render_html(said.letter, chart), chart
        )

    def filed(self, letter: Json, said: LetterText) -> Json:
        """The payload that leads to the pages of a letter, wherever they are filed."""
        return reference_to(self.situation.server, letter, said.letter.title)

    def _value_text(self, kind: str, value: str) -> str:
        """In words where a code has none of its own."""
        texts = self.situation.institution.texts
        match kind:
            case "t_score" if value:
                return _score(value, texts)
            case "fracture" if value:
                return _fracture(value, self.situation.reading.record, texts)
            case "pathway":
                return value
            case _:
                # Named as in the plan: the sentences of the letter have holes that
                # only a whole decision can fill.
                code = PREFIX.get(kind, "") + value.partition(":")[0]
                return self.situation.institution.wording.loosely(code) if value else ""


def people(
    seen: Situation,
    day: date,
    release: Release | None = None,
    recipient: str | None = None,
    *,
    corrected: Correction | None = None,
    retraction: bool = False,
) -> People:
    """The names on a letter, with that of who released it once somebody did."""
    patient, institution = seen.reading.patient, seen.institution
    return People(
        letter_date=day.isoformat(),
        patient_name=patient.name,
        birth_date=patient.birth_date,
        patient_identifier=patient.identifiers[0][1] if patient.identifiers else None,
        recipient=recipient,
        organisation=institution.organization_name,
        contacts=institution.contacts,
        software_version=institution.version,
        released_by=(release.by.role, release.by.name) if release else None,
        released_on=release.day if release else None,
        note=(release.choice.note or None) if release else None,
        corrected=corrected,
        retraction=retraction,
    )


def _score(value: str, texts: Texts) -> str:
    site, side, number, on = value.split("|")
    score = TScore(
        Site(site), StandardDeviations(number), date.fromisoformat(on), Side(side) if side else None
    )
    return f"{site_name(score.site, score.side, texts)} {texts.number(score.value)} ({texts.day(score.on)})"


def _fracture(value: str, record: BoneRecord, texts: Texts) -> str:
    site, _, on = value.partition("|")
    same = (
        item
        for item in record.fractures.items
        if item.site == site and (item.on.isoformat() if item.on else "") == on
    )
    known = next(same, None)
    if known:
        return fracture(known, texts)
    return f"{texts.name('fracture_site', site)}, {texts.day_text(on)}"
