"""Whether it is ready tells too that a full pass waits for its hours, which is no lag."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.server_patients import settings_for
from tests.servers.without_http import BASE
from workers.ledger import open_ledger, passes
from workers.ledger.positions import NOWHERE
from workers.queue.bootstrap import institution_of, ruleset_of, scope_of
from workers.server.health import Readiness
from workers.server.http_process import routes_of

NINE = datetime(2026, 11, 29, 8, tzinfo=UTC)  # in the morning, in Amsterdam
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def readiness_after_a_day(folder: Path, hours: str) -> Readiness:
    """A full pass at nine, everything else up to now; and it is half past nine of the next day."""
    settings = settings_for(BASE, ledger_url=f"sqlite:///{folder}/ledger.sqlite", full_sweep_hours=hours)
    institution, now = institution_of(settings), NINE + DAY + 30 * MINUTE
    ledger = open_ledger(settings.ledger_url.get_secret_value(), scope_of(settings, institution))
    for began, full in ((NINE, True), (now, False)):
        begun = passes.start_pass(ledger, ruleset_of(settings, institution), began, MINUTE, full=full)
        assert begun
        passes.finish_pass(ledger, begun, began, NOWHERE)
    ledger.close()
    return routes_of(settings, lambda: now).health.readiness()


@pytest.mark.parametrize(
    ("hours", "waits"),
    [
        ("22:00-06:00", "a full pass is due since 2026-11-30 09:00, and waits for full_sweep_hours until 2026-11-30 22:00"),
        ("09:00-10:00", None),
        ("", None),
    ],
)  # fmt: skip
def test_a_full_pass_that_waits_is_told_and_keeps_nothing_from_being_well(
    tmp_path: Path, hours: str, waits: str | None
) -> None:
    found = readiness_after_a_day(tmp_path, hours)

    assert found.well
    assert found.lags["full_pass_waits"] == waits
