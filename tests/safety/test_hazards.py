"""The hazard log holds: each hazard has its control in the code, and tests that see when it is gone."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.safety.hazards import ROOT, Hazard, hazards, marked

LEAST = 3  # tests, or rows of a table, that must fail without the control
FOREIGN = "tests/spec/test_foreign_cases.py"
NAMES = [it.id for it in hazards()]
each = pytest.mark.parametrize("hazard", hazards(), ids=NAMES)


def test_the_log_has_every_hazard_once_and_in_order() -> None:
    assert sorted(set(NAMES)) == NAMES
    assert {f"H{number:02}" for number in range(1, 26)} <= set(NAMES)


@each
def test_a_hazard_says_what_it_is_and_where_its_control_lies(hazard: Hazard) -> None:
    assert all((hazard.title, hazard.cause, hazard.harm, hazard.control))
    assert [it for it in hazard.where if not (ROOT / it).exists()] == []


@each
def test_a_hazard_has_its_tests(hazard: Hazard) -> None:
    assert marked().get(hazard.id) or len(hazard.cases) >= LEAST


def test_no_test_carries_a_hazard_that_is_not_in_the_log() -> None:
    assert set(marked()) <= set(NAMES)


@each
def test_the_removal_of_a_control_is_still_possible(hazard: Hazard) -> None:
    assert hazard.without
    for it in hazard.without:
        assert (ROOT / it.file).read_text("utf-8").count(it.find) == 1, it


@pytest.mark.slow
@each
def test_without_its_control_the_tests_of_a_hazard_fail(hazard: Hazard, tmp_path: Path) -> None:
    changed = {Path(it.file).parts[0] for it in hazard.without}
    for room in ("adapter", "mappings", "workers", "tests", "docs", "pyproject.toml", "README.md"):
        if room in changed:
            shutil.copytree(ROOT / room, tmp_path / room)
        else:
            (tmp_path / room).symlink_to(ROOT / room)
    for it in hazard.without:
        file = tmp_path / it.file
        file.write_text(file.read_text("utf-8").replace(it.find, it.replace), "utf-8")
    files = {path.relative_to(ROOT).as_posix() for path, _ in marked().get(hazard.id, ())}
    files |= {FOREIGN} if hazard.cases else set()

    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            f"--maxfail={LEAST}",
            "-m",
            f"hazard(id='{hazard.id}') and not hapi",
            *sorted(files),
        ],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    failed = set(re.findall(r"^FAILED (.+?)(?: - |$)", run.stdout, re.MULTILINE))
    assert len(failed) >= LEAST, run.stdout[-2000:]
