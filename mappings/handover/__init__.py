"""The fourth verb: what becomes of a plan, from its first proposal to its last withdrawal. Pure.

propose        one patient's record -> decision -> what has to be written
situation      what happened so far (`plan/plan_history`), what the change means (`plan/correction`)
compose        the line: drafts (`plan_drafter`, `letters`) -> questions and answers (`release_step`,
               `release`, `plan_answer`, `withdrawal`, `handover_request`) -> what is overdue
               (`reminders`) -> `plan_writes`
institution    who decides, words and writes; `patient_record` what was read; `duplicates` of it
review_basis   whether any of this has to be thought through again
"""
