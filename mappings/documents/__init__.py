"""A letter as FHIR documents: one Bundle that holds everything it says, and the reference under which it is filed.

    paper = Paper(letter, pdf, html, chart)                  # what the renderers made
    filing = replace(filed(drafts, patient), released=...)   # whose letter, which edition, who stands behind it
    document_bundle(paper, filing)                           # to send
    document_reference(paper, filing, the same bundle)       # to keep on the own server

Pure, and the same bytes for the same letter. The ids name the occasion and the edition, so that a letter which is
sent twice is recognised as the same one, and a corrected one says which it replaces.
"""

from mappings.documents.document_bundle import document_bundle
from mappings.documents.document_reference import document_reference, place_of
from mappings.documents.document_rules import broken
from mappings.documents.filing import Attestation, DocumentStanding, Filing, Paper, filed

__all__ = [
    "Attestation",
    "DocumentStanding",
    "Filing",
    "Paper",
    "broken",
    "document_bundle",
    "document_reference",
    "filed",
    "place_of",
]
