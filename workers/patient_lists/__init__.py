"""Whom to look at, where no search of the server says so.

patient_source      a file with ids, or a Group on the server
"""
