"""A small FHIR R4 server for the demo, the tests and fault drills. Not for production, never for real patients.

It has no login, no validation on write and no terminology; it listens on loopback. What it does, it does with the
semantics of the specification, and where that leaves room or where HAPI FHIR is known to differ, it chooses:

| question                                   | here                             | HAPI FHIR 8.8                  |
| ------------------------------------------ | -------------------------------- | ------------------------------ |
| stale `If-Match`; on a missing id          | 412; 412                         | 409; creates                   |
| `If-None-Match: *` on PUT                  | creates or 412                   | ignored                        |
| unknown search parameter                   | ignored, 400 if handling=strict  | always 400                     |
| `total` while there is a next page         | absent unless `_total=accurate`  | the same                       |
| later pages                                | a snapshot of the first          | show newer writes              |
| `lastUpdated` inside one transaction       | equal (rises from one to the next) | equal                        |
| order inside a batch                       | as listed                        | writes first, then reads       |
| reference to a missing resource            | accepted, 400 when switched on   | 400                            |
| absolute references; all-digit ids         | accepted                         | 400                            |
| tags of an earlier version on PUT          | replaced by the new body         | added up                       |
| `response.etag` in bundles                 | `W/"2"`                          | `2`                            |
| DELETE, also of an unknown id              | 204                              | 200 with an OperationOutcome   |
| `ge`/`le` on a period that only overlaps   | no match, as the R4 text has it  | match                          |
| dates without a time zone                  | UTC                              | the server's zone              |
| parallel conditional updates               | serial: never two resources      | can make two                   |
| JSON numbers                               | digits kept (`-2.50`)            | the same                       |

    app -> interactions -> bundle, results -> search -> store -> index -> parameters, moments
    run starts it, faults disturbs it, wire is what all of them speak
"""

from workers.sandbox.faults import Effect, Faults, Recorder, Rule, Write
from workers.sandbox.run import Sandbox

__all__ = ["Effect", "Faults", "Recorder", "Rule", "Sandbox", "Write"]
