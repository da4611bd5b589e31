"""The facts of a worked case, written as the resources that a hospital would hold.

``case_record`` has a writer for every fact there is, and refuses the others; ``dxa_scans``,
``medical_history`` and ``measurements`` write what they are called after, ``unreadable_facts`` what is there
and says nothing, ``resources`` the FHIR around it. ``fact_codes`` takes each code from the value sets that
reading uses; ``fact_values`` says what a value may look like.
"""
