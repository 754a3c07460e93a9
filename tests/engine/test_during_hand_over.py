"""What happens while a group is handed over to a slow or moody server: fresh eyes, lost writes, one message that stops all."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from messaging.domain.calendar_de import local
from messaging.domain.delivery_rules import RETRY_AFTER, USEFUL_FOR
from messaging.models import Attempt, Dispatch, Message, Person, db, write_transaction
from messaging.outbox import bad_addresses, claims, recovery, standstill
from messaging.outbox.delivery import FRESH_FOR, Left, drain
from messaging.providers.results import AccountBusy, Envelope, Receipt
from tests.conftest import MovableClock
from tests.engine.fake_provider import TAKES, FakeServer, Reply, WorkerDied

MANY = [f"g{number}@example.org" for number in range(20)]
#: Between two looks at a server that stays away.
A_WHILE = timedelta(hours=4)


@pytest.fixture
def server(clock: MovableClock) -> FakeServer:
    def pass_time(length: timedelta) -> None:
        clock.moment += length

    return FakeServer(pass_time, clock)


def everybody_dies() -> None:
    with write_transaction() as session:
        for person in session.scalars(select(Person)):
            person.deceased = True


def test_who_dies_while_the_group_is_under_way_is_not_written_to(
    app: Flask, make_dispatch, states, clock: MovableClock, server: FakeServer
) -> None:
    """With a second per message, a group is under way for a while; what was known at its claim is good for two seconds."""
    dispatch_id = make_dispatch(MANY)
    server.will_say([Reply("accepted", everybody_dies)])

    drain(dispatch_id, clock, server.connect)

    went = Counter(states(dispatch_id).values())
    assert went["sent"] <= 1 + FRESH_FOR / TAKES
    assert went["sent"] + went["skipped"] == len(MANY)
    assert db.session.get_one(Dispatch, dispatch_id, populate_existing=True).state == "finished"
    skipped = db.session.scalars(select(Message).where(Message.state == "skipped")).all()
    assert {(message.reason, message.attempts, message.claim) for message in skipped} == {("deceased", 0, "")}


def test_today_is_the_day_on_which_the_message_leaves(app: Flask, make_dispatch, mail_sink, clock: MovableClock) -> None:
    later = clock() + timedelta(days=7)
    dispatch_id = make_dispatch(["ute@example.org"], scheduled_at=later, subject="Stand {{Heute}}")
    clock.moment = later
    recovery.sweep(clock())

    drain(dispatch_id, clock)

    [mail] = mail_sink.mailbox.mails()
    assert str(mail.message["Subject"]) == f"Stand {local(later):%d.%m.%Y}"


class MoodyServer:
    """Takes everything but the mails to one address: there it wants a new connection, each time."""

    def __init__(self, disliked: str) -> None:
        self.disliked = disliked
        self.taken: list[str] = []

    def connect(self, _settings: object) -> MoodyServer:
        return self

    def send(self, envelope: Envelope) -> Receipt:
        if envelope.recipient == self.disliked:
            raise AccountBusy("connection_limit", "421 later")
        self.taken.append(envelope.recipient)
        return Receipt()

    def close(self) -> None:
        """Nothing is open."""


def test_one_address_that_the_server_is_always_too_busy_for_holds_nobody_up_for_long(
    app: Flask, make_dispatch, states, clock: MovableClock
) -> None:
    dispatch_id = make_dispatch(MANY)
    server = MoodyServer(MANY[0])

    drain(dispatch_id, clock, server.connect)
    assert states(dispatch_id)[MANY[0]] == "queued"
    for _ in range(3):
        clock.moment += RETRY_AFTER
        drain(dispatch_id, clock, server.connect)

    assert sorted(server.taken) == sorted(MANY[1:])
    assert states(dispatch_id)[MANY[0]] == "retrying"
    for _ in range(int(USEFUL_FOR / A_WHILE) + 1):
        clock.moment += A_WHILE
        drain(dispatch_id, clock, server.connect)
    assert states(dispatch_id)[MANY[0]] == "failed"
    assert db.session.get_one(Dispatch, dispatch_id, populate_existing=True).state == "finished"


def test_a_server_that_is_busy_for_days_is_not_asked_for_ever(app: Flask, make_dispatch, states, clock: MovableClock) -> None:
    dispatch_id = make_dispatch(MANY[:1])
    server = MoodyServer(MANY[0])

    for _ in range(int(USEFUL_FOR / A_WHILE) + 2):
        drain(dispatch_id, clock, server.connect)
        clock.moment += A_WHILE

    message = db.session.scalars(select(Message).execution_options(populate_existing=True)).one()
    assert (message.state, message.reason) == ("failed", "too_late")


def test_workers_that_die_one_after_another_pause_the_dispatch(
    app: Flask, make_dispatch, states, clock: MovableClock, server: FakeServer
) -> None:
    """Each death leaves one message unclear. After five of them a person looks, instead of the next worker dying too."""
    dispatch_id = make_dispatch(MANY)

    for _ in range(8):
        server.will_say([Reply("dies before")])
        try:
            drain(dispatch_id, clock, server.connect)
        except WorkerDied:
            clock.moment += claims.LEASE + timedelta(seconds=1)
            recovery.sweep(clock())

    dispatch = db.session.get_one(Dispatch, dispatch_id, populate_existing=True)
    assert (dispatch.state, dispatch.pause_code) == ("paused", "failures_in_a_row")
    assert Counter(states(dispatch_id).values())["unknown"] == 5


@pytest.mark.parametrize(
    ("answer", "broken", "state"),
    [
        ("misconfigured", (standstill, "pause"), "queued"),
        ("temporary", (standstill, "trying_since"), "retrying"),
        ("rejected", (bad_addresses, "remember"), "failed"),
        ("busy", (standstill, "wait"), "queued"),
    ],
)
def test_what_the_server_said_is_kept_although_the_next_write_fails(
    app: Flask, make_dispatch, states, clock: MovableClock, server: FakeServer, monkeypatch: pytest.MonkeyPatch,
    answer: str, broken: tuple[object, str], state: str,
) -> None:  # fmt: skip
    """A known refusal must not become "unclear" only because the database was busy a moment later."""
    dispatch_id = make_dispatch(MANY[:1])
    server.will_say([Reply(answer)])

    def database_is_locked(*_: object) -> None:
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    monkeypatch.setattr(*broken, database_is_locked)
    with pytest.raises(OperationalError):
        drain(dispatch_id, clock, server.connect)

    assert states(dispatch_id) == {MANY[0]: state}
    assert db.session.scalars(select(Attempt.ended_at)).one() is not None


def test_a_slow_group_is_not_looked_at_again_before_every_message(
    app: Flask, make_dispatch, clock: MovableClock, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []
    look_again = claims.look_again
    monkeypatch.setattr(claims, "look_again", lambda *args: looks.append(args) or look_again(*args))
    dispatch_id = make_dispatch(MANY)

    assert drain(dispatch_id, clock, server.connect, slice_length=timedelta(minutes=5)) is Left.NOTHING

    assert 0 < len(looks) <= len(MANY) * TAKES / FRESH_FOR
