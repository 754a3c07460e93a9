"""The nets under the engine, each tried with all others taken away: what was lost is found again, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from jobs import periodic, sending
from messaging.domain.states import DispatchState, MessageState
from messaging.models import Attempt, DiskEpoch, Dispatch, Errand, Heartbeat, Message, User, db, write_transaction
from messaging.outbox import claims, recovery, standstill
from messaging.outbox.claims import LEASE, SILENT_AFTER, Claim
from messaging.outbox.delivery import drain
from messaging.outbox.notes import Notes, Result
from messaging.services import dispatching, heartbeats
from tests.conftest import MovableClock
from tests.engine.toy_queue import ToyQueue

#: As many as the smallest claim takes at once.
ADDRESSES = [f"ute{number}@example.org" for number in range(claims.SMALLEST_GROUP)]
MINUTE, A_SECOND = timedelta(minutes=1), timedelta(seconds=1)


@pytest.fixture
def waker() -> ToyQueue:
    return ToyQueue()


@pytest.fixture
def notes(app: Flask) -> Iterator[Notes]:
    notes = Notes(db.engine)
    yield notes
    notes.close()


def state_of(dispatch_id: int) -> str:
    db.session.rollback()
    return db.session.get_one(Dispatch, dispatch_id, populate_existing=True).state


def drains(waker: ToyQueue, dispatch_id: int) -> list[str]:
    return [job.name for job in waker.jobs if job.function is sending.drain_dispatch and job.args == (dispatch_id,)]


def test_due_work_that_nobody_was_woken_for_is_found_by_the_tick(app: Flask, waker: ToyQueue, make_dispatch, mail_sink) -> None:
    dispatch_id = make_dispatch(ADDRESSES)

    periodic.tick()
    waker.work()

    assert sorted(mail_sink.received()) == ADDRESSES
    assert state_of(dispatch_id) == "finished"


def test_flushing_redis_between_any_two_steps_loses_and_doubles_nothing(
    app: Flask, waker: ToyQueue, make_dispatch, mail_sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The drain's own call for a next slice is lost as well."""
    one_at_a_time(monkeypatch)
    dispatch_id = make_dispatch(ADDRESSES)
    sending.wake_dispatch(dispatch_id, len(ADDRESSES))
    waker.flush()

    for _ in range(2 * len(ADDRESSES)):
        periodic.tick()
        waker.work(most=1)
        waker.flush()

    assert Counter(mail_sink.received()) == Counter(ADDRESSES)
    assert state_of(dispatch_id) == "finished"


