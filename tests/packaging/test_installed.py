"""The wheel, installed far from the checkout, brings all that the program needs."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

import adapter
import mappings
import osteo_handover
import workers

ROOT = Path(__file__).parents[2]
PACKAGES = [osteo_handover, adapter, mappings, workers]
NAMES = [package.__name__ for package in PACKAGES]

pytestmark = pytest.mark.packaging


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, timeout=120)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of a new environment with our wheel in it.

    The libraries come from this environment by a .pth file, which keeps the test quick and off the
    network. Python does not follow the .pth files of a folder that it found in a .pth file: our
    editable install stays invisible.
    """
    home = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True, timeout=60)
    paths = {"base": str(home), "platbase": str(home)}
    site = Path(sysconfig.get_path("purelib", "venv", paths))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home / "bin"


def run(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the new environment's Python outside the repository, with nothing of ours in the environment."""
    environ = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "OSTEO_HANDOVER"))
    }
    command = [str(installed / "python"), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=120, cwd=installed.parent, env=environ
    )


@pytest.mark.parametrize("package", NAMES)
def test_a_package_is_imported_from_the_wheel(installed: Path, package: str) -> None:
    done = run(installed, "-c", f"import {package}; print({package}.__file__)")

    assert done.stderr == ""
    assert Path(done.stdout.strip()).is_relative_to(installed.parent)


DATA = {
    "value sets": "mappings/valuesets/*.json",
    "names of medicines": "mappings/valuesets/*.yaml",
    "pathways": "mappings/pathways/*.yaml",
    "texts": "mappings/texts/*.yaml",
    "demo patients": "workers/demo/data/*.ndjson",
    "licences of the demo patients": "workers/demo/data/LICENSES/*.txt",
}


@pytest.mark.parametrize("pattern", DATA.values(), ids=DATA.keys())
def test_the_wheel_holds_every_data_file_of_the_checkout(wheel: Path, pattern: str) -> None:
    in_checkout = {path.relative_to(ROOT).as_posix() for path in ROOT.glob(pattern)}

    assert in_checkout
    assert in_checkout <= set(zipfile.ZipFile(wheel).namelist())


def test_the_wheel_holds_nothing_of_the_tests(wheel: Path) -> None:
    folders = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}

    assert {name for name in folders if not name.endswith(".dist-info")} == set(NAMES)


def test_every_package_says_that_it_is_typed(wheel: Path) -> None:
    """The public one gives values whose types stand in the others."""
    assert {f"{name}/py.typed" for name in NAMES} <= set(zipfile.ZipFile(wheel).namelist())


def test_one_patient_is_assessed_from_where_it_was_installed(installed: Path) -> None:
    done = run(installed, "-c", ASSESS)

    assert done.returncode == 0, done.stderr
    assert done.stdout == "planned osteoporosis True\n"


ASSESS = """
from datetime import date

from osteo_handover import assess

spine = {
    "resourceType": "Observation", "id": "s", "status": "final", "subject": {"reference": "Patient/p"},
    "code": {"coding": [{"system": "http://loinc.org", "code": "38267-1"}]},
    "effectiveDateTime": "2026-11-10", "valueQuantity": {"value": -3.1, "unit": "{T-score}"},
}
woman = {
    "resourceType": "Patient", "id": "p", "birthDate": "1950-01-01", "gender": "female",
    "generalPractitioner": [{"identifier": {"system": "urn:example", "value": "1"}, "display": "Demo"}],
}
found = assess([woman, spine], pathway="antonius", on=date(2026, 11, 20))
print(found.outcome, found.decision.classification.category, "-3,1" in found.letter)
"""


def test_the_data_can_be_read_from_where_it_was_installed(installed: Path) -> None:
    done = run(installed, "-c", READ_DATA)

    assert done.returncode == 0, done.stderr
    assert done.stdout == "core\n"


READ_DATA = """
import json
from importlib.resources import files

import yaml

data = files("mappings")
for path in data.joinpath("valuesets").iterdir():
    if path.name.endswith(".json"):
        assert json.loads(path.read_text("utf-8"))["resourceType"]
print(yaml.safe_load(data.joinpath("pathways", "core.yaml").read_text("utf-8"))["id"])
"""


def test_the_command_explains_itself(installed: Path) -> None:
    done = run(installed, "-c", COMMAND_LINE, "--help")

    assert done.returncode == 0, done.stderr
    assert {"demo", "run", "worker", "explain", "doctor"} <= set(done.stdout.split())


COMMAND_LINE = """
from importlib.metadata import entry_points

(command,) = entry_points(group="console_scripts", name="osteo-handover")
command.load()()
"""


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: str(package.__name__))
def test_no_library_has_taken_one_of_our_names(package: object) -> None:
    """Three words that other distributions use too: notice the day that one of them gets in front of ours."""
    assert Path(str(getattr(package, "__file__", ""))).is_relative_to(ROOT)
