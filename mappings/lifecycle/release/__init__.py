"""What a clinician releases, and how it is known.

release_task    the Task that asks, and what each answer means
signature       who released a resource, written on it and read from it
clearance       the last question before a letter leaves
release_codes   the codes of all of this, in three languages
"""
