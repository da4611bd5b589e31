"""`doctor`: a look at everything that must work.

`examination` goes through it all, into `findings`; `server_checks` ask the server, `sweep_check` makes the
sweep's own searches, `rights_check` tries what the account may do, `code_check` looks for results under the
codes that the settings map, `full_pass_check` tells what waits for the hours of full passes.
`write_probes` are the least that a server takes of each type.
"""
