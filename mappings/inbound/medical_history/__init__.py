"""Diseases, operations, medicines, laboratory, family: each list with its day and what could not be read.

problem_list, procedures, family, frax    one kind of resource each
medication_history, medicinal_products, dosages      drugs over time: which, how much, when
allergies, laboratory, laboratory_words, body_measures, events
lists       when a list is complete, so that its silence means none
screening   words that must not be overheard where no code is known
"""
