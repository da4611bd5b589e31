"""What a decision becomes in FHIR, one module per kind of resource. ``all_drafts`` makes all of them.

care_plan, goals, activities, narrative    the plan, and what is inside it
requests                                   its steps as requests of their own
communications                             the letters
human_tasks, handover_task                 what a human is asked; by which a GP takes over
provenance, subscription                   who made it; how a server tells of changes
citations, remarks                         what several of them say
"""
