"""The drugs of the record in words: names, recorded doses and dates, and which drug excludes which option."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from adapter.clinical.courses import BONE_DRUGS, INTERVALS, says_taken
from adapter.clinical.decision import Decision, Flag, NotOffered, Option, Why
from adapter.clinical.model import BoneRecord, Medicine, MedicineKind, MedicineStatus
from adapter.letter import checks, wording
from adapter.letter.layout import NAMED_BY_DRUG
from adapter.letter.parts import Line
from adapter.letter.people import clean
from adapter.letter.text_entries import Texts

LONGEST = 60  # characters of a product or a dosage; what is longer is a leaflet and not a dose
STEM = 6  # letters that the name of a substance begins with in all languages
SUPPLEMENTS = (MedicineKind.CALCIUM, MedicineKind.VITAMIN_D)
DOSES = frozenset({MedicineStatus.GIVEN, MedicineStatus.DISPENSED})
SILENT = frozenset({MedicineStatus.NOT_GIVEN, MedicineStatus.PROHIBITED})  # no course and no dose


def taken(decision: Decision, record: BoneRecord, texts: Texts) -> Iterator[Line]:
    """The osteoporosis drugs in use, those used before, doses that were not given, and supplements."""
    if not record.medicines.items:
        return
    on, current = decision.on, in_use(decision, record)
    courses = _bone_drugs(record).items()
    using = [held for held in courses if held[0] in current]
    before = [held for held in courses if held[0] not in current]
    yield from _course_line("in_use", using, on, texts)
    yield from _course_line("used_before", before, on, texts)
    for status in sorted(SILENT):
        found = [item for item in record.medicines.items if item.status is status and item.kinds & BONE_DRUGS]
        for one in found:
            kinds = [texts.name("medicine", kind) for kind in sorted(one.kinds & BONE_DRUGS)]
            day = one.last_dose or one.start or one.ended
            yield Line(
                f"line.{status}",
                texts.say(f"line.{status}", drugs=texts.series(kinds), date=_day(day, texts)),
            )
    supplements = [(kind, _entries(record, kind)) for kind in SUPPLEMENTS]
    taking = [
        (kind, entries) for kind, entries in supplements if any(says_taken(entry, on) for entry in entries)
    ]
    yield from _course_line("supplements", taking, on, texts)


def flags_said(record: BoneRecord) -> set[str]:
    """The flags of a decision that say no more than the lines about the drugs do."""
    statuses = {item.status for item in record.medicines.items if item.kinds & BONE_DRUGS}
    said = {"bone_drug_before"} if ever_taken(record) else set()
    said |= {"drug_allergy"} if record.allergies else set()
    said |= {"dose_not_given"} if MedicineStatus.NOT_GIVEN in statuses else set()
    return said | ({"drug_prohibited"} if MedicineStatus.PROHIBITED in statuses else set())


def ever_taken(record: BoneRecord) -> bool:
    """Whether an osteoporosis drug is taken, or was."""
    return any(item.kinds & BONE_DRUGS and item.status not in SILENT for item in record.medicines.items)


def in_use(decision: Decision, record: BoneRecord) -> set[MedicineKind]:
    """The osteoporosis drugs that work today, without past ones and tablets that nobody takes."""
    past = {flag.detail for flag in decision.flags if flag.code == "bone_drug_before"}
    return {
        kind
        for kind, entries in _bone_drugs(record).items()
        if kind.value not in past
        and (kind in INTERVALS or any(says_taken(entry, decision.on) for entry in entries))
    }


def running(decision: Decision, record: BoneRecord) -> list[Medicine]:
    """The entries of osteoporosis drugs that are in use."""
    current = in_use(decision, record)
    return [item for item in record.medicines.items if item.kinds & current and item.status not in SILENT]


def course(kind: MedicineKind, entries: Sequence[Medicine], on: date, texts: Texts) -> str:
    """``denosumab (Prolia 60 mg; since 1 March 2024; last dose 25 March 2026)``, as far as recorded."""
    name = texts.name("medicine", kind)
    newest = max(entries, key=lambda entry: (entry.active, entry.start or date.min))
    product, dose = clean(newest.text, LONGEST), clean(newest.dose, LONGEST)
    started = [entry.start for entry in entries if entry.start and entry.status not in DOSES]
    given = [entry.last_dose or (entry.start if entry.status in DOSES else None) for entry in entries]
    last = max(filter(None, given), default=None)
    ends = max((entry.ended for entry in entries if entry.ended), default=None)
    over = ends and ends < on and ends != last and not any(says_taken(entry, on) for entry in entries)
    moments = (("since", min(started, default=None)), ("last_dose", last), ("ended", ends if over else None))
    about = ["" if _only_named(product, name) else product, dose if dose not in product else ""]
    about += [texts.say(f"line.{key}", date=texts.day(day)) for key, day in moments if day]
    said = "; ".join(filter(None, about))
    return f"{name} ({said})" if said else name


def _only_named(product: str, name: str) -> bool:
    """Whether a product says no more than the name of its substance does, in whatever language."""
    return product[:STEM].lower() == name[:STEM].lower() and not any(sign.isdigit() for sign in product)


def allergies(record: BoneRecord, texts: Texts) -> Iterator[Line]:
    """Allergies to osteoporosis drugs, in the words of the record."""
    named = dict.fromkeys(_substance(allergy.text, allergy.kinds, texts) for allergy in record.allergies)
    if named:
        yield Line("line.allergies", texts.say("line.allergies", substances=texts.series(list(named))))


def option_lines(decision: Decision, texts: Texts) -> Iterator[Line]:
    """The options. Checks that all of them wait for are named once, among what is asked of the reader."""
    options = decision.treatment.options
    alike = len({option.waits_for for option in options}) == 1
    for option in options:
        yield Line(f"option.{option.code}", _option(option, texts, alike=alike))


def _option(offered: Option, texts: Texts, *, alike: bool) -> str:
    named = texts.name("option", offered.code)
    drugs = [texts.name("drug", drug) for drug in offered.drugs if drug != offered.code]
    shown = f"{named} ({texts.series(drugs, 'or')})" if drugs else named
    if offered.firm:
        return texts.say("line.option_firm", option=shown)
    if alike:
        return texts.say("line.option_asked", option=shown)
    needed = texts.series([texts.name("check", check) for check in offered.waits_for])
    return texts.say("line.option_after", option=shown, checks=needed)


def refused_lines(gone: Iterable[NotOffered], record: BoneRecord, on: date, texts: Texts) -> Iterator[Line]:
    """What is no option and why, with the value, disease or allergy behind it; one line for each reason."""
    together: dict[str, list[tuple[str, str]]] = {}
    for option in gone:
        what = texts.first(("drug", "option", "activity", "follow_up"), option.code).rstrip(".")
        together.setdefault(_reason(option, record, on, texts), []).append((option.code, what))
    for reason, named in together.items():
        codes = "_".join(code for code, _ in named)
        what = texts.series(list(dict.fromkeys(what for _, what in named)))
        yield Line(f"not_offered.{codes}", texts.say("line.not_offered", what=what, reason=reason))


def _reason(refused: NotOffered, record: BoneRecord, on: date, texts: Texts) -> str:
    codes = [code.strip() for code in refused.reason.split(",")]
    reasons = dict.fromkeys(wording.worded(code, texts) or texts.say("not_offered.rule") for code in codes)
    found = behind(refused.why, record, on, texts)
    said = texts.series(list(reasons))
    return f"{said} ({'; '.join(found)})" if found else said


def flag(raised: Flag, record: BoneRecord, on: date, texts: Texts) -> str:
    """A remark; one that is about a medicine of the record names it with its dose and days."""
    if raised.code not in NAMED_BY_DRUG:
        return wording.flag(raised, texts)
    held = [item for item in record.medicines.items if item.evidence in raised.why.evidence]
    kinds = [
        kind
        for kind in MedicineKind
        if kind is not MedicineKind.OTHER and raised.detail in (None, kind.value)
    ]
    named = [
        course(kind, mine, on, texts) for kind in kinds if (mine := [it for it in held if kind in it.kinds])
    ]
    return (
        texts.pair(texts.name("flag", raised.code), texts.series(named))
        if named
        else wording.flag(raised, texts)
    )


def behind(why: Why, record: BoneRecord, on: date, texts: Texts) -> list[str]:
    """The laboratory values, diseases and drugs that an output rests on, by name."""
    cited = set(filter(None, why.evidence))
    found = [checks.lab(lab, texts, inside=True) for lab in record.labs if lab.evidence in cited]
    found += [
        texts.name("condition", item.kind) for item in record.conditions.items if item.evidence in cited
    ]
    for item in record.medicines.items:
        if item.evidence in cited:
            found += [
                course(kind, [item], on, texts)
                for kind in sorted(item.kinds)
                if kind is not MedicineKind.OTHER
            ][:1]
    return list(dict.fromkeys(filter(None, found)))


def _substance(text: str, kinds: Iterable[MedicineKind], texts: Texts) -> str:
    return clean(text, LONGEST) or texts.series([texts.name("medicine", kind) for kind in sorted(kinds)])


def _bone_drugs(record: BoneRecord) -> dict[MedicineKind, list[Medicine]]:
    """The entries of each osteoporosis drug that is taken or was."""
    recorded = {kind for item in record.medicines.items for kind in item.kinds & BONE_DRUGS}
    return {kind: held for kind in sorted(recorded) if (held := _entries(record, kind))}


def _entries(record: BoneRecord, kind: MedicineKind) -> list[Medicine]:
    return [item for item in record.medicines.items if kind in item.kinds and item.status not in SILENT]


def _course_line(
    key: str, held: Sequence[tuple[MedicineKind, Sequence[Medicine]]], on: date, texts: Texts
) -> Iterator[Line]:
    if held:
        drugs = texts.series([course(kind, entries, on, texts) for kind, entries in held])
        yield Line(f"line.{key}", texts.say(f"line.{key}", drugs=drugs))


def _day(on: date | None, texts: Texts) -> str:
    return texts.day(on) if on else texts.say("line.date_unknown")
