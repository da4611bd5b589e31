"""The letters about one patient.

letter_text        what they say, to each recipient, on one day
letter_edition     which edition of a letter this is
letter_documents   the letter that leaves is filed beside it, with its pages
"""
