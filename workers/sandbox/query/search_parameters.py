"""Which search parameters each resource type has: one table of type, kind and `name=path,path`.

A name without a path stands for the element of the same name in camel case. Names and kinds are those of the
R4 search parameter registry; number, quantity and composite parameters are left out.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

ParameterType = Literal["token", "reference", "date", "string", "uri"]


@dataclass(frozen=True, slots=True)
class SearchParameter:
    """One search parameter: where its values are, as alternative paths of element names."""

    name: str
    kind: ParameterType
    paths: tuple[tuple[str, ...], ...]


# Every type has these; `_id` and `_lastUpdated` are columns of their own.
_EVERY = """
    token     identifier _tag=meta.tag _security=meta.security
    uri       _profile=meta.profile _source=meta.source
"""

_TABLE = """
Patient
    token     active gender deceased=deceasedBoolean language=communication.language telecom
    reference general-practitioner organization=managingOrganization link=link.other
    date      birthdate=birthDate death-date=deceasedDateTime
    string    name family=name.family given=name.given address address-city=address.city
    string    address-postalcode=address.postalCode
Practitioner
    token     active gender telecom
    string    name family=name.family given=name.given address
PractitionerRole
    token     active role=code specialty telecom
    reference practitioner organization location endpoint service=healthcareService
    date      date=period
Organization
    token     active type
    reference partof=partOf endpoint
    string    name=name,alias address
Endpoint
    token     status connection-type payload-type
    reference organization=managingOrganization
    string    name
Observation
    token     code category status method value-concept=valueCodeableConcept data-absent-reason
    token     combo-code=code,component.code component-code=component.code
    token     component-value-concept=component.valueCodeableConcept
    token     combo-value-concept=valueCodeableConcept,component.valueCodeableConcept
    reference subject patient=subject performer encounter device specimen focus based-on derived-from
    reference has-member part-of
    date      date=effectiveDateTime,effectivePeriod,effectiveInstant,effectiveTiming
    date      value-date=valueDateTime,valuePeriod
    string    value-string=valueString
DiagnosticReport
    token     code category status conclusion=conclusionCode
    reference subject patient=subject result performer results-interpreter encounter based-on specimen
    reference media=media.link
    date      date=effectiveDateTime,effectivePeriod issued
Condition
    token     code category clinical-status verification-status severity body-site evidence=evidence.code
    token     stage=stage.summary
    reference subject patient=subject encounter asserter evidence-detail=evidence.detail
    date      onset-date=onsetDateTime,onsetPeriod abatement-date=abatementDateTime,abatementPeriod
    date      recorded-date
MedicationRequest
    token     code=medicationCodeableConcept status category intent priority
    reference subject patient=subject medication=medicationReference requester encounter
    reference intended-performer=performer
    date      authoredon=authoredOn date=dosageInstruction.timing
MedicationStatement
    token     code=medicationCodeableConcept status category
    reference subject patient=subject medication=medicationReference source=informationSource context
    reference part-of
    date      effective=effectiveDateTime,effectivePeriod
MedicationAdministration
    token     code=medicationCodeableConcept status reason-given=reasonCode reason-not-given=statusReason
    reference subject patient=subject medication=medicationReference performer=performer.actor context device request
    date      effective-time=effectiveDateTime,effectivePeriod
MedicationDispense
    token     code=medicationCodeableConcept status type
    reference subject patient=subject medication=medicationReference performer=performer.actor context
    reference prescription=authorizingPrescription receiver destination
    date      whenhandedover=whenHandedOver whenprepared=whenPrepared
Medication
    token     code status form lot-number=batch.lotNumber
    reference manufacturer ingredient=ingredient.itemReference
    date      expiration-date=batch.expirationDate
Procedure
    token     code category status reason-code
    reference subject patient=subject encounter based-on part-of location performer=performer.actor
    reference reason-reference
    date      date=performedDateTime,performedPeriod