def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slices that end after one message."""

    def short_drain(dispatch_id: int, clock: Callable[[], datetime], stopping: Callable[[], bool]) -> object:
        looks = iter([False, False])
        return drain(dispatch_id, clock, stopping=lambda: next(looks, True))

    monkeypatch.setattr(sending, "drain", short_drain)


def test_an_hour_without_redis_stops_nothing_for_good(
    app: Flask, waker: ToyQueue, make_dispatch, mail_sink, clock: MovableClock
) -> None:
    waker.is_there = False
    dispatch_id = make_dispatch(ADDRESSES)
    assert not sending.wake_dispatch(dispatch_id, len(ADDRESSES))
    for _ in range(60):
        clock.moment += MINUTE
        periodic.tick()
    assert heartbeats.last(heartbeats.TICK) == clock.moment

    waker.is_there = True
    periodic.tick()
    waker.work()

    assert Counter(mail_sink.received()) == Counter(ADDRESSES)


def test_redis_that_goes_in_the_middle_of_a_slice_does_not_stop_it(
    app: Flask, waker: ToyQueue, make_dispatch, mail_sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_at_a_time(monkeypatch)
    dispatch_id = make_dispatch(ADDRESSES)
    sending.wake_dispatch(dispatch_id, len(ADDRESSES))
    job = waker.next_job()
    assert job is not None

    waker.is_there = False
    job.function(*job.args)
    waker.is_there, waker.running = True, []

    assert len(mail_sink.received()) == 1
    for _ in ADDRESSES:
        periodic.tick()
        waker.work()
    assert Counter(mail_sink.received()) == Counter(ADDRESSES)


def test_a_job_that_died_with_its_worker_is_replaced(
    app: Flask, waker: ToyQueue, make_dispatch, mail_sink, clock: MovableClock
) -> None:
    dispatch_id = make_dispatch(ADDRESSES)
    sending.wake_dispatch(dispatch_id, len(ADDRESSES))
    waker.next_job()
    periodic.tick()
    assert drains(waker, dispatch_id) == []  # as far as anybody knows it is being worked on

    waker.running.clear()
    periodic.tick()
    waker.work()

    assert Counter(mail_sink.received()) == Counter(ADDRESSES)


def test_live_work_is_not_woken_twice(app: Flask, waker: ToyQueue, make_dispatch) -> None:
    dispatch_id = make_dispatch(ADDRESSES)

    for _ in range(3):
        periodic.tick()

    assert len(drains(waker, dispatch_id)) == 1


def test_the_job_of_dispatch_eleven_is_not_taken_for_one_of_dispatch_one(app: Flask, waker: ToyQueue, make_dispatch) -> None:
    dispatch_id = make_dispatch(ADDRESSES[:1])
    waker.put("send", sending.drain_dispatch, dispatch_id * 11, name=sending.drain_name(int(f"{dispatch_id}1")))

    periodic.tick()

    assert len(drains(waker, dispatch_id)) == 1


def test_an_errand_whose_call_was_lost_is_called_again_and_done_once(
    app: Flask, waker: ToyQueue, sender: User, make_account, clock: MovableClock
) -> None:
    with write_transaction() as session:
        errand = Errand(kind="check_account", payload={"account_id": make_account()}, created_by_id=sender.id, created_at=clock())
        session.add(errand)
    periodic.tick()
    assert waker.jobs == []  # a worker may be just about to take it

    clock.moment += MINUTE
    periodic.tick()
    periodic.tick()
    waker.work()

    assert db.session.get_one(Errand, errand.id, populate_existing=True).state == "done"
    periodic.tick()
    assert waker.jobs == []


# a claim older than its lease; nothing but this net is called


def half_done(dispatch_id: int, notes: Notes, now: datetime) -> Claim:
    """A worker claimed everything, handed the first over, began the second, and was never seen again."""
    claim = claims.claim(dispatch_id, now)
    first, second, *_ = claim.items
    notes.step(None, first.attempt_id, now)
    notes.step(result(first, claim, "sent", "accepted", now), second.attempt_id, now)
    return claim


def result(item: claims.Item, claim: Claim, state: str, outcome: str, at: datetime, code: str = "",
           again: datetime | None = None) -> Result:  # fmt: skip
    return Result(item.message_id, item.attempt_id, claim.name, MessageState(state), outcome, at, code, again=again)


def test_a_late_claim_is_doubtful_only_where_the_hand_over_had_begun(
    app: Flask, make_dispatch, states, notes: Notes, clock: MovableClock
) -> None:
    dispatch_id = make_dispatch(ADDRESSES)
    half_done(dispatch_id, notes, clock())

    assert recovery.settle_late_claims(clock() + SILENT_AFTER) == 0
    assert Counter(states(dispatch_id).values()) == {"sent": 1, "sending": 4}

    assert recovery.settle_late_claims(clock() + SILENT_AFTER + A_SECOND) == 3
    assert states(dispatch_id) == dict(zip(ADDRESSES, ["sent", "sending", *["queued"] * 3], strict=True))

    assert recovery.settle_late_claims(clock() + LEASE) == 0
    assert recovery.settle_late_claims(clock() + LEASE + A_SECOND) == 1
    assert states(dispatch_id) == dict(zip(ADDRESSES, ["sent", "unknown", *["queued"] * 3], strict=True))
    unknown = db.session.scalars(select(Message).where(Message.state == "unknown")).one()
    assert unknown.reason == "worker_died"


def test_after_a_power_cut_the_whole_group_is_doubtful(
    app: Flask, make_dispatch, states, notes: Notes, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Notes are not waited for: in another epoch of the disk a missing one proves nothing."""
    dispatch_id = make_dispatch(ADDRESSES)
    half_done(dispatch_id, notes, clock())
    monkeypatch.setattr(recovery, "disk_epoch", lambda _: "after the power cut")

    recovery.settle_late_claims(clock() + timedelta(hours=1))

    assert Counter(states(dispatch_id).values()) == {"sent": 1, "unknown": 4}


