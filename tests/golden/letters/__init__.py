"""The letters of sixteen invented patients in three languages, one file each: ``<patient>.<language>.txt``.

    python -m tests.golden.letters        writes them again, after a change of wording; then read what changed

Every letter is made the way a worker makes it: facts -> record -> decision -> plan,
letter and question -> answer.
"""
