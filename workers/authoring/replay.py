"""A decision on file, decided again: the same bytes, or every place that differs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from adapter.clinical import Pathway, decide
from mappings.pathways import load
from mappings.stored_decision import Difference, StoredDecision, canonical_bytes, differences

LoadPathway = Callable[[str, Mapping[str, object] | None], Pathway]


@dataclass(frozen=True, slots=True)
class Replay:
    """``same_rules`` tells a changed program from a changed pathway: then the difference is expected."""

    identical: bool
    same_rules: bool
    then: str
    now: str
    differences: tuple[Difference, ...] = ()


def replay_decision(stored: StoredDecision, load_pathway: LoadPathway = load) -> Replay:
    """Decide again from the inputs on file. Raises ``PathwayFileFault`` when its pathway cannot be loaded."""
    pathway = load_pathway(stored.pathway, stored.parameters or None)
    again = decide(stored.record, pathway, stored.on)
    was, now = stored.decision.pathway, again.pathway
    return Replay(
        identical=canonical_bytes(stored.decision) == canonical_bytes(again),
        same_rules=was.fingerprint == now.fingerprint,
        then=f"{was.id} {was.version} ({was.fingerprint})",
        now=f"{now.id} {now.version} ({now.fingerprint})",
        differences=differences(stored.decision, again),
    )