def test_a_claim_that_is_renewed_is_not_taken_away(app: Flask, make_dispatch, states, notes: Notes, clock: MovableClock) -> None:
    dispatch_id = make_dispatch(ADDRESSES)
    claim = half_done(dispatch_id, notes, clock())

    clock.moment += SILENT_AFTER
    notes.renew(claim.name, clock() + LEASE)

    assert recovery.settle_late_claims(clock() + SILENT_AFTER) == 0


def test_a_claim_without_its_attempt_is_doubtful(app: Flask, make_dispatch, states, clock: MovableClock) -> None:
    """Never made by the engine; but whatever brings it about, nothing may hang for ever."""
    dispatch_id = make_dispatch(ADDRESSES[:1])
    claims.claim(dispatch_id, clock())
    with write_transaction() as session:
        session.execute(update(Attempt).values(claim="another"))

    recovery.settle_late_claims(clock() + timedelta(hours=1))

    assert states(dispatch_id) == {ADDRESSES[0]: "unknown"}


def test_a_thousand_late_claims_are_settled_in_one_sweep(app: Flask, make_dispatch, states, clock: MovableClock) -> None:
    dispatch_id = make_dispatch([f"p{number}@example.org" for number in range(recovery.CHUNK + 60)])
    while claims.claim(dispatch_id, clock()).items:
        pass

    recovery.sweep(clock() + timedelta(hours=1))

    assert set(states(dispatch_id).values()) == {"queued"}


LATE_RESULTS = [
    ("sent", "accepted", "", "sent"),
    ("failed", "rejected", "mailbox_refused", "failed"),
    ("retrying", "temporary", "server_busy", "retrying"),
    ("queued", "busy", "not_reachable", "queued"),
    ("unknown", "unknown", "answer_lost", "unknown"),
]


def slow_worker(dispatch_id: int, notes: Notes, clock: MovableClock) -> tuple[Claim, claims.Item]:
    """It began the second message, and its claim was taken for a dead one's."""
    claim = half_done(dispatch_id, notes, clock())
    clock.moment += timedelta(hours=1)
    recovery.sweep(clock())
    return claim, claim.items[1]


def record_late(notes: Notes, claim: Claim, item: claims.Item, late: tuple[str, str, str], now: datetime) -> None:
    db.session.rollback()  # what was read before is no longer what is
    again = now + timedelta(minutes=5) if late[0] == "retrying" else None
    notes.step(result(item, claim, late[0], late[1], now, late[2], again), None, now)


@pytest.mark.parametrize(("state", "outcome", "code", "expected"), LATE_RESULTS)
def test_the_late_answer_of_a_slow_worker_is_the_truth(
    app: Flask, make_dispatch, states, notes: Notes, clock: MovableClock, state: str, outcome: str, code: str, expected: str
) -> None:
    dispatch_id = make_dispatch(ADDRESSES)
    claim, item = slow_worker(dispatch_id, notes, clock)
    assert states(dispatch_id)[item.address] == "unknown"

    record_late(notes, claim, item, (state, outcome, code), clock())

    assert states(dispatch_id)[item.address] == expected
    attempt = db.session.get_one(Attempt, item.attempt_id, populate_existing=True)
    assert (attempt.outcome, attempt.ended_at) == (outcome, clock())


