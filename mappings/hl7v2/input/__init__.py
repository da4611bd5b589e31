"""HL7 v2 that comes in: bytes and the map of a sender in; resources, news of patients, or a refusal out.

Pure.

translation            -> oru, results; or adt, news of a patient
oru                    -> oru_report, oru_result -> v2_values, v2_times; who it is
                       about: patient_key, patient_draft
result_changes         what that changes on the server, with its reception_provenance
sender_map, map_gaps   what a sender means by its codes, and what its map does not know yet
refusal, own_ack                why a message is not taken, and our answer
"""
