"""FHIR resources, made safe to look into before anything is understood.

compartment     whose resources these are, the newest version of each
observations    every single measurement, wherever it hides; measurement_kind what tells who reads it
codings, dates, datatypes    the elements; what does not fit is absent; plain_words how words are compared
resource_status    the elements that change what all others mean; problem_state those of a Condition
refusals        what a refused input would have been, and who looks at it
implants        what an operation used or put in
"""
