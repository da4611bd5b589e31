"""Expectations about the treatment decision: which one, by which rule, with which options and drugs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from adapter.input.wire_json import ReadOnlyJson
from mappings.outbound.labels import label
from mappings.outbound.vocabulary import words_or_code
from workers.authoring.cases.expectations.case_outcome import CaseProposal, Check
from workers.authoring.cases.expectations.differences import (
    CaseDifference,
    compare_values,
    missing_items,
    surplus_items,
    unknown_names,
)
from workers.authoring.cases.expectations.phrases import is_missing


def check_treatment(wanted: ReadOnlyJson, seen: CaseProposal) -> Iterator[CaseDifference]:
    """All parts, and a gap for each that is not in the table."""
    for part, value in wanted.items():
        if part in PARTS:
            yield from PARTS[part](value, seen)
    yield from unknown_names("expect.treatment", wanted, PARTS)


def _decision(wanted: object, seen: CaseProposal) -> Iterator[CaseDifference]:
    yield from compare_values("treatment.decision", wanted, seen.decision.treatment.decision.value)
    if seen.plan and words_or_code(f"decision_{wanted}", seen.language) not in seen.plan["description"]:
        yield f"treatment.decision: {wanted} is not in the CarePlan"


def _basis(wanted: str, seen: CaseProposal) -> Iterator[CaseDifference]:
    return missing_items("treatment.basis", [wanted], seen.decision.treatment.why.rules)


def _options(*, firm: bool) -> Check:
    """Options of one kind; in the plan only a conditional one says what must be checked first."""
    name = "treatment.options" if firm else "treatment.options_conditional"

    def check(wanted: Sequence[str], seen: CaseProposal) -> Iterator[CaseDifference]:
        yield from missing_items(name, wanted, _offered_options(seen, firm=firm))
        if seen.plan:
            yield from missing_items(
                f"{name} in the CarePlan", wanted, _planned_options(wanted, seen, firm=firm)
            )

    return check


def _options_absent(unwanted: Sequence[str], seen: CaseProposal) -> Iterator[CaseDifference]:
    yield from surplus_items(
        "treatment.options_absent", unwanted, [option.code for option in seen.decision.treatment.options]
    )
    yield from surplus_items("treatment.options_absent in the CarePlan", unwanted, seen.details)


def _options_firm_absent(unwanted: Sequence[str], seen: CaseProposal) -> Iterator[CaseDifference]:
    yield from surplus_items("treatment.options_firm_absent", unwanted, _offered_options(seen, firm=True))
    planned = _planned_options(unwanted, seen, firm=True)
    yield from surplus_items("treatment.options_firm_absent in the CarePlan", unwanted, planned)


def _offered_options(seen: CaseProposal, *, firm: bool) -> list[str]:
    return [option.code for option in seen.decision.treatment.options if option.firm is firm]


def _planned_options(codes: Iterable[str], seen: CaseProposal, *, firm: bool) -> list[str]:
    condition = label("after_checking", seen.language)
    return [
        code
        for code in codes
        if any((condition not in detail["description"]) is firm for detail in seen.details.get(code, ()))
    ]


def _drugs(wanted: Sequence[str], seen: CaseProposal) -> Iterator[CaseDifference]:
    yield from missing_items("treatment.drugs", wanted, _offered_drugs(seen))
    if seen.plan:
        text = " ".join(_descriptions(seen)).lower()
        told = [drug for drug in wanted if words_or_code(drug, seen.language).lower() in text]
        yield from missing_items("treatment.drugs in the CarePlan", wanted, told)


def _drugs_absent(unwanted: Sequence[str], seen: CaseProposal) -> Iterator[CaseDifference]:
    yield from surplus_items("treatment.drugs_absent", unwanted, _offered_drugs(seen))


def _offered_drugs(seen: CaseProposal) -> list[str]:
    return [drug for option in seen.decision.treatment.options for drug in option.drugs]


def _detail(wanted: str | Sequence[str], seen: CaseProposal) -> Iterator[CaseDifference]:
    for phrase in [wanted] if isinstance(wanted, str) else wanted:
        if is_missing(phrase, _descriptions(seen)):
            yield f"treatment.detail: no option says {phrase!r}"


def _descriptions(seen: CaseProposal) -> list[str]:
    codes = [option.code for option in seen.decision.treatment.options]
    return [detail["description"] for code in codes for detail in seen.details.get(code, ())]


PARTS: Mapping[str, Check] = {
    "decision": _decision,
    "basis": _basis,
    "options": _options(firm=True),
    "options_conditional": _options(firm=False),
    "options_absent": _options_absent,
    "options_firm_absent": _options_firm_absent,
    "drugs": _drugs,
    "drugs_absent": _drugs_absent,
    "detail": _detail,
}
