"""One patient, explained: class, deciding site, outputs with their rules, what was refused, what follows.

`patient_explanation` makes it of a proposal; `explanation_output` is its form, which programs rely on.
"""
