"""The ways to a recipient, and what they need.

fhir_channel, folder_channel, mllp_channel    each hands a message over and says what came of it
letter_resources, hl7v2_document              the message in the words of FHIR and of HL7 v2
endpoints, recipient_circuit                  where a recipient takes letters; whether it is asked just now
"""
