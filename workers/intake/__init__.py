"""HL7 v2 and files in: what came is kept first, then written to the FHIR server, then reviewed as always.

intake_process                          starts and stops it
mllp_listener, mllp_frames              messages, and message_reception, which answers them
watched_folder, file_arrivals           files
inbox, inbox_cipher                     what came and must not be lost
inbox_work                              from there: result_writer, record_writer,
                                        patient_writer (patient_lookup)
message_explanation                     what a message would come to
"""
