"""Fixtures of the engine tests: a real mail server, and dispatches made the way the program makes them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from jobs import embedded_redis, queues
from messaging.domain.words import Channel, Purpose
from messaging.models import (
    Appointment,
    Consent,
    Draft,
    MailAccount,
    Message,
    Person,
    SelectionItem,
    User,
    db,
    write_transaction,
)
from messaging.models.vault import vault
from messaging.outbox import staging
from messaging.services import drafts
from messaging.services.person_fields import derived
from sandbox import smtp_server
from sandbox.mailbox import Mailbox
from tests.engine.programs import program, wait_for


@dataclass(frozen=True)
class MailSink:
    """A running sandbox and what it kept."""

    port: int
    mailbox: Mailbox

    def received(self) -> list[str]:
        """Addresses in the order of arrival."""
        return [mail.recipients[0] for mail in reversed(list(self.mailbox.mails()))]


@pytest.fixture(params=["sqlite", "postgresql"])
def database_uri(request: pytest.FixtureRequest) -> str:
    """The engine is the same on both."""
    return "" if request.param == "sqlite" else request.getfixturevalue("postgres_database")


@pytest.fixture
def mail_sink(tmp_path: Path) -> Iterator[MailSink]:
    with smtp_server.running(tmp_path / "sink") as port:
        yield MailSink(port, Mailbox(tmp_path / "sink"))


@pytest.fixture
def sender(app: Flask, make_user: Callable[..., User]) -> User:
    return make_user("staff", "sender")


@pytest.fixture
def make_account(app: Flask, mail_sink: MailSink) -> Callable[..., int]:
    """An account on the sandbox; returns its id."""

    def make(**settings: object) -> int:
        values = {"name": "Praxis", "sender_name": "Praxis Muster", "sender_address": "praxis@example.org", "host": "127.0.0.1",
                  "port": mail_sink.port, "tls_mode": "none", "username": "praxis", "updated_at": app.config["CLOCK"](),
                  "password_encrypted": vault().encrypt("geheim")} | settings  # fmt: skip
        with write_transaction() as session:
            account = MailAccount(**values)
            session.add(account)
            session.flush()
        return account.id

    return make


@pytest.fixture
def make_people(app: Flask) -> Callable[[Sequence[str]], list[int]]:
    """People with an address each and permission for information by e-mail."""

    def make(addresses: Sequence[str], purpose: str = Purpose.INFORMATION) -> list[int]:
        now: datetime = app.config["CLOCK"]()
        first = db.session.scalar(select(func.count()).select_from(Person)) or 0
        with write_transaction() as session:
            people = []
            for place, address in enumerate(addresses, first):
                fields = {"kind": "patient", "number": f"M{place:05}", "form_of_address": "Frau", "first_name": "Ute",
                          "last_name": f"Nummer{place:05}", "email": address}  # fmt: skip
                people.append(Person(**fields, **derived(fields), created_at=now, updated_at=now))
            session.add_all(people)
            session.flush()
            session.add_all(
                Consent(person_id=person.id, channel=Channel.EMAIL, purpose=purpose, status="yes", source="form",
                        target=person.email_normalized, recorded_at=now)
                for person in people
            )  # fmt: skip
        return [person.id for person in people]

    return make


@pytest.fixture
def make_dispatch(
    app: Flask, sender: User, make_account: Callable[..., int], make_people: Callable[..., list[int]]
) -> Callable[..., int]:
    """A confirmed dispatch to these addresses; returns its id. Up to 500 of them."""

    def make(addresses: Sequence[str], account_id: int | None = None, scheduled_at: datetime | None = None, **text: str) -> int:
        now: datetime = app.config["CLOCK"]()
        draft_id = drafts.create_from_people(sender.id, make_people(addresses), Channel.EMAIL, now)
        written = {"subject": "Neues aus der Praxis", "body": "<div>{{Briefanrede}}<br>wir haben neue Zeiten.</div>"} | text
        with write_transaction() as session:
            draft = session.get_one(Draft, draft_id)
            draft.account_id = account_id or make_account()
            draft.subject, draft.body = written["subject"], written["body"]
        return staging.stage(draft_id, sender.id, now, scheduled_at or now, draft.version)

    return make


@pytest.fixture
def make_reminders(
    app: Flask, sender: User, make_account: Callable[..., int], make_people: Callable[..., list[int]]
) -> Callable[[Sequence[str]], int]:
    """A confirmed dispatch of reminders, each person's appointment a day ahead; returns its id."""

    def make(addresses: Sequence[str]) -> int:
        now: datetime = app.config["CLOCK"]()
        start = now + timedelta(days=1)
        with write_transaction() as session:
            for place, person_id in enumerate(make_people(addresses, Purpose.APPOINTMENT)):
                appointment = Appointment(number=f"T{place}", person_id=person_id, starts_at=start, ends_at=start, updated_at=now,
                                          local_date=start.date(), status="planned")  # fmt: skip
                session.add(appointment)
                session.flush()
                session.add(SelectionItem(user_id=sender.id, scope="appointments", item_id=appointment.id))
        draft_id = drafts.create_from_selection(sender.id, "appointments", Channel.EMAIL, now)
        with write_transaction() as session:
            draft = session.get_one(Draft, draft_id)
            draft.account_id, draft.subject, draft.body = make_account(), "Ihr Termin", "<div>{{Termindatum}}</div>"
        return staging.stage(draft_id, sender.id, now, now, draft.version)

    return make


@pytest.fixture
def states(app: Flask) -> Callable[[int], dict[str, str]]:
    """State of each message of a dispatch by its address."""

    def read(dispatch_id: int) -> dict[str, str]:
        db.session.expire_all()
        rows = db.session.execute(select(Message.address, Message.state).where(Message.dispatch_id == dispatch_id))
        return dict(rows.all())

    return read


@pytest.fixture
def environment(app: Flask, database_uri: str) -> dict[str, str]:
    return {**os.environ, "PRAXISPOST_HOME": str(app.config["HOME"]), "DATABASE_URL": database_uri, "REDIS_URL": ""}


@pytest.fixture
def house(app: Flask, environment: dict[str, str]) -> Iterator[Flask]:
    """The app with a Redis of its own and the real clock and waker."""
    app.config["CLOCK"] = lambda: datetime.now(UTC)
    home = Path(app.config["HOME"])
    with program("redis", environment):
        wait_for(lambda: embedded_redis.answers(home))
        app.config.update(WAKER=None, REDIS_URL=embedded_redis.redis_url(home))
        queues.init_app(app)
        yield app
