"""Bulk Data `$export` of the server: into files of a folder, or as a list of patients for the sweep.

export_folder        what a folder holds of an export, noted so that it goes on after a kill
export_transfer      one file onto the disk, whole or not at all
export_run           kick-off, waiting, files, deletion
"""
