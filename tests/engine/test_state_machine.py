"""Everything that people, servers and crashes can do to a few dispatches, in any order, also in the middle of a hand-over.

After every step: only permitted steps were made (the database itself notes each), nobody got a message twice unless a person said
"again", nothing that was accepted is shown as anything else, and every message that did not go says why.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, func, select, text, update

from messaging.domain.errors import DomainError
from messaging.domain.reasons import REASONS
from messaging.domain.states import DISPATCH_STEPS, MESSAGE_STEPS, OPEN_MESSAGES, MessageState, may_step
from messaging.models import Appointment, Attempt, Consent, Dispatch, Draft, MailAccount, Message, Person, db, write_transaction
from messaging.models.vault import vault
from messaging.outbox import recovery, staging
from messaging.outbox.claims import LEASE
from messaging.outbox.delivery import drain
from messaging.outbox.progress import progress
from messaging.providers.results import Envelope
from messaging.services import dispatching, resending
from tests.conftest import NOW, MovableClock
from tests.engine.dispatches import Made, make_reminders_for, make_writing_to
from tests.engine.fake_provider import ANSWERS, FakeServer, Reply, WorkerDied

#: PRAXISPOST_EXAMPLES searches longer and elsewhere; the usual run is always the same.
EXAMPLES = int(os.environ.get("PRAXISPOST_EXAMPLES") or 0)
PROFILE = settings(
    max_examples=EXAMPLES or 50,
    stateful_step_count=25,
    deadline=None,
    derandomize=not EXAMPLES,
    database=None,
    suppress_health_check=[*HealthCheck],
)
TRIGGERS = [
    f"CREATE TRIGGER note_{table} AFTER UPDATE OF state ON {table} WHEN old.state <> new.state "
    f"BEGIN INSERT INTO step VALUES ('{table}', new.id, old.state, new.state); END"
    for table in ("dispatch", "message")
]
STEERING = ("pause", "pause", "resume", "resume", "resume", "cancel", "reschedule")
CHANGES = ("consent", "address", "appointment moved", "appointment cancelled")
DEEDS = (*STEERING, *CHANGES, "settle sent", "settle again", "settle again", "resend", "resend", "write", "write reminders")
#: Hours until the last message of an example must have gone, also at one an hour.
LONG_ENOUGH = 60
#: What may happen while a server thinks.
MEANWHILE = (None, None, None, "sweep", "late sweep", "another worker", "settle sent", "settle again", *set(STEERING))
REPLIES = st.lists(
    st.tuples(
        st.sampled_from(("accepted", "accepted", "temporary", "temporary", "rejected", *ANSWERS)),
        st.sampled_from(sorted(MEANWHILE, key=str)),
    ),
    min_size=3,
    max_size=8,
)
PICK = st.integers(0, 30)


@pytest.fixture
def database_uri() -> Iterator[str]:
    """In memory where that is possible: here nothing is lost by a power cut."""
    memory = Path("/dev/shm")
    folder = tempfile.mkdtemp(dir=memory if memory.is_dir() else None)
    yield f"sqlite:///{folder}/practice.sqlite3"
    shutil.rmtree(folder)


def test_no_order_of_events_doubles_loses_or_misnames_anything(app: Flask, clock: MovableClock, sender) -> None:
    with write_transaction() as session:
        session.execute(text("CREATE TABLE step (kind TEXT, id INTEGER, here TEXT, there TEXT)"))
        for trigger in TRIGGERS:
            session.execute(text(trigger))

    user_id = sender.id

    run_state_machine_as_test(lambda: Practice(clock, user_id), settings=PROFILE)


class Practice(RuleBasedStateMachine):
    """A practice with an empty book at the beginning of each example."""

    def __init__(self, clock: MovableClock, user_id: int) -> None:
        super().__init__()
        empty_the_house()
        self.clock, self.user_id = clock, user_id
        clock.moment = NOW
        self.server = FakeServer(self.pass_time, clock, self.look)
        self.numbers = itertools.count()
        self.account_id = 0
        self.limit: int | None = None
        self.said_again: Counter[str] = Counter()
        self.said_sent: set[str] = set()
        self.gone: set[str] = set()
        self.depth = 0

    # what people do

    @initialize(limit=st.sampled_from([None, None, 1, 3]), reminders=st.booleans())
    def open_the_house(self, limit: int | None, reminders: bool) -> None:
        self.limit = limit
        self.account_id = make_account(limit, self.clock())
        self.write_to(6, 0, reminders)

    @rule(what=st.sampled_from(DEEDS), pick=PICK, minutes=st.integers(-10, 300))
    def people_do(self, what: str, pick: int, minutes: int) -> None:
        if what in STEERING:
            self.steer_one(what, pick, minutes)
        elif what in CHANGES:
            self.change_a_person(what, pick)
        elif what.startswith("settle"):
            self.settle_one(pick, what.endswith("again"))
        elif what == "resend":
            self.resend_failed(pick)
        elif len(self.dispatch_ids()) < 3:
            self.write_to(1 + pick % 5, max(minutes, 0), what.endswith("reminders"))

    # what the program does

    @rule(pick=PICK, replies=REPLIES, seconds=st.sampled_from([60, 60, 3]))
    def work(self, pick: int, replies: list[tuple[str, str | None]], seconds: int) -> None:
        dispatch_id = self.one_of(self.something_to_do(pick), pick)
        self.server.will_say(Reply(answer, self.event(what, pick)) for answer, what in replies)
        self.work_on(dispatch_id, seconds)

    @rule(seconds=st.sampled_from([1, 59, 200, 301, 301, 301, 1_900, 3_601, 14_400, 90_000]))
    def wait(self, seconds: int) -> None:
        self.tick(seconds)

    def tick(self, seconds: int) -> None:
        self.pass_time(timedelta(seconds=seconds))
        recovery.sweep(self.clock())
        for dispatch in self.dispatches():
            if not self.open_messages(dispatch.id):
                assert dispatch.state in ("finished", "cancelled"), "no message is open, and still it is not over"

    def teardown(self) -> None:
        """A good end is always possible: people let everything go on, servers take everything, and the tick does the rest."""
        self.server.will_say(())
        for _ in range(LONG_ENOUGH):
            self.pass_time(timedelta(minutes=61))
            recovery.sweep(self.clock())
            for dispatch_id in self.dispatch_ids():
                self.steer_one("resume", dispatch_id - 1, 0)
            for dispatch_id in recovery.dispatches_with_due_work(self.clock()):
                self.work_on(dispatch_id, 60)
            if {dispatch.state for dispatch in self.dispatches()} <= {"finished", "cancelled"}:
                break
        else:
            raise AssertionError("something never ends")
        self.only_permitted_steps_were_made()
        self.every_message_tells_the_truth()
        self.dispatches_and_their_messages_agree()
        self.no_window_holds_one_too_many()
        db.session.remove()

    # what must be true after each of these

    @invariant()
    def only_permitted_steps_were_made(self) -> None:
        steps = db.session.execute(text("SELECT kind, id, here, there FROM step")).all()
        for kind, row_id, here, there in steps:
            table = MESSAGE_STEPS if kind == "message" else DISPATCH_STEPS
            assert may_step(table, here, there), f"{kind} {row_id}: {here} -> {there}"
        with write_transaction() as session:
            session.execute(text("DELETE FROM step"))

    @invariant()
    def nobody_got_a_message_twice_unless_a_person_said_so(self) -> None:
        for reference, times in self.server.accepted.items():
            assert times <= 1 + self.said_again[reference]

    @invariant()
    def every_message_tells_the_truth(self) -> None:
        for message in self.messages():
            taken = self.server.accepted[message.reference]
            if message.state == MessageState.SENT:
                assert taken or message.reference in self.said_sent
            elif taken and not self.said_again[message.reference]:
                assert message.state in (MessageState.UNKNOWN, MessageState.SENDING), f"accepted, but {message.state}"
            if message.state not in (MessageState.QUEUED, MessageState.SENDING, MessageState.SENT):
                assert message.reason in REASONS
            if message.state == MessageState.SENDING:
                assert message.claim
                assert message.lease_until
            else:
                assert message.lease_until is None

    @invariant()
    def dispatches_and_their_messages_agree(self) -> None:
        for dispatch in self.dispatches():
            open_ = self.open_messages(dispatch.id)
            if dispatch.state == "finished":
                assert not open_
            if dispatch.state == "cancelled":
                assert set(open_) <= {MessageState.SENDING}
            if dispatch.state == "scheduled":
                assert dispatch.scheduled_at + timedelta(minutes=1) > NOW
                assert not self.attempts(dispatch.id)
            shown = progress(dispatch.id, self.clock())
            assert sum(shown.counts.values()) == shown.total == dispatch.total
            assert shown.done == shown.total - len(open_)

    @invariant()
    def every_ended_message_has_only_ended_attempts(self) -> None:
        still_open = select(Message.state).join(Attempt).where(Attempt.ended_at.is_(None))
        assert set(db.session.scalars(still_open)) <= {MessageState.SENDING}
        db.session.commit()

    @invariant()
    def no_window_holds_one_too_many(self) -> None:
        if self.limit:
            taken = self.server.taken_at
            for start in taken:
                assert sum(start <= at < start + timedelta(hours=1) for at in taken) <= self.limit

    # helpers of the rules

    def look(self, envelope: Envelope, reference: str) -> None:
        """Before each hand-over: the dispatch runs, and the person may still be written to."""
        state = db.session.scalar(select(Dispatch.state).join(Message).where(Message.reference == reference))
        db.session.commit()
        assert state == "running", f"handed over although it is {state}"
        assert envelope.recipient not in self.gone

    def something_to_do(self, pick: int) -> list[int]:
        """Dispatches with due work; where there are none, time passes, people let something go on, or write anew."""
        due = recovery.dispatches_with_due_work(self.clock())
        for help_out in (lambda: self.steer_one("resume", pick, 0), lambda: self.tick(301), lambda: self.write_to(4, 0, False)):
            if due:
                break
            help_out()
            due = recovery.dispatches_with_due_work(self.clock())
        return due or self.dispatch_ids()

    def write_to(self, count: int, later: int, reminders: bool) -> None:
        addresses = [f"p{next(self.numbers)}@example.org" for _ in range(count)]
        make = make_reminders_for if reminders else make_writing_to
        make(Made(self.user_id, self.account_id, self.clock(), self.clock() + timedelta(minutes=later)), addresses)

    def change_a_person(self, what: str, pick: int) -> None:
        person = self.one_of(self.people(), pick)
        if what == "consent":
            withdraw(person.id, self.clock())
        elif what == "address":
            give_new_address(person.id, f"neu{next(self.numbers)}@example.org")
        elif not change_appointment(person.id, what):
            return
        self.gone.add(person.email)

    def resend_failed(self, pick: int) -> None:
        if len(self.dispatch_ids()) > 4:
            return
        try:
            draft_id = resending.resend_failed(self.one_of(self.dispatch_ids(), pick), self.user_id, self.clock()).id
            version = db.session.get_one(Draft, draft_id).version
            staging.stage(draft_id, self.user_id, self.clock(), self.clock(), version)
        except DomainError:
            db.session.rollback()

    def event(self, what: str | None, pick: int) -> Callable[[], None] | None:
        events: dict[str, Callable[[], None]] = {
            "sweep": lambda: recovery.sweep(self.clock()),
            "late sweep": self.late_sweep,
            "another worker": lambda: self.another_worker(pick),
            "settle sent": lambda: self.settle_too_early(pick, False),
            "settle again": lambda: self.settle_too_early(pick, True),
        }
        return events.get(what, lambda: self.steer_one(what, pick, 60)) if what else None

    def settle_one(self, pick: int, again: bool) -> None:
        unknown = select(Message).where(Message.state == MessageState.UNKNOWN).order_by(Message.id)
        message = self.one_of(db.session.scalars(unknown).all(), pick)
        if message is None:
            return
        try:
            dispatching.settle_unknown(message.id, "again" if again else "sent", self.user_id, self.clock())
        except DomainError:
            return
        if again:
            self.said_again[message.reference] += 1
        else:
            self.said_sent.add(message.reference)

    def settle_too_early(self, pick: int, again: bool) -> None:
        """The worker only seems dead, and a person has decided before its answer comes."""
        self.late_sweep()
        self.settle_one(pick, again)

    def late_sweep(self) -> None:
        """This worker was so slow that its claim is taken for a dead one's."""
        self.pass_time(LEASE + timedelta(minutes=1))
        recovery.sweep(self.clock())

    def another_worker(self, pick: int) -> None:
        dispatch_id = self.one_of(self.dispatch_ids(), pick)
        if self.depth < 3:
            self.work_on(dispatch_id, 60)

    def work_on(self, dispatch_id: int, seconds: int) -> None:
        self.depth += 1
        try:
            drain(dispatch_id, self.clock, self.server.connect, timedelta(seconds=seconds))
        except WorkerDied:
            db.session.rollback()
        finally:
            self.depth -= 1

    def steer_one(self, what: str, pick: int, minutes: int) -> None:
        dispatch_id = self.one_of(self.dispatch_ids(), pick)
        try:
            if what == "reschedule":
                dispatching.reschedule(dispatch_id, self.clock() + timedelta(minutes=minutes), self.user_id, self.clock())
            else:
                getattr(dispatching, what)(dispatch_id, self.user_id, self.clock())
        except DomainError:
            db.session.rollback()

    def pass_time(self, span: timedelta) -> None:
        self.clock.moment += span

    @staticmethod
    def one_of(rows, pick: int):
        db.session.commit()
        return rows[pick % len(rows)] if rows else None

    def dispatch_ids(self) -> list[int]:
        return list(db.session.scalars(select(Dispatch.id).order_by(Dispatch.id)))

    def dispatches(self) -> list[Dispatch]:
        db.session.commit()
        return list(db.session.scalars(select(Dispatch).order_by(Dispatch.id).execution_options(populate_existing=True)))

    def messages(self) -> list[Message]:
        db.session.commit()
        return list(db.session.scalars(select(Message).execution_options(populate_existing=True)))

    def people(self) -> Sequence[Person]:
        """Those who still wait for something, if there are any."""
        waiting = select(Message.person_id).where(Message.state.in_(OPEN_MESSAGES))
        everybody = select(Person).order_by(Person.id).execution_options(populate_existing=True)
        return db.session.scalars(everybody.where(Person.id.in_(waiting))).all() or db.session.scalars(everybody).all()

    def open_messages(self, dispatch_id: int) -> list[str]:
        mine = (Message.dispatch_id == dispatch_id, Message.state.in_(OPEN_MESSAGES))
        return list(db.session.scalars(select(Message.state).where(*mine)))

    def attempts(self, dispatch_id: int) -> int:
        return db.session.scalar(select(func.count()).where(Attempt.dispatch_id == dispatch_id)) or 0


