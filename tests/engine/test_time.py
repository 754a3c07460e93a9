"""Times by parameter: both clock changes in Berlin, midnight, and a machine that slept over the due time."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from messaging.domain.calendar_de import BERLIN
from messaging.models import Dispatch, Message, User, db
from messaging.outbox import recovery
from messaging.outbox.delivery import drain
from tests.conftest import MovableClock
from tests.engine.dispatches import Made, make_reminders_for

A_SECOND = timedelta(seconds=1)


def tick(app: Flask, dispatch_id: int, clock: MovableClock) -> str:
    """What the minute's work makes of a dispatch."""
    recovery.sweep(clock())
    drain(dispatch_id, clock)
    return db.session.get_one(Dispatch, dispatch_id, populate_existing=True).state


@pytest.mark.parametrize(
    "due",
    [
        datetime(2026, 12, 1, 0, 0, tzinfo=BERLIN),
        datetime(2026, 12, 31, 23, 59, tzinfo=BERLIN),
        datetime(2027, 3, 28, 1, 59, tzinfo=BERLIN),  # a minute before the clock jumps to three
        datetime(2027, 3, 28, 3, 0, tzinfo=BERLIN),
        datetime(2027, 10, 31, 2, 30, tzinfo=BERLIN),  # the first half past two of that night
        datetime(2027, 10, 31, 2, 30, fold=1, tzinfo=BERLIN),  # and the second
        datetime(2027, 10, 31, 12, 0, tzinfo=BERLIN),
    ],
    ids=lambda due: f"{due:%Y-%m-%d %H:%M}{' again' if due.fold else ''}",
)
def test_a_dispatch_begins_at_its_moment_and_not_a_second_before(
    app: Flask, make_dispatch, mail_sink, clock: MovableClock, due: datetime
) -> None:
    dispatch_id = make_dispatch(["ute@example.org"], scheduled_at=due)
    moment = datetime.fromtimestamp(due.timestamp(), clock().tzinfo)

    clock.moment = moment - A_SECOND
    assert (tick(app, dispatch_id, clock), mail_sink.received()) == ("scheduled", [])

    clock.moment = moment
    assert (tick(app, dispatch_id, clock), mail_sink.received()) == ("finished", ["ute@example.org"])


def test_a_machine_that_slept_over_the_due_time_catches_up_once(
    app: Flask, make_dispatch, mail_sink, clock: MovableClock
) -> None:
    dispatch_id = make_dispatch(["ute@example.org"], scheduled_at=clock() + timedelta(hours=1))

    clock.moment += timedelta(days=3)

    assert tick(app, dispatch_id, clock) == tick(app, dispatch_id, clock) == "finished"
    assert mail_sink.received() == ["ute@example.org"]


@pytest.mark.parametrize(
    ("slept", "reason"),
    [(timedelta(hours=23, minutes=45), "too_late"), (timedelta(days=2), "appointment_over")],
    ids=["until a quarter of an hour before the appointment", "until the day after the appointment"],
)
def test_a_reminder_that_the_machine_slept_over_is_left_out_with_its_reason(
    app: Flask, sender: User, make_account, mail_sink, clock: MovableClock, slept: timedelta, reason: str
) -> None:
    made = Made(sender.id, make_account(), clock(), clock() + timedelta(hours=1))
    dispatch_id = make_reminders_for(made, ["ute@example.org"])

    clock.moment = made.scheduled_at + slept

    assert (tick(app, dispatch_id, clock), mail_sink.received()) == ("finished", [])
    assert db.session.scalars(select(Message.reason).where(Message.state == "skipped")).all() == [reason]
