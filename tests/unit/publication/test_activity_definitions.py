"""Every activity that is named is defined."""

from tests.unit.publication.publications import EVERY, every_action, of, plan


@EVERY
def test_every_activity_that_is_named_is_defined_and_every_code_is_in_the_value_set(name: str) -> None:
    named = {it["definitionCanonical"] for it in every_action(plan(name)) if "definitionCanonical" in it}
    used = {
        c["code"] for it in every_action(plan(name)) for held in it["code"] for c in held.get("coding", ())
    }
    (values,) = of(name, "ValueSet")
    listed = {c["code"] for include in values["compose"]["include"] for c in include["concept"]}

    assert {it["url"] for it in of(name, "ActivityDefinition")} == named
    assert used - listed <= {c["code"] for it in of(name, "ActivityDefinition") for c in it["code"]["coding"]}
    assert {c["code"] for it in of(name, "ActivityDefinition") for c in it["code"]["coding"][:1]} <= listed
