"""HL7 v2 that comes in: bytes and the map of a sender in; resources, news of patients, or a refusal out. Pure.

translation -> oru (oru_report, oru_result, v2_values, v2_times) or adt -> patient_key -> sender_map; acknowledgement, refusal
map_gaps (what a map does not know yet)
"""
