"""What comes from outside, checked before anybody uses it; every room reads and shows by these.

wire_json      JSON, strictly: exact digits, no key twice, nothing guessed
input_files    files that a person hands in, with the place of a fault
fhir_id        the form of a resource id
outside_text   text that somebody else wrote, made safe to show
"""
