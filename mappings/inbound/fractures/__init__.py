"""Broken bones: what the problem list says of them, and what only an operation, a visit or an image tells.

fracture_history   Conditions whose code is a fracture
fracture_traces    operations, visits, reports and findings that tell of one that no Condition holds
"""
