"""A restored practice sends nothing by itself: what went out after the backup was made is not in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from messaging.domain.states import DISPATCH_STEPS, MESSAGE_STEPS, may_step
from messaging.models import Attempt, AuditEntry, Dispatch, Message, db, write_transaction
from messaging.outbox import claims, recovery
from messaging.services import backup, dispatching
from messaging.services.backup import HeldBack
from tests.web.made_dispatches import change_dispatch, make_dispatch, messages_of, put_states


@pytest.fixture
def make(app: Flask, make_user: Callable) -> Callable[..., int]:
    owner = make_user("staff", "owner")
    return lambda *args, **values: make_dispatch(app, owner, *args, **values)


def states(dispatch_id: int) -> list[str]:
    db.session.expire_all()
    return [db.session.get_one(Message, message_id).state for message_id in messages_of(dispatch_id)]


def of(dispatch_id: int) -> Dispatch:
    db.session.expire_all()
    return db.session.get_one(Dispatch, dispatch_id)


@pytest.mark.parametrize(
    ("state", "after"),
    [
        ("scheduled", "paused"),
        ("running", "paused"),
        # perhaps a person let it go on after the backup was made
        ("paused", "paused"),
        ("finished", "finished"),
        ("cancelled", "cancelled"),
    ],
)
def test_what_was_not_over_waits_for_a_person_and_says_why(make, clock, state: str, after: str) -> None:
    dispatch_id = make()
    change_dispatch(dispatch_id, state=state)

    backup.hold_back_here(clock.moment)

    assert (of(dispatch_id).state, of(dispatch_id).pause_code) == (after, "restored" if after == "paused" else "")
    assert state == after or may_step(DISPATCH_STEPS, state, after)


def test_nothing_of_it_is_claimed_or_woken(make, clock) -> None:
    running, planned = make(), make(scheduled_at=clock.moment + timedelta(minutes=1))

    backup.hold_back_here(clock.moment)
    recovery.sweep(clock.moment + timedelta(hours=1))

    assert recovery.dispatches_with_due_work(clock.moment + timedelta(hours=1)) == []
    assert [claims.claim(each, clock.moment + timedelta(hours=1)).items for each in (running, planned)] == [(), ()]


@pytest.mark.parametrize("begun", [True, False])
def test_what_was_being_handed_over_is_unknown_whether_begun_or_not(app: Flask, make, clock, begun: bool) -> None:
    dispatch_id = make()
    put_states(app, dispatch_id, "sent", "retrying")
    claims.claim(dispatch_id, clock.moment)
    if begun:
        with write_transaction() as session:
            session.execute(db.update(Attempt).where(Attempt.ended_at.is_(None)).values(began_at=clock.moment))

    held = backup.hold_back_here(clock.moment)

    assert states(dispatch_id) == ["sent", "retrying", "unknown"]
    assert held == HeldBack(dispatches=1, messages=1)
    assert may_step(MESSAGE_STEPS, "sending", "unknown")
    message = db.session.get_one(Message, messages_of(dispatch_id)[2])
    assert (message.reason, message.lease_until, message.ended_at) == ("restored", None, clock.moment)
    last = db.session.scalars(db.select(Attempt).filter_by(message_id=message.id)).one()
    assert (last.outcome, last.code, last.ended_at) == ("unknown", "restored", clock.moment)


def test_after_looking_a_person_goes_on_or_ends_it(make, make_user, clock) -> None:
    user = make_user("staff", "else")
    planned, running, dropped = make(scheduled_at=clock.moment + timedelta(hours=1)), make(), make()
    backup.hold_back_here(clock.moment)

    dispatching.resume(planned, user.id, clock.moment)
    dispatching.resume(running, user.id, clock.moment)
    dispatching.cancel(dropped, user.id, clock.moment)

    assert [of(each).state for each in (planned, running, dropped)] == ["scheduled", "running", "cancelled"]
    assert [of(each).pause_code for each in (planned, running)] == ["", ""]
    assert len(claims.claim(running, clock.moment).items) == 3


def test_it_is_logged_and_harmless_when_run_twice(make, clock) -> None:
    dispatch_id = make()

    backup.hold_back_here(clock.moment)
    backup.hold_back_here(clock.moment)

    assert of(dispatch_id).state == "paused"
    assert db.session.scalars(db.select(AuditEntry.action)).all() == ["backup_restored"] * 2


def test_a_command_does_it_after_other_tools_have_restored_the_database(app: Flask, make) -> None:
    dispatch_id = make()
    put_states(app, dispatch_id, "sending")
    runner = app.test_cli_runner()

    counted = json.loads(runner.invoke(args=["restored", "--json"]).output)
    said = runner.invoke(args=["restored"]).output

    assert counted == {"paused": 1, "unclear": 1}
    assert "1 Versand ist angehalten, 0 Nachrichten sind unklar" in said
    assert of(dispatch_id).pause_code == "restored"
