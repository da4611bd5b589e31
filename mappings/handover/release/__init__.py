"""What a clinician releases, and how it is known.

release_task    the Task that asks, and what each answer means
signature       who released a resource, written on it and read from it
clearance       the last question before a letter leaves
released_parts  the digest of the pages and the person that were released
choice          which of the offered options stay, and the line for the letter
clarification   what a human has to clarify, in one Task
release_codes   the codes of all of this, in three languages
"""
