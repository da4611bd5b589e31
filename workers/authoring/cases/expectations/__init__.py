"""What a worked case may expect, one function per key, and what must hold for every case.

``comparison`` has the table of keys; ``expected_treatment``, ``expected_letter`` and ``foreign_record``
have the larger parts of it. ``case_outcome`` is what they look at, ``differences`` what they say.
``phrases`` and ``letter_phrases`` judge whether a letter says something; ``draft_checks`` holds for all
cases, whatever they expect.
"""
