"""What a decision becomes in FHIR, one module per kind of resource: plan, steps, letters, questions, provenance.

``all_drafts`` makes all of them; ``citations`` and ``remarks`` hold what several of them say.
"""
