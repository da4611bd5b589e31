"""Which rule is proved by which test: taken from the traces of what passed, never from a manual list."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from adapter.clinical.pathway.rules import Rule
from mappings.pathways import PATHWAY_NAMES, load
from workers.authoring.cases import CaseStatus, WorkedCase
from workers.authoring.spec_tables import Proof, prove_case, prove_row, specs

LEAFLET = re.compile(r"(ETZ|ANT|ANS|FYS|HVRT)-\d")


@dataclass(frozen=True, slots=True)
class CoveredRule:
    """One rule with the tests that fire it, or the reason why nothing follows from it."""

    id: str
    mode: str
    says: str
    reason: str | None
    tests: tuple[str, ...] = ()

    @property
    def accounted(self) -> bool:
        """Whether it is either proved or explained."""
        return bool(self.tests) if self.reason is None else True


@dataclass(frozen=True, slots=True)
class Coverage:
    """All rules of all pathways, and the tests that failed while finding out."""

    rules: tuple[CoveredRule, ...]
    failed: tuple[Proof, ...] = ()

    @property
    def gaps(self) -> tuple[str, ...]:
        """Rules that are neither proved nor explained."""
        return tuple(rule.id for rule in self.rules if not rule.accounted)


def coverage_of(proved: Iterable[Proof], *, leaflets_only: bool = True) -> Coverage:
    """What was proved, by rule; give it ``proofs(cases)``."""
    fired: dict[str, list[str]] = {}
    failed: list[Proof] = []
    for proof in proved:
        if proof.status is not CaseStatus.PASSED:
            failed.append(proof)
            continue
        for rule in proof.fired:
            fired.setdefault(rule, []).append(proof.id)
    rules = (
        replace(rule, tests=tuple(fired.get(rule.id, ())))
        for rule in covered_rules(leaflets_only=leaflets_only)
    )
    return Coverage(tuple(rules), tuple(failed))


def count_tests() -> int:
    """How many rows the spec tables have."""
    return sum(len(spec.rows) for spec in specs())


def covered_rules(*, leaflets_only: bool = True) -> Iterator[CoveredRule]:
    """Each rule of the shipped pathways once; it needs a test where it is executable in any of them."""
    found: dict[str, CoveredRule] = {}
    for name in ("core", *PATHWAY_NAMES):
        for rule in load(name).rules:
            if leaflets_only and not LEAFLET.match(rule.id):
                continue
            known = found.get(rule.id)
            if known is None or (known.reason is not None and rule.executable):
                found[rule.id] = _covered_rule(rule)
    return iter(sorted(found.values(), key=lambda rule: _rule_order(rule.id)))


def _covered_rule(rule: Rule) -> CoveredRule:
    return CoveredRule(rule.id, rule.mode.value, rule.says, None if rule.executable else rule.reason)


def _rule_order(rule: str) -> tuple[str, int, str]:
    name, _, number = rule.partition("-")
    digits = re.match(r"\d*", number)
    return name, int(digits[0] or 0) if digits else 0, number


def proofs(cases: Iterable[WorkedCase] = ()) -> Iterator[Proof]:
    """Run every spec row, then the given cases; each once, without a second run to compare with."""
    yield from (prove_row(row, again=False) for spec in specs() for row in spec.rows)
    yield from (prove_case(case, again=False) for case in cases)
