"""What is asked about patients, and whose each answer is.

record_search     the searches for one record, as one request for several; `patient_searches` ours about them
includes          what a search brings along, where the server does not
batch_answers     the answers of one request, patient by patient
version_search    who changed in nothing, by versions alone
"""
