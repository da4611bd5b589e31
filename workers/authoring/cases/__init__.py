"""Worked cases: invented patients and what a clinician expects of them, by the code for real patients.

    read_table(file) -> cases -> run_case(case) -> CaseResult: passed, failed, or not
    covered, with each difference

``case_table`` reads the file; ``case_review`` brings a case to the door of a review; ``case_server`` holds
the records of cases that come as FHIR resources; ``case_run`` runs and compares. ``record`` writes the facts
of a case as a hospital stores them; ``expectations`` has a function per key that a case may expect;
``case_details`` shows what came out.
"""

from workers.authoring.cases.case_run import CaseResult, CaseStatus, run_case, run_cases
from workers.authoring.cases.case_table import CaseTable, TableFault, WorkedCase, read_table

__all__ = [
    "CaseResult",
    "CaseStatus",
    "CaseTable",
    "TableFault",
    "WorkedCase",
    "read_table",
    "run_case",
    "run_cases",
]
