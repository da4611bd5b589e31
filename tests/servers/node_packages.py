"""Packages for Node that tests use, installed on first use and kept outside the repository."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.servers.fixtures import missing


def node_packages(*packages: str, without: str) -> Path:
    """The folder with these packages, each with its version; where they lack it skips and says `without`."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            missing(f"{without}: {tool} is not on the PATH (Node 20 is needed)")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "osteo-handover" / "node" / "+".join(packages)
    names = [it.rpartition("@")[0] for it in packages]
    if not all((folder / "node_modules" / it / "package.json").is_file() for it in names):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}\n')
        installing = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *packages]
        ran = subprocess.run(installing, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
        if ran.returncode != 0:
            missing(f"{without}: npm could not install {' and '.join(packages)}")
    return folder
