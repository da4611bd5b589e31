"""What programs may rely on.

How a command ends (`exit_codes`), how it tells a fault (`fault_report`), and the form of what `--json`
prints: `decision_output`, `files_output`, `operation_output`, `pathway_output`, as `json_schemas`.
"""
