"""How the rules of a pathway are written, checked and run.

rules             a rule as data
logic             the conditions, with a third truth value for unknown
plain_values      what stands in a condition beside facts
parameters        the numbers, layered; `parameter_units`: whether conditions compare like with like
pathway_document  one file, with all of these as plain data
pathway           the files resolved and checked: every fault at once
program           a stage as one function: here a rule fires
evaluation        the rules over the facts of one patient: which hold, and on what evidence
"""
