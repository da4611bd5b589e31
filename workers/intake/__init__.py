"""HL7 v2 and files in: what came is kept first, then written to the FHIR server, then reviewed as always.

intake_process -> mllp_listener (mllp_frames) -> message_reception -> inbox (inbox_cipher)
-> inbox_work -> result_writer, patient_writer (patient_lookup) -> the ledger
message_explanation    what a message would come to
"""
