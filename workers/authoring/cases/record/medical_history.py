"""What was diagnosed, broken, operated on, taken and inherited, as the resources of a hospital's record."""

from collections.abc import Iterator, Sequence

from adapter.input.wire_json import Json, JsonValue, ReadOnlyJson
from mappings.codes import SNOMED
from mappings.inbound.questionnaire.patient_questions import ADHERENCE, FRACTURE_ENERGY, VERTEBRAE
from mappings.valuesets import members
from workers.authoring.cases.case_table import UncoveredCase
from workers.authoring.cases.record.fact_codes import (
    case_names,
    coded_concept,
    concept_of,
    local_concept,
    named_concept,
    vertebrae,
)
from workers.authoring.cases.record.fact_values import CaseDays, name_of, require_parts, truth_of
from workers.authoring.cases.record.resources import (
    SUBJECT,
    complete_list,
    condition,
    empty_list,
    observation,
    relative,
    resource,
    sided_code,
)

_HISTORY = "_history"
_ORAL = next(pair for pair in members("route-oral") if pair[0] == SNOMED)
_TAKEN = {"active": "active", "stopped": "stopped", "completed": "completed", "on-hold": "on-hold"}
_TIMES = {"morning": "MORN", "evening": "EVE", "noon": "NOON", "night": "NIGHT"}


def conditions(names: Sequence[str | Json], days: CaseDays) -> Iterator[Json]:
    """Problems by name, or as ``{name, certainty, active}``; ``_history`` is over."""
    yield _list_of_all("conditions", "Condition/condition", names, days)
    for number, stated in enumerate(names):
        held = stated if isinstance(stated, dict) else {"name": stated}
        require_parts(held, "conditions[]", {"name", "certainty", "active"})
        name, certainty = name_of(held.get("name")), held.get("certainty", "confirmed")
        if certainty not in case_names("certainty"):
            raise UncoveredCase(f"conditions[].certainty: {certainty}")
        yield condition(
            f"condition-{number}",
            _coded_fact("conditions[]", "condition", name.removesuffix(_HISTORY), held.get("name")),
            active=truth_of(held.get("active", not name.endswith(_HISTORY)), "conditions[].active"),
            certainty=certainty,
        )


def _list_of_all(kind: str, place: str, stated: Sequence[JsonValue], days: CaseDays) -> Json:
    """The facts of a case are all there is, and the record says so on the day of deciding."""
    places = [f"{place}-{number}" for number, _ in enumerate(stated)]
    return complete_list(kind, places, days.as_of) if places else empty_list(kind, days.as_of)


def _coded_fact(where: str, subject: str, kind: str, name: object) -> Json:
    try:
        return coded_concept(subject, kind)
    except UncoveredCase:
        raise UncoveredCase(f"{where}: {name}") from None


def fractures(broken: Sequence[ReadOnlyJson], days: CaseDays) -> Iterator[Json]:
    """A Condition per broken bone, and an Observation about it where its energy is known."""
    yield _list_of_all("fractures", "Condition/fracture", broken, days)
    for number, fracture in enumerate(broken):
        require_parts(fracture, "fractures[]", {"site", "date", "low_energy", "level"})
        key = f"fracture-{number}"
        code = _coded_fact(
            "fractures[].site", "fracture", name_of(fracture.get("site")), fracture.get("site")
        )
        yield condition(key, code, onsetDateTime=fracture.get("date"), bodySite=_level(fracture.get("level")))
        if "low_energy" in fracture:
            energy = "low" if truth_of(fracture["low_energy"], "fractures[].low_energy") else "high"
            yield _answer_about(f"Condition/{key}", f"energy-{number}", FRACTURE_ENERGY, energy, days)


def _level(level: object) -> list[Json] | None:
    if level is None:
        return None
    if level not in VERTEBRAE:
        raise UncoveredCase(f"fractures[].level: {level}")
    return [concept_of(SNOMED, vertebrae()[level]) if level in vertebrae() else local_concept(level)]


