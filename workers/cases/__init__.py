"""A table of cases against the whole way of a patient: facts -> FHIR resources -> reading -> deciding -> drafts.

    read_table(file) -> cases -> run(case) -> Result: passed, failed, or not covered, with each difference

The facts become resources as a hospital stores them (``facts``), the production code reads, decides, words and drafts
(``mappings.lifecycle.propose``), and what a clinician expected is compared with the decision and with the resources drafted
for the server (``compare``). Nothing is looked up past the resources.
"""

from workers.cases.case_table import CaseTable, TableFault, WorkedCase, read_table
from workers.cases.run import CaseResult, CaseStatus, run

__all__ = ["CaseResult", "CaseStatus", "CaseTable", "TableFault", "WorkedCase", "read_table", "run"]
