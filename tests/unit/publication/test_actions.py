"""One action per rule, with its words, its condition and its citations."""

from mappings.pathways import load
from tests.unit.publication.publications import EVERY, plan


@EVERY
def test_there_is_one_action_per_rule_in_order_with_its_words_and_citations(name: str) -> None:
    pathway = load(name)

    assert [it["prefix"] for it in plan(name)["action"]] == [rule.id for rule in pathway.rules]
    for rule, it in zip(pathway.rules, plan(name)["action"], strict=True):
        assert it["title"] == " ".join(rule.says.split())
        assert len(it.get("documentation", ())) == len(rule.cite)


@EVERY
def test_no_action_reads_as_always_when_its_rule_is_conditional_or_does_nothing(name: str) -> None:
    pathway = load(name)

    for rule, it in zip(pathway.rules, plan(name)["action"], strict=True):
        if rule.when or not rule.executable:
            assert it["condition"], rule.id
        if not rule.executable:
            assert it["condition"][0]["expression"]["expression"] == "false"
            assert "action" not in it
