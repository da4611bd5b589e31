import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from adapter.errors import ConfigurationFault
from workers.ledger import (
    Ledger,
    Pass,
    ReviewLease,
    ReviewResult,
    ReviewState,
    SeenVersion,
    open_ledger,
    pass_counts,
    passes,
    reviews,
)
from workers.ledger.positions import Position

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
LEASE = timedelta(minutes=2)
RULES = "rules-1"


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    opened = open_ledger(ledger_url, "site|server|pathway")
    yield opened
    opened.close()


def minutes(count: float) -> datetime:
    return NOON + timedelta(minutes=count)


def a_pass(ledger: Ledger, *patients: str, until: datetime = NOON, ruleset: str = RULES) -> Pass:
    """A pass that was read to its end and found these patients."""
    started = passes.start_pass(ledger, ruleset, NOON, LEASE, full=True)
    assert started is not None
    passes.add_patients(ledger, started, [SeenVersion(p, f"Patient/{p}") for p in patients], NOON, LEASE)
    passes.finish_pass(ledger, started, until)
    return started


def begun(ledger: Ledger, *patients: str, now: datetime = NOON) -> tuple[ReviewLease, ...]:
    return reviews.begin_reviews(ledger, patients, now, LEASE, max_attempts=3)


def settled(
    ledger: Ledger, *leases: ReviewLease, state: ReviewState = ReviewState.DONE, now: datetime = NOON
) -> None:
    reviews.settle_reviews(
        ledger, [ReviewResult(lease, state, after=timedelta(minutes=5)) for lease in leases], now
    )


@pytest.mark.hazard(id="H20")
def test_the_watermark_moves_only_when_every_patient_is_settled(ledger: Ledger) -> None:
    a_pass(ledger, "a", "b")
    first, second = begun(ledger, "a", "b")

    settled(ledger, first)
    assert passes.advance_watermark(ledger, RULES) is None

    settled(ledger, second, state=ReviewState.QUARANTINED)
    assert passes.advance_watermark(ledger, RULES) == NOON


@pytest.mark.hazard(id="H20")
def test_a_waiting_patient_holds_the_watermark_but_not_the_reading(ledger: Ledger) -> None:
    a_pass(ledger, "a", until=minutes(0))
    settled(ledger, *begun(ledger, "a"), state=ReviewState.WAITING)
    a_pass(ledger, "b", until=minutes(5))
    settled(ledger, *begun(ledger, "b"))

    assert passes.cursor(ledger, RULES) == minutes(5)
    assert passes.advance_watermark(ledger, RULES) is None

    settled(ledger, *begun(ledger, "a", now=minutes(6)))
    assert passes.advance_watermark(ledger, RULES) == minutes(5)


@pytest.mark.hazard(id="H23")
def test_a_new_ruleset_reads_everything_again(ledger: Ledger) -> None:
    a_pass(ledger, "a")
    settled(ledger, *begun(ledger, "a"))
    passes.advance_watermark(ledger, RULES)

    assert passes.cursor(ledger, "rules-2") is None


def test_an_abandoned_pass_moves_nothing_and_loses_nobody(ledger: Ledger) -> None:
    started = passes.start_pass(ledger, RULES, NOON, LEASE, full=False)
    assert started is not None
    passes.add_patients(ledger, started, [SeenVersion("a", "Observation/1", "1", NOON)], NOON, LEASE)

    passes.abandon_pass(ledger, started)

    assert passes.cursor(ledger, RULES) is None
    assert reviews.claim_patients(ledger, NOON, LEASE, 10, 5) != ()
    assert not passes.add_patients(ledger, started, [SeenVersion("b", "Observation/2")], NOON, LEASE)


def test_one_process_reads_at_a_time_until_it_is_taken_for_dead(ledger: Ledger) -> None:
    assert passes.start_pass(ledger, RULES, NOON, LEASE, full=False)

    assert passes.start_pass(ledger, RULES, minutes(1), LEASE, full=False) is None
    assert passes.start_pass(ledger, RULES, minutes(3), LEASE, full=False) is not None


