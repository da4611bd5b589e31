"""A letter as FHIR documents: a Bundle that holds all of it, and the reference under which it is filed.

    rendered = RenderedLetter(letter, pdf, html, chart)
    metadata = replace(metadata_of(drafts, patient), released=...)   # whose letter, which
                                                                     edition, who stands behind it
    document_bundle(rendered, metadata)                              # to send
    document_reference(rendered, metadata, the same bundle)          # to keep on the own server

`composition`, `sections`, `section_text` and `enclosure` are what a bundle is made of; `document_metadata`
goes in, and `document_rules` must hold before it leaves.

Pure, and the same bytes for the same letter. The ids name the occasion and the edition, so that a letter
which is sent twice is recognised as the same one, and a corrected one says which it replaces.
"""

from mappings.documents.document_bundle import document_bundle
from mappings.documents.document_metadata import (
    Attestation,
    DocumentMetadata,
    DocumentStanding,
    RenderedLetter,
    metadata_of,
)
from mappings.documents.document_reference import document_reference, edition_location
from mappings.documents.document_rules import broken

__all__ = [
    "Attestation",
    "DocumentMetadata",
    "DocumentStanding",
    "RenderedLetter",
    "broken",
    "document_bundle",
    "document_reference",
    "edition_location",
    "metadata_of",
]