AllergyIntolerance
    token     clinical-status verification-status type category criticality code=code,reaction.substance
    token     manifestation=reaction.manifestation severity=reaction.severity
    reference patient recorder asserter
    date      date=recordedDate onset=reaction.onset last-date=lastOccurrence
FamilyMemberHistory
    token     code=condition.code relationship sex status
    reference patient
    date      date
RiskAssessment
    token     method risk=prediction.qualitativeRisk
    reference subject patient=subject condition encounter performer
    date      date=occurrenceDateTime,occurrencePeriod
List
    token     code status empty-reason
    reference subject patient=subject item=entry.item source encounter
    date      date
    string    title
Flag
    reference subject patient=subject author encounter
    date      date=period
CarePlan
    token     category status intent activity-code=activity.detail.code
    reference subject patient=subject encounter goal condition=addresses based-on replaces part-of care-team
    reference instantiates-canonical performer=activity.detail.performer
    reference activity-reference=activity.reference
    date      date=period activity-date=activity.detail.scheduledPeriod,activity.detail.scheduledTiming
    uri       instantiates-uri
Goal
    token     lifecycle-status category achievement-status
    reference subject patient=subject
    date      start-date=startDate target-date=target.dueDate
Communication
    token     status category medium
    reference subject patient=subject recipient sender encounter based-on part-of instantiates-canonical
    date      sent received
    uri       instantiates-uri
Task
    token     code status intent priority business-status performer=performerType group-identifier
    reference patient=for subject=for focus owner requester encounter based-on part-of
    date      authored-on modified=lastModified period=executionPeriod
Provenance
    token     agent-role=agent.role agent-type=agent.type signature-type=signature.type
    reference target patient=target agent=agent.who entity=entity.what location
    date      recorded when=occurredPeriod,occurredDateTime
Device
    token     status type
    reference patient organization=owner location
    string    device-name=deviceName.name manufacturer model=modelNumber
    uri       url
Encounter
    token     class status type reason-code
    reference subject patient=subject appointment based-on part-of diagnosis=diagnosis.condition
    reference participant=participant.individual service-provider location=location.location
    date      date=period
CareTeam
    token     category status
    reference subject patient=subject encounter participant=participant.member
    date      date=period
ServiceRequest
    token     code category status intent priority body-site requisition performer-type
    reference subject patient=subject requester performer encounter based-on replaces instantiates-canonical
    reference specimen
    date      occurrence=occurrenceDateTime,occurrencePeriod,occurrenceTiming authored=authoredOn
    uri       instantiates-uri
CommunicationRequest
    token     category status priority medium group-identifier
    reference subject patient=subject requester recipient sender encounter based-on replaces
    date      authored=authoredOn occurrence=occurrenceDateTime,occurrencePeriod
Appointment
    token     status appointment-type service-category service-type specialty reason-code
    token     part-status=participant.status
    reference actor=participant.actor patient=participant.actor practitioner=participant.actor
    reference location=participant.actor based-on slot reason-reference
    date      date=start
DocumentReference
    token     status type category security-label contenttype=content.attachment.contentType
    token     event=context.event identifier=masterIdentifier,identifier
    reference subject patient=subject author authenticator custodian encounter=context.encounter
    reference related=context.related
    date      date period=context.period
    string    description
    uri       location=content.attachment.url
Composition
    token     status type category confidentiality section=section.code context=event.code
    reference subject patient=subject author attester=attester.party encounter entry=section.entry
    date      date period=event.period
    string    title
Bundle
    token     type
    date      timestamp
Binary
Subscription
    token     status type=channel.type payload=channel.payload contact
    string    criteria
    uri       url=channel.endpoint
PlanDefinition
    token     status version context-type=useContext.code jurisdiction topic type
    reference definition=action.definitionCanonical
    date      date effective=effectivePeriod
    string    name title publisher description
    uri       url
ActivityDefinition
    token     status version context-type=useContext.code jurisdiction topic
    date      date effective=effectivePeriod
    string    name title publisher description
    uri       url
