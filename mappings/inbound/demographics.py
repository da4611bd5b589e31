"""The patient as far as the plan and the letter need them; the repr shows nobody."""

from dataclasses import field
from datetime import date

from adapter.clinical.model import Reason, Rejected, Sex
from adapter.input.wire_json import Json, ReadOnlyJson
from adapter.read_only import read_only
from mappings.inbound.resources.datatypes import choice, identifier, listed, obj, objs, reference, text
from mappings.inbound.resources.dates import first_day, stated
from mappings.inbound.resources.refusals import RESOURCE
from mappings.inbound.resources.resource_status import flag_unread, with_modifiers
from mappings.valuesets import members

Labels = frozenset[tuple[str, str]]
_LINKS = frozenset({"replaced-by", "replaces", "refer", "seealso"})
_NAME_USE = {"official": 0, "usual": 1, "": 2}


@read_only
class PatientContext:
    """Who the record is about; ``general_practitioners`` are raw References, literal or by identifier."""

    id: str
    reference: str
    version: str | None = None
    name: str | None = field(default=None, repr=False)
    birth_date: str | None = field(default=None, repr=False)
    gender: str | None = None
    identifiers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    deceased: bool = False
    deceased_on: date | None = None
    active: bool = True
    replaced_by: str | None = None
    test: bool = False  # made to try a system
    general_practitioners: tuple[Json, ...] = field(default=(), repr=False)
    managing_organization: Json | None = field(default=None, repr=False)
    language: str | None = None

    @property
    def evidence(self) -> str:
        """The versioned reference of the Patient resource."""
        return f"{self.reference}/_history/{self.version}" if self.version else self.reference


def patient_context(patient: Json, test_labels: Labels = frozenset()) -> PatientContext:
    """The context of a Patient resource; what is missing or odd is left out."""
    own = identifier(patient.get("id"))
    deceased, deceased_on = _deceased(patient)
    return PatientContext(
        id=own,
        reference=f"Patient/{own}",
        version=identifier(obj(patient.get("meta")).get("versionId")) or None,
        name=_name(patient),
        birth_date=text(patient.get("birthDate")) or None,
        gender=text(patient.get("gender")) or None,
        identifiers=_identifiers(patient),
        deceased=deceased,
        deceased_on=deceased_on,
        # R4 has a record without the element taken for one in use.
        active=patient.get("active") is not False,
        replaced_by=_replaced_by(patient),
        test=_test(patient, test_labels),
        general_practitioners=tuple(objs(patient.get("generalPractitioner"))),
        managing_organization=obj(patient.get("managingOrganization")) or None,
        language=_language(patient),
    )


def sex(context: PatientContext) -> Sex | None:
    """Administrative gender as far as the rules need it; ``other`` and ``unknown`` are unknown."""
    return {"female": Sex.FEMALE, "male": Sex.MALE}.get(context.gender or "")


def born(context: PatientContext) -> tuple[date | None, bool]:
    """The birth date and whether only its year is known.

    A partial date counts as its last day: nobody is made older.
    """
    found = stated(context.birth_date)
    if found is None:
        return None, False
    return found.last, (found.last - found.first).days > 31  # more than any month has


def patient_refusals(patient: Json, evidence: str) -> tuple[Rejected, ...]:
    """What is wrong with the Patient resource itself."""
    if patient.get("resourceType") != "Patient" or not identifier(patient.get("id")):
        return (Rejected(Reason.MALFORMED, RESOURCE),)
    changed = with_modifiers(patient).get("modifierExtension")
    reasons = (
        Reason.MODIFIER_EXTENSION if changed else None,
        Reason.UNREADABLE if _state_unread(patient) else None,
    )
    return tuple(Rejected(reason, RESOURCE, evidence) for reason in reasons if reason)


def _state_unread(patient: ReadOnlyJson) -> bool:
    """Whether what says that the patient is dead, merged or out of use is there and cannot be read."""
    flags = (patient.get("active"), patient.get("deceasedBoolean"))
    died = patient.get("deceasedDateTime")
    merged = any(text(obj(link).get("type")) not in _LINKS for link in listed(patient.get("link")))
    return any(map(flag_unread, flags)) or (died is not None and not stated(died)) or merged


def _deceased(patient: Json) -> tuple[bool, date | None]:
    kind, value = choice(patient, "deceased")
    return (value is True, None) if kind == "Boolean" else (bool(text(value)), first_day(value))


def _name(patient: Json) -> str | None:
    """The best name to print: its text, else prefix, given and family."""
    names = objs(patient.get("name"))
    for name in sorted(names, key=_preference):
        parts = [*_texts(name.get("prefix")), *_texts(name.get("given")), text(name.get("family"))]
        if printed := text(name.get("text")) or " ".join(filter(None, parts)):
            return printed
    return None


def _preference(name: ReadOnlyJson) -> int:
    return _NAME_USE.get(text(name.get("use")), 9)


def _texts(value: object) -> list[str]:
    return [text(v) for v in value] if isinstance(value, list) else []


def _identifiers(patient: Json) -> tuple[tuple[str, str], ...]:
    pairs = [(text(i.get("system")), text(i.get("value"))) for i in objs(patient.get("identifier"))]
    return tuple([pair for pair in pairs if all(pair)])


def _replaced_by(patient: Json) -> str | None:
    for link in objs(patient.get("link")):
        # Of the four types of link only this one says that the record must no longer be used (R4 LinkType).
        if link.get("type") == "replaced-by":
            return reference(link.get("other")) or "unknown"
    return None


def _test(patient: Json, labels: Labels) -> bool:
    """Labelled so in its meta: by the label that FHIR has for it, or by one of the institution's own."""
    meta = obj(patient.get("meta"))
    held = [*objs(meta.get("security")), *objs(meta.get("tag"))]
    if not held:
        return False
    known = labels | members("security-test-data")
    return any((text(it.get("system")), text(it.get("code"))) in known for it in held)


def _language(patient: Json) -> str | None:
    """The preferred language, else the only one."""
    spoken = objs(patient.get("communication"))
    preferred = [c for c in spoken if c.get("preferred") is True] or spoken
    codes = [text(c.get("code")) for p in preferred for c in objs(obj(p.get("language")).get("coding"))]
    return next(filter(None, codes), None) if len(preferred) == 1 else None
