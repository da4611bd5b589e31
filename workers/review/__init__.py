"""The five verbs for a batch of patients: `read`, then classify, pathway and handover (`propose`), then `write`.

    review          the line, with one outcome per patient (`review_outcome`)
    read            records in one request, then GPs (`recipients`) and who released (`clinicians`)
    write           one transaction for several patients; what stands twice is marked (`marking`)
    isolation       keeps the one who cannot be helped apart from those who can
    fhir_server     what all of this needs of a server; `references` whose a resource is

Knows no queue, no settings and no clock.
"""
