"""What becomes of a plan, from the first proposal to the last withdrawal. Pure; read from the top:

propose        one patient's record -> decision -> what has to be written
situation      what happened so far (`plan/plan_history`) and what the change means (`plan/correction`)
handover       the line: drafts (`plan_drafter`, `letters`) -> questions and
               answers (`release_step`, `release`,
`plan_answer`, `withdrawal`, `handover_request`) -> what is overdue (`reminders`) -> `plan_writes`
institution    who decides, words and writes here; `patient_record` what was read of
               one patient; `duplicates` of it
review_basis   whether any of this has to be thought through again
"""