def _answer_about(focus: str, key: str, question: str, answer: str, days: CaseDays) -> Json:
    """An intake Observation about another resource."""
    said = {"focus": [{"reference": focus}], "valueCodeableConcept": local_concept(answer)}
    return observation(key, local_concept(question), days.as_of, **said)


def medications(taken: Sequence[ReadOnlyJson], days: CaseDays) -> Iterator[Json]:
    """A MedicationStatement per medicine, and an Observation about it where adherence is known."""
    yield _list_of_all("medications", "MedicationStatement/medicine", taken, days)
    for number, medicine in enumerate(taken):
        require_parts(
            medicine,
            "medications[]",
            {"drug", "status", "start", "last_dose", "route", "timing", "adherence", "reason"},
        )
        key = f"medicine-{number}"
        yield _statement(key, medicine)
        if "adherence" in medicine:
            if medicine["adherence"] not in ("good", "poor"):
                raise UncoveredCase(f"medications[].adherence: {medicine['adherence']}")
            yield _answer_about(
                f"MedicationStatement/{key}", f"adherence-{number}", ADHERENCE, medicine["adherence"], days
            )


def _statement(key: str, medicine: ReadOnlyJson) -> Json:
    status = medicine.get("status", "active")
    if status not in _TAKEN:
        raise UncoveredCase(f"medications[].status: {status}")
    try:
        product = named_concept("substance", name_of(medicine.get("drug")))
    except UncoveredCase:
        raise UncoveredCase(f"medications[].drug: {medicine.get('drug')}") from None
    return resource(
        "MedicationStatement",
        key,
        status=_TAKEN[status],
        statusReason=_reason(medicine.get("reason")),
        medicationCodeableConcept=product,
        subject=SUBJECT,
        effectivePeriod={"start": medicine["start"]} if "start" in medicine else None,
        dosage=_dosage(medicine),
    )


def _reason(reason: object) -> list[Json] | None:
    return [_coded_fact("medications[].reason", "condition", name_of(reason), reason)] if reason else None


def _dosage(medicine: ReadOnlyJson) -> list[Json] | None:
    """How it is taken, and the day of the last dose."""
    route, timing = medicine.get("route"), medicine.get("timing")
    if route not in (None, "oral"):
        raise UncoveredCase(f"medications[].route: {route}")
    if timing is not None and timing not in _TIMES:
        raise UncoveredCase(f"medications[].timing: {timing}")
    when: Json = {"event": [medicine["last_dose"]]} if "last_dose" in medicine else {}
    if timing:
        when["repeat"] = {"when": [_TIMES[timing]], "frequency": 1, "period": 1, "periodUnit": "d"}
    held = {"route": concept_of(*_ORAL) if route else None, "timing": when or None}
    said = {name: value for name, value in held.items() if value}
    return [said] if said else None


def procedures(names: Sequence[str], _: CaseDays) -> Iterator[Json]:
    """Operations by name, with the side in the body site."""
    for number, name in enumerate(names):
        kind, side = name_of(name), None
        for end in ("left", "right"):
            if kind.endswith(f"_{end}"):
                kind, side = kind.removesuffix(f"_{end}"), end
        code = _coded_fact("procedures[]", "procedure", kind, name)
        yield resource(
            "Procedure",
            f"procedure-{number}",
            status="completed",
            code=code,
            subject=SUBJECT,
            bodySite=[sided_code(case_names("place")["hip"].code, side)] if side else None,
        )


def family_history(names: Sequence[str], _: CaseDays) -> Iterator[Json]:
    """``mother_osteoporosis``, ``father_hip_fracture``: one entry per relative and finding."""
    for number, name in enumerate(names):
        role, _sep, finding = name_of(name).partition("_")
        broken = finding.endswith("_fracture")
        subject = "fracture" if broken else "condition"
        if role not in case_names("relative"):
            raise UncoveredCase(f"family_history[]: {name}")
        code = _coded_fact(
            "family_history[]", subject, finding.removesuffix("_fracture") if broken else finding, name
        )
        yield relative(f"relative-{number}", role, code)
