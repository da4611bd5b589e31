"""Ids are UUIDs of version 5, as RFC 9562 makes them of a name."""

from uuid import uuid5

from hypothesis import given
from hypothesis import strategies as st

from mappings.outbound.ids import NAMESPACE, resource_id


@given(st.text(st.characters(codec="utf-8")))
def test_an_id_is_what_the_library_makes_of_the_same_name(key: str) -> None:
    assert resource_id("CarePlan", key) == str(uuid5(NAMESPACE, f"CarePlan|{key}"))
