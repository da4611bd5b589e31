"""Decides about everybody in files, without a server: NDJSON and Bundles in, resources and outcomes out.

record_files      what lies in the files, line by line, and in which pieces they are read
index_pass        whose each object of a piece is
record_index      whose each object is, on disk, so that a patient's can be found without loading a file
indexed_records   a patient's record through the index, read strictly
process_pool      parts done by processes of this machine, given back in order
bulk_chunk        what a process does: a few patients, decided and drafted
bulk_folder       the folder of results, and how far it is: cut at any moment, it goes on from there
bulk_run          a run from its files to its results, by whomever its parts are done
parts_folder      the parts of a run that several machines do: what they rest on, and each that is done
parts_dispatch    parts handed out through the broker, and again where a worker took one along
part_work, part_tasks    what a worker does with a part, and its doorways
export            files that the server itself made of everybody, fetched into a folder
"""
