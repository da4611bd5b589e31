"""The five verbs for a batch of patients: `read`, then classify, pathway and
handover (`propose`), then `write`.

    review          the line, with one outcome per patient (`review_outcome`)
    version_search  who changed in nothing, by versions alone
    read            records in one request (`patient_searches`, `record_search`, `includes`, `batch_answers`),
                    then whom they name (`directory`)
    write           one transaction for several patients; late `first_writes` put back, the
                    younger of two `entered_in_error`
    isolation       keeps the one who cannot be helped apart from those who can
    fhir_server     what all of this needs of a server; `references` whose a resource
                    is; `batches` a few at a time

Knows no queue, no settings and no clock.
"""
