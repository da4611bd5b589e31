"""Whether a full pass waits for its hours, and whether anything else than a full pass would wait with it."""

from collections.abc import Iterator
from contextlib import closing

from mappings.handover.institution import Institution
from workers.doctor.findings import Finding, FindingState, check
from workers.host.clock import Clock
from workers.ledger import open_ledger
from workers.queue.bootstrap import ruleset_of, scope_of
from workers.queue.full_passes import waiting_note
from workers.settings.all_settings import SWEPT, Settings
from workers.settings.full_pass_rule import full_pass_rule_of


def check_full_pass(settings: Settings, institution: Institution, clock: Clock) -> Iterator[Finding]:
    """Nothing where full passes begin at any time; of a ledger that does not open another finding tells."""
    if not settings.full_sweep_hours:
        return
    if unseen := [kind for kind in SWEPT if kind not in settings.sweep_types]:
        says = (
            f"changes of {', '.join(unseen)} are found by full passes alone, which wait for full_sweep_hours"
        )
        do = "add them to sweep_types, or leave full_sweep_hours empty"
        yield Finding("full pass", FindingState.LIMITED, says, do)
    url = settings.ledger_url.get_secret_value()

    def waits() -> str | None:
        with closing(open_ledger(url, scope_of(settings, institution))) as ledger:
            return waiting_note(
                ledger, ruleset_of(settings, institution), full_pass_rule_of(settings), clock()
            )

    if note := check("full pass", waits, str, "").result:
        do = "nothing; `osteo-handover run --full` does not wait"
        yield Finding("full pass", FindingState.WORKS, note, do)
