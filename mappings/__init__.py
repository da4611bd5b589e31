"""Between FHIR and the facts of the core. Pure; nothing here calls out.

inbound, outbound      FHIR to facts, and decisions to FHIR
handover               what becomes of a plan, from its proposal to its withdrawal
documents, cards       a letter as FHIR documents, a proposal as cards of CDS Hooks
hl7v2                  messages in both directions
publication            a pathway as FHIR; `stored_decision` a decision on file
pathways, texts, valuesets      rules, sentences and codes, as data; `codes` and `code_system` are their types
check_digits, ucum_syntax       what can be a code, and what a unit
"""
