"""HL7 v2 and files in: what came is kept first, then written to the FHIR server, then reviewed as always.

message_explanation    what a message would come to
"""
