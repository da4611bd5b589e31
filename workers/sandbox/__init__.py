"""A small FHIR R4 server for the demo, the tests and fault drills.

Not for production, never for real patients.

It has no login, no validation on write and no terminology; it listens on loopback. What it does,
it does with the semantics of the specification. Where that leaves room, or where HAPI FHIR 8.8
was seen to differ, it chooses:

| question                                 | here                              | HAPI FHIR 8.8              |
| ---------------------------------------- | --------------------------------- | -------------------------- |
| stale `If-Match`; `If-Match`, missing id | 412; 412                          | 409; creates               |
| `If-None-Match: *` on PUT                | creates or 412                    | ignored                    |
| DELETE, also of an unknown id            | 204                               | 200, OperationOutcome      |
| conditional update, body with another id | 400                               | 200, the body's id ignored |
| parallel conditional updates             | one after the other: one resource | can make two               |
| tags of the version before a PUT         | replaced by the new body's        | added up                   |
| absolute references; ids of digits only  | accepted                          | 400                        |
| reference to a missing resource          | accepted; 400 when switched on    | 400                        |
| conditional reference without a match    | 412                               | 404                        |
| order inside a batch                     | as listed                         | writes, then reads         |
| `response.etag` in bundles               | `W/"2"`                           | `2`                        |
| unknown search parameter                 | ignored; 400 with handling=strict | always 400                 |
| `ge2024-03-14`, period ending that day   | no match, as R4 words it          | match                      |
| `:contains`; PATCH                       | served; 405                       | 405; served                |
| `total` while there is a next page       | only with `_total=accurate`       | now and then               |
| later pages                              | a snapshot of the first           | show newer writes          |
| `$export`: `_type` outside a compartment | given                             | 400                        |

The same on both: an unchanged PUT makes no version, `lastUpdated` is equal within a transaction and
rises from one to the next, a PUT revives what was deleted (201), numbers keep their digits. Dates
without a zone are UTC here.

    http_endpoint -> interactions -> transactions, write_interactions, query -> resource_store
    bulk_exports, validation and capability are the operations; wire is what all of them speak
    sandbox_server starts it, faults disturbs it, flawed_pages spoils a page
"""

from workers.sandbox.faults import FaultEffect, FaultRule, Faults, RecordedWrite, Recorder
from workers.sandbox.sandbox_server import Sandbox
from workers.sandbox.wire import RequestRefused

__all__ = ["FaultEffect", "FaultRule", "Faults", "RecordedWrite", "Recorder", "RequestRefused", "Sandbox"]
