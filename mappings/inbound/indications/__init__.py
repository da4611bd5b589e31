"""What medicines, operations and visits were for, and what harm is told beside them.

reasons        the reasons themselves, by code, in words, or as the name of a reference
indications    diagnoses that stand in a reason only
harm_remarks   harm of a bone drug in the reason of a stop, a reaction or a note
"""
