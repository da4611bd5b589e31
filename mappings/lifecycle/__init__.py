"""Closing the loop: who released what, what became of it, what has to be said again, and what is due when.

    words        the codes of this package, in three languages
    marks        who released a resource, written on it and read from it
    summary      what a plan says, for programs: the *before* of a correction
    story        the plans, letters and tasks about one patient, as the server tells them
    correction   what a change of the evidence means at each stage: one literal table
    generations  the plan that takes the place of a released one
    release      the tasks that ask a clinician, and what the answers mean
    closing      plans revoked and letters stopped, with the reason
    gate         what may leave, the last question before a letter goes
    due          when the steps of a plan are due, and what closes them

Everything here is pure.
"""
