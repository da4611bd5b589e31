"""A clinician at the command line: what waits for them, and what they answer.

waiting_releases   the questions that wait, the most urgent first
release_answers    released, with what was chosen, or rejected with a reason: a Task completed in their name
open_steps         what is still to be done, the first due first
"""
