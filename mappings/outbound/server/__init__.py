"""Drafts against what stands on the server: what to write, what is a human's by now, what is withdrawn, and the entries."""
