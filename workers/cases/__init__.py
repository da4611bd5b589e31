"""A table of cases against the whole way of a patient: facts -> FHIR resources -> reading -> deciding -> drafts.

    read_table(file) -> cases -> run(case) -> Result: passed, failed, or not covered, with each difference

The facts become resources as a hospital stores them (``facts``), the production code reads, decides, words and drafts
(``mappings.lifecycle.propose``), and what a clinician expected is compared with the decision and with the resources drafted
for the server (``compare``). Nothing is looked up past the resources.
"""

from workers.cases.run import Result, Status, run
from workers.cases.table import Case, CaseTable, TableFault, read_table

__all__ = ["Case", "CaseTable", "Result", "Status", "TableFault", "read_table", "run"]
