"""A run tells at its end how far it is, and moves the watermark, however seldom it looked meanwhile."""

from pathlib import Path

import pytest

from tests.made_resources import a_gp, a_patient, a_t_score
from tests.server_patients import a_runtime, admitted
from workers.ledger import passes
from workers.queue.sweep_run import RunStatus, work_here
from workers.sandbox import Sandbox

PEOPLE = ("p1", "p2", "p3", "p4", "p5")


@pytest.mark.parametrize("threads", [1, 3])
def test_the_last_look_counts_everybody_and_the_watermark_moves(
    sandbox: Sandbox, tmp_path: Path, threads: int
) -> None:
    admitted(sandbox.base_url, [a_gp(), *(it for one in PEOPLE for it in (a_patient(one), a_t_score(one)))])
    told, ledger = list[RunStatus](), f"sqlite:///{tmp_path}/ledger.sqlite"

    with a_runtime(sandbox.base_url, threads=threads, batch_size=2, ledger_url=ledger) as runtime:
        summary = work_here(runtime, told.append)
        reached = passes.watermark_value(runtime.ledger, runtime.ruleset)

    assert (told[-1].settled, told[-1].found, summary.patients) == (5, 5, 5)
    assert summary.finished
    assert reached is not None
