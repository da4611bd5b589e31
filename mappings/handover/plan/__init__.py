"""A plan over time, as the server tells it.

plan_history      plans, letters and Tasks about one patient, in their order, and the stage they have come to
plan_summary      what a plan says, for programs: the *before* of a correction
change_detection  which change it is; `correction` says in one table what it means at each stage
replacement       the plan that takes the place of a released one; `closure` ends the one before
follow_up         when the steps of a plan are due, and what closes them
"""
