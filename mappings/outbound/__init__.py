"""From a decision to FHIR: drafts with stable ids, what to do with each of them, and the entries to send.

    drawn = drafts(subject, decision, context)       # what we would say
    writes = reconcile(drawn, existing, ours)        # against what is there, and whose it is by now
    sent = entries(writes, update_create=True)       # one transaction

``resources`` drafts, ``server`` compares with what is there, ``guides`` reshape; ``gate`` lets pass what may
leave, by its ``invariants`` and by the outline of its ``content``. A ``draft`` has ``ids`` that never change
and a ``fingerprint``; ``vocabulary``, ``designations`` and ``labels`` are its codes and their words.
Everything here is pure. Nothing here orders, confirms or sends: plans are drafts, letters are in preparation.
"""

from mappings.outbound.draft import (
    Action,
    ActivityStyle,
    Draft,
    Drafts,
    Subject,
    TransactionEntry,
    Write,
    WriteContext,
)
from mappings.outbound.ids import resource_id
from mappings.outbound.invariants import check
from mappings.outbound.resources.all_drafts import drafts
from mappings.outbound.server.entries import entries
from mappings.outbound.server.reconcile import reconcile

__all__ = [
    "Action",
    "ActivityStyle",
    "Draft",
    "Drafts",
    "Subject",
    "TransactionEntry",
    "Write",
    "WriteContext",
    "check",
    "drafts",
    "entries",
    "reconcile",
    "resource_id",
]
