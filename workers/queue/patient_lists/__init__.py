"""The patients to look at where no search of the server finds them.

configured_source   which of them the settings name
patient_source      a file with ids, or a Group on the server
exported_list       those whom an export names; patient_exports: what the ledger holds
                    of it; exported_ids: its lines
"""