def test_a_slow_worker_begins_nothing_that_was_taken_from_it(
    app: Flask, make_dispatch, mail_sink, notes: Notes, clock: MovableClock
) -> None:
    dispatch_id = make_dispatch(ADDRESSES)
    claim, _ = slow_worker(dispatch_id, notes, clock)

    drain(dispatch_id, clock)

    assert not any(notes.step(None, item.attempt_id, clock()) for item in claim.items)
    assert sorted(mail_sink.received()) == ADDRESSES[2:]


@pytest.mark.parametrize(("state", "outcome", "code", "expected"), LATE_RESULTS)
def test_a_late_answer_to_a_finished_dispatch_is_not_forgotten(
    app: Flask,
    make_dispatch,
    mail_sink,
    states,
    notes: Notes,
    clock: MovableClock,
    state: str,
    outcome: str,
    code: str,
    expected: str,
) -> None:
    """What is open again makes the dispatch run again; what is final leaves it finished."""
    dispatch_id = make_dispatch(ADDRESSES)
    claim, item = slow_worker(dispatch_id, notes, clock)
    drain(dispatch_id, clock)
    assert state_of(dispatch_id) == "finished"

    record_late(notes, claim, item, (state, outcome, code), clock())

    assert states(dispatch_id)[item.address] == expected
    is_open_again = expected in ("retrying", "queued")
    assert state_of(dispatch_id) == ("running" if is_open_again else "finished")
    clock.moment += timedelta(minutes=6)
    drain(dispatch_id, clock)
    assert state_of(dispatch_id) == "finished"
    assert mail_sink.received().count(item.address) == int(is_open_again)


@pytest.mark.parametrize(
    ("state", "outcome", "code", "expected"),
    [(*late[:3], "cancelled" if late[3] in ("retrying", "queued") else late[3]) for late in LATE_RESULTS],
)
@pytest.mark.parametrize("recovered_before", [True, False])
def test_an_answer_to_a_cancelled_dispatch_leaves_nothing_open(
    app: Flask, make_dispatch, states, sender: User, notes: Notes, clock: MovableClock,
    state: str, outcome: str, code: str, expected: str, recovered_before: bool,
) -> None:  # fmt: skip
    """Cancelled during the hand-over: what was taken is sent, what was not taken is cancelled like the rest."""
    dispatch_id = make_dispatch(ADDRESSES)
    claim = half_done(dispatch_id, notes, clock())
    if recovered_before:
        recovery.sweep(clock() + timedelta(hours=1))
    dispatching.cancel(dispatch_id, sender.id, clock())

    record_late(notes, claim, claim.items[1], (state, outcome, code), clock())
    claims.give_back(dispatch_id, claim.name, clock())

    after = states(dispatch_id)
    assert after[claim.items[1].address] == expected
    assert Counter(after.values()) - Counter([expected]) == Counter({"sent": 1, "cancelled": 3})
    assert state_of(dispatch_id) == "cancelled"


@pytest.mark.parametrize(("decision", "expected"), [("sent", "sent"), ("again", "queued")])
def test_what_a_person_has_decided_stays_decided(
    app: Flask, make_dispatch, states, sender: User, notes: Notes, clock: MovableClock, decision: str, expected: str
) -> None:
    dispatch_id = make_dispatch(ADDRESSES)
    claim, item = slow_worker(dispatch_id, notes, clock)
    dispatching.settle_unknown(item.message_id, decision, sender.id, clock())

    record_late(notes, claim, item, ("failed", "rejected", "mailbox_refused"), clock())

    assert states(dispatch_id)[item.address] == expected


# a dispatch whose messages are all final; nothing but this net is called


