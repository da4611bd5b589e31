"""What somebody asked the patient: questions that have no element of their own in FHIR.

patient_questions  how such a fact travels, as one table
patient_answers    the newest valid answer to each
habits             the answers, spread over the fields of the record
"""
