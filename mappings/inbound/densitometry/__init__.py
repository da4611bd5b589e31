"""Bone density as a record holds it, and what of it could not be used.

scans       everything: the T-scores, and what was seen and refused
t_scores    one measurement, as a T-score or with the reason why not
sites, laterality, vertebrae, words    where it was measured: codes first, then labels
values      the number and its unit; densities: what a BMD says against it
study_days  which measurements are one study, and on which day
reports     DXA reports and panels (report_text: their words, low_bone: what of them calls the bone low)
vfa         vertebral fracture assessment
made_scans  scans that were made, as far as a Procedure or an ImagingStudy tells
score_gaps  what shows that there should be a T-score and brought none
"""
