"""A long search goes on where it was cut off, and forgets what it found in another state of the code."""

from pathlib import Path

from tests.caution import Notes


def test_notes_outlast_the_process_that_made_them(tmp_path: Path) -> None:
    path = tmp_path / "notes" / "1-of-2.txt"
    first = Notes(path, "as it is")
    first.note("anna", ["anna | Observation/spine | undated | class: 0 -> 2"])
    first.note("bert", [])

    again = Notes(path, "as it is")

    assert (again.done, again.found) == ({"anna", "bert"}, first.found)
    assert len(again.found) == 1


def test_notes_of_other_code_count_no_more(tmp_path: Path) -> None:
    path = tmp_path / "1-of-2.txt"
    Notes(path, "before").note("anna", ["anna | a finding"])

    changed = Notes(path, "after")

    assert (changed.done, changed.found) == (set(), [])
    assert path.read_text("utf-8") == "after\n"


def test_a_person_cut_off_half_way_is_gone_through_again(tmp_path: Path) -> None:
    path = tmp_path / "1-of-2.txt"
    path.write_text("as it is\nanna | a finding\n", "utf-8")

    assert "anna" not in Notes(path, "as it is").done