def test_a_dispatch_whose_worker_died_at_the_very_end_is_finished(
    app: Flask, make_dispatch, states, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatch_id = make_dispatch(ADDRESSES)
    with monkeypatch.context() as patched:
        patched.setattr(standstill, "finish_if_done", lambda *_: False)
        drain(dispatch_id, clock)
    assert (state_of(dispatch_id), set(states(dispatch_id).values())) == ("running", {"sent"})

    recovery.sweep(clock())

    assert state_of(dispatch_id) == "finished"


def test_a_paused_dispatch_without_open_messages_is_finished_too(
    app: Flask, make_dispatch, sender: User, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatch_id = make_dispatch(ADDRESSES)
    with monkeypatch.context() as patched:
        patched.setattr(standstill, "finish_if_done", lambda *_: False)
        drain(dispatch_id, clock)
    dispatching.pause(dispatch_id, sender.id, clock())

    recovery.sweep(clock())

    assert state_of(dispatch_id) == "finished"


def test_a_dispatch_with_one_open_message_is_not_finished(app: Flask, make_dispatch, clock: MovableClock) -> None:
    dispatch_id = make_dispatch(["gut@example.org", "warte@spaeter.invalid"])
    drain(dispatch_id, clock)

    recovery.sweep(clock())

    assert state_of(dispatch_id) == "running"


# every periodic job run twice is harmless


def everything() -> dict[str, list[tuple[object, ...]]]:
    """All rows but those that are meant to change: the heartbeat, and PostgreSQL's token."""
    db.session.rollback()
    changing = {Heartbeat.__tablename__, DiskEpoch.__tablename__}
    tables = [table for table in db.metadata.sorted_tables if table.name not in changing]
    rows = {table.name: [tuple(row) for row in db.session.execute(select(table).order_by(text("1")))] for table in tables}
    db.session.commit()
    return rows


def nothing_special(_dispatch_id: int, _notes: Notes, _clock: MovableClock) -> None:
    """Just confirmed."""


def worker_died(dispatch_id: int, notes: Notes, clock: MovableClock) -> None:
    half_done(dispatch_id, notes, clock())
    clock.moment += timedelta(hours=1)


def all_sent(dispatch_id: int, _notes: Notes, clock: MovableClock) -> None:
    drain(dispatch_id, clock)


def waits(dispatch_id: int, _notes: Notes, clock: MovableClock) -> None:
    standstill.wait(dispatch_id, clock() + timedelta(minutes=5), "not_reachable")


def is_paused(dispatch_id: int, _notes: Notes, clock: MovableClock) -> None:
    standstill.pause(dispatch_id, "login_refused", "535", clock())


@pytest.mark.parametrize("situation", [nothing_special, worker_died, all_sent, waits, is_paused])
def test_a_tick_that_runs_twice_changes_nothing_more(
    app: Flask, waker: ToyQueue, make_dispatch, notes: Notes, clock: MovableClock, situation: Callable[..., None]
) -> None:
    situation(make_dispatch(ADDRESSES), notes, clock)
    make_dispatch(["spaeter@example.org"], scheduled_at=clock() + timedelta(hours=2))
    make_dispatch(["faellig@example.org"], scheduled_at=clock() + timedelta(seconds=1))
    clock.moment += timedelta(seconds=2)
    periodic.tick()
    after_one, jobs = everything(), list(waker.jobs)

    periodic.tick()
    periodic.tick()

    assert everything() == after_one
    assert waker.jobs == jobs


@pytest.mark.parametrize("step", [recovery.sweep, periodic.wake_due_dispatches, *periodic.STEPS])
def test_every_periodic_step_runs_on_an_empty_house(app: Flask, clock: MovableClock, step: Callable[[datetime], object]) -> None:
    before = everything()

    step(clock())
    step(clock())

    assert everything() == before


def test_two_workers_with_the_same_job_send_everything_once(app: Flask, make_dispatch, mail_sink, clock: MovableClock) -> None:
    dispatch_id = make_dispatch(ADDRESSES)

    assert [sending.drain_dispatch(dispatch_id) for _ in range(3)] == ["nothing"] * 3

    assert Counter(mail_sink.received()) == Counter(ADDRESSES)


def test_a_job_for_a_dispatch_that_is_gone_does_nothing(app: Flask) -> None:
    assert sending.drain_dispatch(4_711) == "nothing"


def test_states_in_the_database_are_those_of_the_table(app: Flask, make_dispatch) -> None:
    assert state_of(make_dispatch(ADDRESSES[:1])) in {*DispatchState}
