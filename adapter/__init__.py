"""From a bone density scan to a proposed care plan and a letter for the GP.

Every import points the same way: ``osteo_handover -> workers -> mappings -> adapter``.

    adapter/errors.py     what can go wrong, sorted by who must act; `read_only`: how facts are held
    adapter/clinical/     pure: facts, a pathway and a date in, a decision out
    adapter/fhir/         the wire: JSON in, JSON out, no medicine
    adapter/letter/       the letter and the chart, made from a decision alone
    adapter/input/        what comes from outside, checked before anybody uses it; `software_version`

    mappings/inbound/     FHIR JSON -> facts, or the reason why not
    mappings/outbound/    decision -> CarePlan, Communication, Task, Provenance with stable ids
    mappings/handover/    pure: what becomes of a plan, from its proposal to its withdrawal
    mappings/documents/, hl7v2/, cards/, publication/   a letter as documents and as HL7
                          v2, cards, a pathway as FHIR
    mappings/valuesets/, pathways/, texts/    codes, rules and sentences, as data

    workers/              everything that runs as a process; the only room with a clock and an environment
    osteo_handover/       the public API

Where a question is answered: ``docs/architecture.md``.
"""
