"""Drafts against what stands on the server.

server_view     what is there, under our own names, and whether somebody has been at it
reconcile       what to write, and what is a human's by now; `plan_changes` what we would have changed in that
withdrawals     what is taken back
entries         all of it as one transaction; `conditional_create` for servers that give the ids
"""
