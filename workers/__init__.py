"""Everything that runs as a process; the only room with a clock and an environment.

review, queue, ledger        the five verbs for a batch; who finds and does work; what is remembered
delivery, release, intake    letters out and answers back; a clinician's answer; HL7 v2 and files in
assessment, server, cli      one record that is handed over; the same over HTTP; and the command line
bulk, bench                  everybody in files, exported or laid there; how fast it is
authoring                    for authors of pathways: proofs, pages and worked cases
demo, sandbox, broker        invented patients; servers of our own
doctor, explanation          a look at all of it, and at one patient
settings, host               what can be set; what every process needs of its machine
"""
