"""Names of what is published: canonical addresses, ids on a server, and names that a program can use."""

import re
from collections.abc import Iterable
from html import escape

from adapter.clinical.pathway.pathway import Pathway
from adapter.input.wire_json import Json, ReadOnlyJson
from mappings.codes import BASE

DRAFT: ReadOnlyJson = {"status": "draft", "experimental": True, "publisher": "osteo-handover"}


def address(kind: str, name: str) -> str:
    """The canonical address, without a version."""
    return f"{BASE}/{kind}/{name}"


def on_server(name: str, version: str = "") -> str:
    """An id that FHIR allows. With the version in it, an older edition stays where a plan refers to it."""
    return re.sub(r"[^A-Za-z0-9.-]", "-", f"{name}-{version}" if version else name)[:64]


def camel(name: str) -> str:
    """``antonius_sneek`` as ``AntoniusSneek``."""
    return "".join(part.capitalize() for part in re.split(r"[^A-Za-z0-9]+", name))


def versioned(pathway: Pathway, kind: str, suffix: str = "") -> Json:
    """What the resources of one edition have in common."""
    ref = pathway.ref
    return {
        "resourceType": kind,
        "id": on_server(f"{ref.id}{suffix}", ref.version),
        "url": address(kind, f"{ref.id}{suffix}"),
        "version": ref.version,
        "name": camel(f"{ref.id}{suffix}"),
        **DRAFT,
    }


def narrative(title: str, lines: Iterable[str] = ()) -> Json:
    """The resource in words, for viewers that show nothing else."""
    listed = "".join(f"<li>{escape(line)}</li>" for line in lines)
    body = f"<p>{escape(title)}</p>" + (f"<ul>{listed}</ul>" if listed else "")
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{body}</div>'}
