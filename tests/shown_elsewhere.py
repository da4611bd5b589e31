"""Modules without tests under their own name: why, and which test modules show them.

`tests/unit/test_structure.py` holds that every other module of the rooms named there has a test module of its
own, that the tests named here exist, and that nothing stays here that has one.
"""

from collections.abc import Mapping

Shown = Mapping[str, tuple[str, ...]]  # modules by test module; both without `.py`

TYPES_AND_TABLES: Shown = {
    "tests/unit/test_closed_lists": (
        "adapter/clinical/decision",
        "adapter/clinical/kinds",
        "mappings/inbound/resources/refusals",
    ),
    "tests/unit/letter/test_what_the_letter_must_say": ("adapter/letter/layout", "adapter/letter/parts"),
    "tests/unit/outbound/test_vocabulary": ("mappings/outbound/labels",),
    "tests/unit/inbound/test_record_facts": ("mappings/inbound/chapters", "mappings/inbound/config"),
    "tests/unit/public/test_assess": ("adapter/software_version",),
    "tests/unit/fhir/test_http": ("adapter/fhir/exchange/http_options",),
    "tests/unit/review/test_review": ("workers/review/fhir_server",),
}
ONE_STEP_OF_A_READING: Shown = {
    "tests/unit/clinical/terms/test_labs": ("adapter/clinical/lab_marks",),
    "tests/unit/clinical/terms/test_dxa": ("adapter/clinical/terms/dxa_sites",),
    "tests/unit/clinical/pathway/test_logic": (
        "adapter/clinical/pathway/evaluation",
        "adapter/clinical/pathway/plain_values",
    ),
    "tests/unit/clinical/pathway/test_pathway": ("adapter/clinical/pathway/pathway_document",),
    "tests/unit/inbound/resources/test_compartment": ("adapter/input/fhir_id",),
    "tests/property/test_input_files": ("adapter/input/input_files",),
    "tests/unit/mappings/test_codes": ("mappings/check_digits", "mappings/ucum_syntax"),
    "tests/unit/handover/release/test_release_codes": ("mappings/code_system",),
    "tests/unit/hl7v2/test_er7": ("mappings/hl7v2/er7_reader",),
    "tests/unit/hl7v2/input/test_oru": (
        "mappings/hl7v2/input/oru_report",
        "mappings/hl7v2/input/oru_result",
        "mappings/hl7v2/input/translation",
    ),
    "tests/unit/hl7v2/input/test_adt": ("mappings/hl7v2/input/patient_key",),
    "tests/contract/test_hl7_results": (
        "mappings/hl7v2/input/patient_draft",
        "mappings/hl7v2/input/reception_provenance",
        "mappings/hl7v2/input/result_changes",
    ),
    "tests/unit/inbound/densitometry/test_words": ("mappings/inbound/densitometry/low_bone",),
    "tests/unit/inbound/densitometry/test_report_text": ("mappings/inbound/densitometry/reports",),
    "tests/unit/inbound/densitometry/test_t_scores": ("mappings/inbound/densitometry/sites",),
    "tests/unit/inbound/indications/test_indications": ("mappings/inbound/indications/reasons",),
    "tests/unit/inbound/medical_history/test_medication_history": (
        "mappings/inbound/medical_history/dosages",
        "mappings/inbound/medical_history/medicinal_products",
    ),
    "tests/unit/inbound/questionnaire/test_patient_answers": (
        "mappings/inbound/medical_history/events",
        "mappings/inbound/questionnaire/habits",
        "mappings/inbound/questionnaire/patient_questions",
    ),
    "tests/unit/inbound/medical_history/test_risk": (
        "mappings/inbound/medical_history/family",
        "mappings/inbound/medical_history/frax",
    ),
    "tests/unit/inbound/medical_history/test_unlisted_laboratory": (
        "mappings/inbound/medical_history/laboratory_words",
    ),
    "tests/unit/inbound/medical_history/test_problem_list": (
        "mappings/inbound/medical_history/procedures",
        "mappings/inbound/resources/implants",
        "mappings/inbound/resources/problem_state",
    ),
    "tests/unit/inbound/medical_history/test_screening_words": (
        "mappings/inbound/medical_history/screening",
    ),
    "tests/unit/inbound/test_subjects": (
        "mappings/inbound/reader",
        "mappings/inbound/resources/measurement_kind",
    ),
    "tests/unit/inbound/test_modifier_elements": ("mappings/inbound/resources/resource_status",),
}
ONE_PART_OF_WHAT_IS_WRITTEN: Shown = {
    "tests/unit/outbound/test_drafts": (
        "mappings/outbound/draft",
        "mappings/outbound/resources/activities",
        "mappings/outbound/resources/all_drafts",
        "mappings/outbound/resources/care_plan",
        "mappings/outbound/resources/citations",
        "mappings/outbound/resources/communications",
        "mappings/outbound/resources/human_tasks",
        "mappings/outbound/resources/narrative",
        "mappings/outbound/resources/remarks",
    ),
    "tests/unit/outbound/test_many_decisions": (
        "mappings/outbound/resources/goals",
        "mappings/outbound/resources/provenance",
    ),
    "tests/unit/outbound/test_gate": ("mappings/outbound/invariants",),
    "tests/unit/outbound/guides/test_profiles": ("mappings/outbound/guides/shapes",),
    "tests/unit/outbound/resources/test_handover_task": ("mappings/outbound/guides/task_transitions",),
    "tests/unit/outbound/server/test_reconcile": (
        "mappings/outbound/server/plan_changes",
        "mappings/outbound/server/server_view",
        "mappings/outbound/server/withdrawals",
    ),
    "tests/contract/test_subscriptions": ("mappings/outbound/resources/subscription",),
    "tests/unit/pathways/test_faults": (
        "mappings/pathways/inspection",
        "mappings/pathways/schema",
        "mappings/pathways/yaml_lines",
    ),
    "tests/spec/test_settlements_page": ("mappings/pathways/description",),
    "tests/unit/publication/test_plan_definition": (
        "mappings/publication/names",
        "mappings/publication/terminology",
    ),
}
SHOWN_ON_SERVERS_AND_WITH_WORKERS: Shown = {
    "tests/unit/queue/test_access_rights": ("workers/queue/bootstrap",),
    "tests/integration/test_live_worker": ("workers/queue/celery_tasks",),
    "tests/unit/queue/test_sweep": ("workers/queue/sweep_pages/page_reader",),
    "tests/unit/queue/patient_lists/test_exported_list": (
        "workers/queue/patient_lists/exported_ids",
        "workers/queue/patient_lists/patient_exports",
    ),
    "tests/contract/test_patient_lists": ("workers/queue/patient_lists/configured_source",),
}
SHOWN_ELSEWHERE: Mapping[str, Shown] = {
    "types, words and tables, of which others make something": TYPES_AND_TABLES,
    "one step of a reading, which only the fact that comes of it shows": ONE_STEP_OF_A_READING,
    "one part of what is written, which only the whole resource shows": ONE_PART_OF_WHAT_IS_WRITTEN,
    "asks servers, brokers and other processes": SHOWN_ON_SERVERS_AND_WITH_WORKERS,
}
