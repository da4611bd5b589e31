"""Rights are asked for in the spelling of the server, and what was not granted is told."""

import pytest

from adapter.fhir.smart import ScopeStyle, ScopeWish
from adapter.fhir.smart.smart_scopes import not_granted


@pytest.mark.parametrize(
    ("style", "capabilities", "spelt"),
    [
        (ScopeStyle.AUTO, [], "system/Patient.rs system/Task.cruds"),
        (ScopeStyle.AUTO, ["permission-v1"], "system/Patient.read system/Task.read system/Task.write"),
        (ScopeStyle.AUTO, ["permission-v1", "permission-v2"], "system/Patient.rs system/Task.cruds"),
        (ScopeStyle.V1, ["permission-v2"], "system/Patient.read system/Task.read system/Task.write"),
        (ScopeStyle.V2, ["permission-v1"], "system/Patient.rs system/Task.cruds"),
    ],
)
def test_scopes_are_spelt_as_the_server_knows_them(
    style: ScopeStyle, capabilities: list[str], spelt: str
) -> None:
    assert ScopeWish(("Patient", "Task"), ("Task",), style).spelt(capabilities) == spelt


@pytest.mark.parametrize(
    ("asked", "granted", "missing"),
    [
        ("system/Task.cruds", "system/Task.*", ()),
        ("system/Task.cruds", "system/Task.read system/Task.write", ()),
        ("system/Task.read", "system/*.rs", ()),
        ("system/Task.rs", "user/Task.rs patient/Task.rs", ("Task: read, search",)),
        ("system/Task.rs", "", ("Task: read, search",)),
    ],
)
def test_both_spellings_are_compared(asked: str, granted: str, missing: tuple[str, ...]) -> None:
    assert not_granted(asked, granted) == missing
