"""The file from which an institution starts its own pathway: all commented out, and valid as it is."""

from collections.abc import Mapping

from adapter.clinical.pathway.pathway import Pathway
from adapter.clinical.pathway.rules import EFFECTS, Mode

SKELETON = """\
# {heading}
# An institution's own pathway: it is {extends} but for what stands here. Check it after every change:
#     osteo-handover pathway check FILE
#     osteo-handover pathway diff {extends} FILE --patients PATIENTS.ndjson
# Give it a new version whenever a clinical word or number changes; the letters name it.
id: {id}
version: 0.1.0
title: "{title}"
extends: {extends}

# Everything below is a comment. Take the first "#" off a block, its headline included, and change it.

# Documents that your own rules cite.
#sources:
#  - {{id: protocol_2026, title: "Local protocol", published: "2026-11"}}

# Numbers and choices to set otherwise, each with the document that it stands in; leave out what stays as in {extends},
# a table's other entries too.
#parameters:
{parameters}

# Rules to add. A rule with the id of an existing one takes its place. Allowed are
#   mode: {modes}
#   then: {effects}
#   when: comparisons, and, or, not, known(x), unknown(x) over the names of `pathway show {extends} --terms`;
#         a rule follows only from what is known to be true.
#rules:
#  - id: OWN-1
#    topic: Falls
#    mode: propose
#    says: After a second fall the fall clinic is asked
#    cite: [{{source: protocol_2026, lines: "4"}}]
#    when: falls >= 2 and age >= 70
#    then:
#      activity: fall_clinic_referral

# Rules to switch off, each with its reason.
#off:
#  GL-08: a physiotherapist sees everybody here already

# Words for your own codes, in each language that letters are written in.
#texts:
#  nl: {{activity.fall_clinic_referral: Verwijzing naar de valpoli}}
#  en: {{activity.fall_clinic_referral: Referral to the fall clinic}}
#  fr: {{activity.fall_clinic_referral: Orientation vers la consultation des chutes}}
"""

OWN_SOURCE = "cite: [{source: protocol_2026}]"


def skeleton(own_id: str, title: str, base: Pathway) -> str:
    """A file that extends ``base``; ``title`` may be any text."""
    plain = " ".join(title.split())
    return SKELETON.format(
        id=own_id,
        heading=plain,
        title=plain.replace("\\", "\\\\").replace('"', '\\"'),
        extends=base.ref.id,
        parameters="\n".join(
            f"#  {name}: {{value: {_flow(value)}, {OWN_SOURCE}}}" for name, value in base.parameters.items()
        ),
        modes=", ".join(Mode),
        effects=", ".join(EFFECTS),
    )


def _flow(value: object) -> str:
    """On one line, as YAML; a number keeps its digits."""
    match value:
        case Mapping():
            return "{" + ", ".join(f"{name}: {_flow(item)}" for name, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(_flow, value)) + "]"
        case None:
            return "null"
        case str():
            return f'"{value}"'
        case bool():
            return str(value).lower()
        case _:
            return str(value)
