"""One patient, explained to whoever asked: class, deciding site, each output with its rules,
what was refused, what follows.

`patient_explanation` makes it of a proposal; `explanation_output` is its form, which programs rely on.
"""
