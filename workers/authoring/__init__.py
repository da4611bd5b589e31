"""For authors of pathways: what proves a rule, what a change would do, and the pages that a clinician signs.

spec_tables, rule_coverage, pathway_pages    tables, what they prove, and how they read
shadow_run, shadow_files, population         the same people under two pathways, those in files on all cores
publish                                      a pathway on a FHIR server
replay                                       a decision on file, decided again
cases                                        invented patients, and what must come of each
"""
