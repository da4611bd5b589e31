"""A small GP system, written from docs/gp-systems.md alone: it imports nothing of the sender."""

import json
import re
import socket
from base64 import b64decode
from hashlib import sha1, sha256
from pathlib import Path

import requests

from adapter.input.wire_json import Json

MESSAGE = "https://osteo-handover.org/fhir/NamingSystem/message-id"
DOCUMENT = "https://osteo-handover.org/fhir/NamingSystem/document-id"


class Practice:
    """`shown` is the letter of each document that a GP sees; `had` every message ever."""

    def __init__(self) -> None:
        self.shown: dict[str, bytes] = {}
        self.had: set[str] = set()
        self.replaced: set[str] = set()

    def keep(self, document: str, message: str, pdf: bytes, replaces: str | None = None) -> None:
        if message not in self.had:
            self.had.add(message)
            self.replaced |= {replaces} if replaces else set()
            self.shown[document] = pdf
            for it in self.replaced & self.shown.keys():
                del self.shown[it]

    def fetch(self, base: str, answer: str = "accepted") -> None:
        """Read what the hospital put on our FHIR server, and answer."""
        for entry in requests.get(f"{base}/Task?status=requested", timeout=30).json().get("entry", []):
            task = entry["resource"]
            if task["code"]["coding"][0]["code"] == "letter_for_gp":
                said = requests.get(f"{base}/{task['focus']['reference']}", timeout=30).json()
                place = next(
                    it["contentReference"]["reference"] for it in said["payload"] if "contentReference" in it
                )
                letter = requests.get(f"{base}/{place}", timeout=30).json()
                file = next(
                    it["attachment"]
                    for it in letter["content"]
                    if it["attachment"]["contentType"] == "application/pdf"
                )
                pdf = b64decode(file["data"])
                assert b64decode(file["hash"]) == sha1(pdf, usedforsecurity=False).digest()
                before = [it["target"]["identifier"] for it in letter.get("relatesTo", ())]
                self.keep(
                    named(letter["identifier"], DOCUMENT),
                    letter["masterIdentifier"]["value"],
                    pdf,
                    named(before, DOCUMENT) if before else None,
                )
                requests.put(
                    f"{base}/Task/{task['id']}", json={**task, "status": answer}, timeout=30
                ).raise_for_status()

    def empty(self, folder: Path, we: tuple[str, str]) -> None:
        """Take the letters for us out of a folder."""
        for path in sorted(folder.glob("*/*/manifest.json")):
            told = json.loads(path.read_text())
            if {"system": we[0], "value": we[1]} in told["recipient"]:
                files = {name: (path.parent / name).read_bytes() for name in told["files"]}
                assert all(
                    sha256(files[name]).hexdigest() == it["sha256"] for name, it in told["files"].items()
                )
                self.keep(told["document"], told["message"], files["letter.pdf"], told["replaces"])

    def serve(self, line: socket.socket) -> None:
        """Take one HL7 v2 message from a connection and acknowledge it."""
        held = b""
        while b"\x1c" not in held:
            held += line.recv(65536)
        segments = {it[:3]: it.split("|") for it in re.split("[\r\n]", held.strip(b"\x0b\x1c\r").decode())}
        txa, control = segments["TXA"], segments["MSH"][9]
        self.keep(txa[12], control, b64decode(segments["OBX"][5].split("^")[4]), txa[13] or None)
        line.sendall(f"\x0bMSH|^~\\&|GP||||2026||ACK|1|P|2.5.1\rMSA|AA|{control}\r\x1c\r".encode())


def named(identifiers: list[Json], system: str) -> str:
    return str(next(it["value"] for it in identifiers if it["system"] == system))