@pytest.mark.parametrize(("version", "work"), [("1", 0), ("2", 1)], ids=["seen", "new"])
def test_only_a_version_that_was_not_seen_is_work_again(ledger: Ledger, version: str, work: int) -> None:
    started = passes.start_pass(ledger, RULES, NOON, LEASE, full=False)
    assert started is not None
    passes.add_patients(ledger, started, [SeenVersion("a", "Observation/1", "1", NOON)], NOON, LEASE)
    settled(ledger, *begun(ledger, "a"))

    passes.add_patients(ledger, started, [SeenVersion("a", "Observation/1", version, NOON)], NOON, LEASE)

    assert len(begun(ledger, "a")) == work


def test_two_claims_never_get_the_same_patient(ledger: Ledger) -> None:
    a_pass(ledger, "a", "b", "c")

    claims = [reviews.claim_patients(ledger, NOON, LEASE, 2, 5) for _ in range(3)]

    assert claims == [("a", "b"), ("c",), ()]


def test_who_was_tried_before_comes_after_the_others_and_among_fewer(ledger: Ledger) -> None:
    a_pass(ledger, "a", "b", "c")
    settled(ledger, *begun(ledger, "a", "b"), state=ReviewState.WAITING)

    claims = [reviews.claim_patients(ledger, minutes(10), LEASE, 5, 5) for _ in range(3)]

    assert claims == [("c",), ("a",), ("b",)]


# max_attempts: how many patients are in a task, of two hundred, with each try.
IN_ONE_TASK = {1: [200], 2: [200, 1], 3: [200, 1, 1], 4: [200, 40, 1, 1], 5: [200, 40, 8, 1, 1], 9: [200, 40, 8, 1, 1, 1, 1, 1, 1]}  # fmt: skip


@pytest.mark.parametrize("max_attempts", IN_ONE_TASK)
def test_whose_worker_died_is_tried_among_fewer_and_at_the_end_alone(
    ledger: Ledger, max_attempts: int
) -> None:
    many = [f"p{number:03}" for number in range(200)]
    a_pass(ledger, *many)
    sizes = []
    for attempt in range(max_attempts):
        now = minutes(10 * attempt)
        claim = reviews.claim_patients(ledger, now, LEASE, 200, max_attempts)
        sizes.append(len(claim))
        reviews.begin_reviews(
            ledger, many, now + timedelta(minutes=5), LEASE, max_attempts
        )  # and everybody dies

    assert sizes == IN_ONE_TASK[max_attempts]
    assert reviews.begin_reviews(ledger, many, minutes(10 * max_attempts), LEASE, max_attempts) == ()


def test_a_redelivered_task_finds_nothing_to_do(ledger: Ledger) -> None:
    a_pass(ledger, "a", "b")
    _running, done = begun(ledger, "a", "b")
    settled(ledger, done)

    assert begun(ledger, "a", "b") == ()


def test_after_a_killed_worker_its_patients_are_due_when_the_lease_is_over(ledger: Ledger) -> None:
    a_pass(ledger, "a")
    begun(ledger, "a")

    assert reviews.claim_patients(ledger, minutes(1), LEASE, 10, 5) == ()
    assert reviews.claim_patients(ledger, minutes(3), LEASE, 5, 5) == ("a",)
    assert [lease.attempts for lease in begun(ledger, "a", now=minutes(3))] == [2]


def test_a_patient_who_kills_every_worker_is_quarantined(ledger: Ledger) -> None:
    a_pass(ledger, "poison")
    for death in range(3):
        assert begun(ledger, "poison", now=minutes(10 * death))

    assert begun(ledger, "poison", now=minutes(40)) == ()
    assert [(t.patient, t.error_class) for t in reviews.unsettled_reviews(ledger)] == [
        ("poison", reviews.KILLED)
    ]
    assert passes.advance_watermark(ledger, RULES) == NOON


def test_a_try_that_was_not_the_patients_doing_is_not_counted(ledger: Ledger) -> None:
    a_pass(ledger, "a")
    for outage in range(5):
        (lease,) = begun(ledger, "a", now=minutes(10 * outage))
        reviews.settle_reviews(
            ledger, [ReviewResult(lease, ReviewState.WAITING, counts=False)], minutes(10 * outage)
        )

    assert [lease.attempts for lease in begun(ledger, "a", now=minutes(60))] == [1]


def test_news_during_a_review_is_work_again(ledger: Ledger) -> None:
    a_pass(ledger, "a")
    leases = begun(ledger, "a")
    a_pass(ledger, "a")

    settled(ledger, *leases)

    assert len(begun(ledger, "a")) == 1


