"""The five verbs for a batch of patients: `read`, then classify, pathway and handover (`propose`), then `write`.

    review          the line, with one outcome per patient (`review_outcome`)
    version_search  who changed in nothing, by versions alone
    read            records in one request, then whom they name (`directory`): `patient_searches`, `batch_answers`
    write           one transaction for several patients; the younger of two is `entered_in_error`
    isolation       keeps the one who cannot be helped apart from those who can
    fhir_server     what all of this needs of a server; `references` whose a resource is

Knows no queue, no settings and no clock.
"""
