"""Everything that runs as a process; the only room with a clock and an environment.

review, queue, ledger        the five verbs for a batch; who finds and does work; what is remembered
delivery, intake             letters out and answers back; HL7 v2 and files in
assessment, server, cli      one record that is handed over; the same over HTTP; and the command line
patient_lists, export, bulk, bench       who is looked at; Bulk Data; everybody in files; how fast it is
authoring, cases, demo, sandbox, broker  for authors of pathways; invented patients; servers of our own
doctor, subscriptions, explanation, release_answers, findings     a look at all of it, and at one patient
settings                     what can be set
clock, logs, private_files, state_folder                          what every process needs of its machine
"""