def test_a_worker_that_was_taken_for_dead_cannot_settle(ledger: Ledger) -> None:
    a_pass(ledger, "a")
    slow = begun(ledger, "a")
    begun(ledger, "a", now=minutes(3))

    settled(ledger, *slow)

    assert passes.advance_watermark(ledger, RULES) is None


def test_what_was_written_is_remembered_over_reviews(ledger: Ledger) -> None:
    a_pass(ledger, "a")
    (lease,) = begun(ledger, "a")
    reviews.settle_reviews(
        ledger, [ReviewResult(lease, ReviewState.DONE, written={"CarePlan/1": "1", "Task/1": "1"})], NOON
    )
    a_pass(ledger, "a")
    (lease,) = begun(ledger, "a")
    reviews.settle_reviews(ledger, [ReviewResult(lease, ReviewState.DONE, written={"CarePlan/1": "2"})], NOON)

    reviews.request_reviews(ledger, ["a"], NOON)

    assert begun(ledger, "a")[0].written == {"CarePlan/1": "2", "Task/1": "1"}


def test_a_new_finding_wakes_a_quarantined_patient(ledger: Ledger) -> None:
    a_pass(ledger, "a")
    settled(ledger, *begun(ledger, "a"), state=ReviewState.QUARANTINED)

    a_pass(ledger, "a")

    assert [lease.attempts for lease in begun(ledger, "a")] == [1]


def test_a_pass_counts_how_its_reviews_ended(ledger: Ledger) -> None:
    this = a_pass(ledger, "a", "b")
    leases = begun(ledger, "a", "b")
    for _ in range(2):  # the second time settles nothing and must count nothing
        reviews.settle_reviews(
            ledger, [ReviewResult(t, ReviewState.DONE, tallies=("outcome:planned",)) for t in leases], NOON
        )

    assert pass_counts.pass_tallies(ledger, this) == {"outcome:planned": 2}
    assert pass_counts.pass_progress(ledger, this) == pass_counts.PassProgress(2, 2, 0, 0, None)


def test_scopes_do_not_see_each_other(ledger: Ledger) -> None:
    other = Ledger(ledger.engine, "another|server|pathway")
    a_pass(ledger, "a")

    assert passes.cursor(other, RULES) is None
    assert reviews.claim_patients(other, NOON, LEASE, 10, 5) == ()


def test_a_ledger_survives_being_closed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.sqlite"
    first = open_ledger(url, "scope")
    a_pass(first, "a")
    first.close()

    second = open_ledger(url, "scope")
    assert reviews.claim_patients(second, NOON, LEASE, 10, 5) != ()
    second.close()


@pytest.mark.parametrize("url", ["nonsense", "mysql://x/y", "sqlite:////no/such/folder/x.sqlite"])
def test_an_address_that_cannot_be_used_is_a_configuration_fault(url: str) -> None:
    with pytest.raises(ConfigurationFault):
        open_ledger(url, "scope")


def test_a_ledger_of_another_release_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.sqlite"
    opened = open_ledger(url, "scope")
    with opened.transaction() as connection:
        connection.execute(text("UPDATE ledger SET version = 99"))
    opened.close()

    with pytest.raises(ConfigurationFault, match="99"):
        open_ledger(url, "scope")


def test_a_ledger_of_an_earlier_release_gets_the_columns_that_it_has_not(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    with sqlite3.connect(tmp_path / "ledger.sqlite") as old:
        old.execute("CREATE TABLE ledger (version INTEGER PRIMARY KEY)")
        old.execute(
            "CREATE TABLE sweep_pass (id INTEGER PRIMARY KEY, scope VARCHAR NOT NULL, ruleset VARCHAR NOT NULL, "
            'state VARCHAR NOT NULL, "full" INTEGER NOT NULL, until DATETIME, lease_until DATETIME NOT NULL, '
            "started_at DATETIME NOT NULL)"
        )
    old.close()

    opened = open_ledger(address, "scope")
    started = passes.start_pass(opened, RULES, NOON, LEASE, full=True)
    assert started
    assert passes.add_patients(opened, started, [], NOON, LEASE, Position(link="x"))
    passes.pause_pass(opened, started, NOON)
    again = passes.resume_pass(opened, RULES, NOON, LEASE, full=True)
    opened.close()

    assert again
    assert again.position.link == "x"
