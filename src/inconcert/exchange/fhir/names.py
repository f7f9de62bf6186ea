"""Which resources FHIR knows, and why those we do not read are kept aside."""

from __future__ import annotations

_R4 = """
Account ActivityDefinition AdverseEvent AllergyIntolerance Appointment AppointmentResponse AuditEvent Basic Binary
BiologicallyDerivedProduct BodyStructure Bundle CapabilityStatement CarePlan CareTeam CatalogEntry ChargeItem
ChargeItemDefinition Claim ClaimResponse ClinicalImpression CodeSystem Communication CommunicationRequest
CompartmentDefinition Composition ConceptMap Condition Consent Contract Coverage CoverageEligibilityRequest
CoverageEligibilityResponse DetectedIssue Device DeviceDefinition DeviceMetric DeviceRequest DeviceUseStatement
DiagnosticReport DocumentManifest DocumentReference EffectEvidenceSynthesis Encounter Endpoint EnrollmentRequest
EnrollmentResponse EpisodeOfCare EventDefinition Evidence EvidenceVariable ExampleScenario ExplanationOfBenefit
FamilyMemberHistory Flag Goal GraphDefinition Group GuidanceResponse HealthcareService ImagingStudy Immunization
ImmunizationEvaluation ImmunizationRecommendation ImplementationGuide InsurancePlan Invoice Library Linkage List
Location Measure MeasureReport Media Medication MedicationAdministration MedicationDispense MedicationKnowledge
MedicationRequest MedicationStatement MedicinalProduct MedicinalProductAuthorization
MedicinalProductContraindication MedicinalProductIndication MedicinalProductIngredient
MedicinalProductInteraction MedicinalProductManufactured MedicinalProductPackaged MedicinalProductPharmaceutical
MedicinalProductUndesirableEffect MessageDefinition MessageHeader MolecularSequence NamingSystem NutritionOrder
Observation ObservationDefinition OperationDefinition OperationOutcome Organization OrganizationAffiliation
Parameters Patient PaymentNotice PaymentReconciliation Person PlanDefinition Practitioner PractitionerRole Procedure
Provenance Questionnaire QuestionnaireResponse RelatedPerson RequestGroup ResearchDefinition
ResearchElementDefinition ResearchStudy ResearchSubject RiskAssessment RiskEvidenceSynthesis Schedule
SearchParameter ServiceRequest Slot Specimen SpecimenDefinition StructureDefinition StructureMap Subscription
Substance SubstanceNucleicAcid SubstancePolymer SubstanceProtein SubstanceReferenceInformation
SubstanceSourceMaterial SubstanceSpecification SupplyDelivery SupplyRequest Task TerminologyCapabilities TestReport
TestScript ValueSet VerificationResult VisionPrescription
"""
_DSTU2_ONLY = "BodySite Conformance DiagnosticOrder ImagingObjectSelection MedicationOrder Order OrderResponse"
_STU3_ONLY = """
DataElement DeviceComponent DeviceUseRequest EligibilityRequest EligibilityResponse ExpansionProfile ImagingManifest
ProcedureRequest ProcessRequest ProcessResponse ReferralRequest Sequence ServiceDefinition
"""
_R5_ONLY = """
ActorDefinition AdministrableProductDefinition ArtifactAssessment BiologicallyDerivedProductDispense Citation
ClinicalUseDefinition ConditionDefinition DeviceAssociation DeviceDispense DeviceUsage EncounterHistory
EvidenceReport FormularyItem GenomicStudy ImagingSelection Ingredient InventoryItem InventoryReport
ManufacturedItemDefinition MedicinalProductDefinition NutritionIntake NutritionProduct PackagedProductDefinition
Permission RegulatedAuthorization RequestOrchestration Requirements SubscriptionStatus SubscriptionTopic
SubstanceDefinition TestPlan Transport
"""
R4 = frozenset(_R4.split())
OTHER_VERSION: dict[str, str] = {
    **dict.fromkeys(_DSTU2_ONLY.split(), "DSTU2"),
    **dict.fromkeys(_STU3_ONLY.split(), "STU3"),
    **dict.fromkeys(_R5_ONLY.split(), "R5"),
}

# Looked up by other resources; a fact of no person by themselves.
DIRECTORY = frozenset(
    "Organization Practitioner PractitionerRole Location Medication Substance RelatedPerson HealthcareService".split()
)

_WHY_KEPT = {
    "CarePlan": "A plan, not something done.",
    "Claim": "A bill; what was done is read from Procedures, Encounters and medications.",
    "ClaimResponse": "A payer's answer to a claim; authorizations are not read yet.",
    "ExplanationOfBenefit": "A bill; what was done is read from Procedures, Encounters and medications.",
    "Communication": "A message; its text is not read.",
    "Composition": "The cover of a document; its entries are read by themselves.",
    "DiagnosticReport": "A report; its Observations are read by themselves.",
    "DocumentReference": "A document; its text is not read.",
    "FamilyMemberHistory": "About a relative, not the person.",
    "Flag": "An alert; what it warns of is read from Conditions and Observations.",
    "Goal": "An aim, not a finding.",
    "Immunization": "Nothing in the four answers asks for immunizations.",
    "Measure": "A definition, not a fact about a person.",
    "MeasureReport": "A measure's result, not a chart entry.",
    "MessageHeader": "The envelope of a message.",
    "OperationOutcome": "A server's message about the export, not a chart entry.",
    "Parameters": "The input or output of an operation, not a chart entry.",
    "Provenance": "Says who recorded another resource; not read yet.",
    "Questionnaire": "The form itself; answers are read from QuestionnaireResponses.",
    "DeviceRequest": "A request, not something done.",
    "ProcedureRequest": "A request, not something done.",
    "NutritionOrder": "A request, not something done.",
    "Task": "Work to be done, not a finding.",
    "ValueSet": "A list of codes, not a fact about a person.",
}


def is_resource_name(name: str) -> bool:
    """True if some version of FHIR has a resource of that name."""
    return name in R4 or name in OTHER_VERSION


def why_kept(name: str) -> str:
    """Why a resource of a type that is not read is kept aside."""
    if name in _WHY_KEPT:
        return _WHY_KEPT[name]
    if name in DIRECTORY:
        return "A directory entry that nothing read here refers to."
    version = OTHER_VERSION.get(name)
    if version:
        return f"A resource of FHIR {version} that has no use here."
    return "None of the four answers is made from this kind of resource."
