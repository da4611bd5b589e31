"""One batch of patients through the five verbs.

    review          the line: `read`, then classify, pathway and handover (`mappings/handover/propose.py`),
                    then `write`; one outcome per patient (`review_outcome`)
    read            records in one request (`searches`), then whom they name (`directory`)
    write           one transaction of `sent_entries` for several patients; late `first_writes` put back, the
                    younger of two `entered_in_error`
    isolation       keeps the one who cannot be helped apart from those who can
    fhir_server     what all of this needs of a server; `references` whose a resource is; `batches` a few
                    at a time

Knows no queue, no settings and no clock.
"""
