"""A ledger grows with a country's patients: what each page or patient asks looks at few of its rows.

SQLite says by which index it answers. One that only has the scope in it is no index,
since everybody is in the scope.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from tests.made_resources import a_gp, a_patient, a_t_score
from tests.server_patients import a_runtime, admitted
from workers.queue.runtime import Runtime
from workers.queue.sweep_run import work_here
from workers.sandbox import Sandbox

# Small tables, and what is asked once for each pass. The rows of a pass are
# counted while somebody watches it.
SELDOM = {
    "sweep_pass": "a row for each pass",
    "watermark": "one row",
    "listed_patient": "once for each full pass by a list",
    "DELETE FROM seen": "once for each pass",
    "GROUP BY review.state": "for the bar of `run`",
    "UPDATE review SET basis=? WHERE review.scope = ? AND review.basis IS NOT NULL": "once, after a change of the rules",
}


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    with Sandbox() as server:
        admitted(server.base_url, [a_gp()])
        for patient in ("p1", "p2", "p3"):
            admitted(server.base_url, [a_patient(patient), a_t_score(patient)])
        with a_runtime(server.base_url, ledger_url=f"sqlite:///{tmp_path}/ledger.sqlite") as runtime:
            yield runtime


def test_what_is_asked_often_looks_at_few_rows(runtime: Runtime) -> None:
    asked = dict[str, Any]()

    @event.listens_for(runtime.ledger.engine, "before_cursor_execute")
    def _note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        asked.setdefault(re.sub(r"\s+", " ", statement), values[0] if many else values)

    for full in (False, True, False):
        work_here(runtime, lambda _: None, full=full)
    runtime.queue_overdue()

    with runtime.ledger.engine.connect() as connection:
        wide = {it for it, values in tuple(asked.items()) if any(_wide(connection, it, values))}
    assert {it for it in wide if not any(known in it for known in SELDOM)} == set()
    assert any("FROM seen" in it and it.startswith("SELECT") for it in asked)


def _wide(connection: Connection, statement: str, values: Any) -> Iterator[str]:
    """The steps that look at all rows of a table."""
    if statement.split(maxsplit=1)[0] not in ("SELECT", "UPDATE", "DELETE"):
        return
    for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values):
        if step[3].endswith("(scope=?)") or re.match(r"SCAN \w+$", step[3]):
            yield step[3]