ValueSet
    token     status version context-type=useContext.code jurisdiction code=expansion.contains.code
    date      date
    string    name title publisher description
    uri       url reference=compose.include.system
QuestionnaireResponse
    token     status
    reference subject patient=subject author source encounter questionnaire based-on part-of
    date      authored
AdverseEvent
    token     event category actuality severity seriousness
    reference subject recorder location resultingcondition=resultingCondition
    reference substance=suspectEntity.instance study
    date      date
GuidanceResponse
    token     request=requestIdentifier
    reference subject patient=subject
ImagingStudy
    token     status modality=series.modality
    reference subject patient=subject encounter
    date      started
DetectedIssue
    token     code
    reference patient author implicated
    date      identified=identifiedDateTime,identifiedPeriod
"""

# The other types of R4: stored, read, and searched by what every type has.
_OTHERS = """
Account AppointmentResponse AuditEvent Basic BiologicallyDerivedProduct BodyStructure CapabilityStatement CatalogEntry
ChargeItem ChargeItemDefinition Claim ClaimResponse ClinicalImpression CodeSystem CompartmentDefinition ConceptMap Consent Contract Coverage CoverageEligibilityRequest CoverageEligibilityResponse
DeviceDefinition DeviceMetric DeviceRequest DeviceUseStatement DocumentManifest EffectEvidenceSynthesis
EnrollmentRequest EnrollmentResponse EpisodeOfCare EventDefinition Evidence EvidenceVariable ExampleScenario
ExplanationOfBenefit GraphDefinition Group HealthcareService Immunization ImmunizationEvaluation
ImmunizationRecommendation ImplementationGuide InsurancePlan Invoice Library Linkage Location Measure MeasureReport
Media MedicationAdministration MedicationDispense MedicationKnowledge MedicinalProduct MedicinalProductAuthorization
MedicinalProductContraindication MedicinalProductIndication MedicinalProductIngredient MedicinalProductInteraction
MedicinalProductManufactured MedicinalProductPackaged MedicinalProductPharmaceutical
MedicinalProductUndesirableEffect MessageDefinition MessageHeader MolecularSequence NamingSystem NutritionOrder
ObservationDefinition OperationDefinition OperationOutcome OrganizationAffiliation Parameters PaymentNotice
PaymentReconciliation Person Questionnaire RelatedPerson RequestGroup ResearchDefinition ResearchElementDefinition
ResearchStudy ResearchSubject RiskEvidenceSynthesis Schedule SearchParameter Slot Specimen SpecimenDefinition
StructureDefinition StructureMap Substance SubstanceNucleicAcid SubstancePolymer SubstanceProtein
SubstanceReferenceInformation SubstanceSourceMaterial SubstanceSpecification SupplyDelivery SupplyRequest
TerminologyCapabilities TestReport TestScript VerificationResult VisionPrescription
"""


def _camel_case(name: str) -> str:
    return re.sub(r"-(\w)", lambda letter: letter[1].upper(), name)


def _kind(word: str) -> ParameterType:
    return next(kind for kind in get_args(ParameterType) if kind == word)


def _parameters(lines: list[str]) -> Mapping[str, SearchParameter]:
    found: dict[str, SearchParameter] = {}
    for line in lines:
        kind, *names = line.split()
        for word in names:
            name, _, paths = word.partition("=")
            steps = tuple(tuple(path.split(".")) for path in (paths or _camel_case(name)).split(","))
            found[name] = SearchParameter(name, _kind(kind), steps)
    return MappingProxyType(found)


def _rows() -> Iterator[tuple[str, list[str]]]:
    every = _EVERY.strip().splitlines()
    yield from ((name, every) for name in _OTHERS.split())
    for block in re.split(r"\n(?=\w)", _TABLE.strip()):
        name, *lines = block.splitlines()
        yield name, [*every, *lines]


PARAMETERS: Mapping[str, Mapping[str, SearchParameter]] = MappingProxyType(
    {name: _parameters(lines) for name, lines in sorted(_rows())}
)