def withdraw(person_id: int, now: datetime) -> None:
    with write_transaction() as session:
        for purpose in ("information", "appointment"):
            session.add(Consent(person_id=person_id, channel="email", purpose=purpose, status="revoked", source="verbal",
                                target="", recorded_at=now))  # fmt: skip


def give_new_address(person_id: int, new: str) -> None:
    with write_transaction() as session:
        session.execute(update(Person).where(Person.id == person_id).values(email=new, email_normalized=new))


def change_appointment(person_id: int, what: str) -> bool:
    """Whether the person has one."""
    mine = update(Appointment).where(Appointment.person_id == person_id)
    moved = {"status": "cancelled"} if what.endswith("cancelled") else {"starts_at": NOW + timedelta(days=3)}
    with write_transaction() as session:
        return bool(session.execute(mine.values(**moved).execution_options(synchronize_session=False)).rowcount)


def make_account(per_hour: int | None, now: datetime) -> int:
    with write_transaction() as session:
        account = MailAccount(name="Praxis", sender_name="Praxis Muster", sender_address="praxis@example.org", host="127.0.0.1",
                              port=1, tls_mode="none", per_hour=per_hour, updated_at=now,
                              password_encrypted=vault().encrypt(""))  # fmt: skip
        session.add(account)
        session.flush()
    return account.id


def empty_the_house() -> None:
    with write_transaction() as session:
        for table in reversed(db.metadata.sorted_tables):
            if table.name != "user":
                session.execute(delete(table))
        session.execute(text("DELETE FROM step"))
    db.session.expire_all()
