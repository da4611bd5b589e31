"""Deciding about everybody in files, without a server: NDJSON and Bundles in, resources to load and a table of outcomes out.

record_files      what lies in the files, object by object, and where
record_index      whose each object is, on disk, so that a patient's can be found without loading a file
bulk_chunk        what a process does: a few patients, read, decided, drafted
bulk_folder       the folder of results, and how far it is: cut at any moment, it goes on from there
bulk_run          all cores, in order
"""
