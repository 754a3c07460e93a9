"""Fixtures every room of tests shares: an app with its own data folder, a fixed clock, a fake waker and people to sign in as."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from messaging.models import User, db, write_transaction

#: A Monday morning, 8:30 in Berlin.
NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)


@dataclass
class FakeWaker:
    """Remembers what would have been put into the queues."""

    put_jobs: list[tuple[str, Callable[..., Any], tuple[Any, ...]]] = field(default_factory=list)
    redis_is_there: bool = True

    def put(self, queue: str, function: Callable[..., Any], *args: Any, name: str | None = None) -> bool:
        self.put_jobs.append((queue, function, args))
        return self.redis_is_there

    def live_names(self, queue: str) -> set[str] | None:
        return set() if self.redis_is_there else None


@dataclass
class MovableClock:
    moment: datetime = NOW

    def __call__(self) -> datetime:
        return self.moment


class HouseClient(FlaskClient):
    """A browser that sends what browsers send. Every request has an app context of its own, as in the running house.

    Without that, `g` and the database session of the test would be those of the request: the first user would stay signed in,
    and a request would see rows that nobody committed. Somebody signed in stays so however far the test moves its clock,
    unless `stays_signed_in` is switched off.
    """

    stays_signed_in = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"

    def open(self, *args: Any, buffered: bool = True, **kwargs: Any) -> TestResponse:
        if self.preserve_context:
            return super().open(*args, buffered=buffered, **kwargs)
        with self.application.app_context():
            if self.stays_signed_in:
                self.work_now()
            response = super().open(*args, buffered=buffered, **kwargs)
        db.session.rollback()  # the test's own rows are read again, as the request left them
        return response

    def work_now(self) -> None:
        """Be seen working at the present moment of the clock."""
        with self.session_transaction() as session:
            if "_user_id" in session:
                session["seen"] = int(self.application.config["CLOCK"]().timestamp())


@pytest.fixture(autouse=True)
def only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches for another machine fails, instead of sending something to somebody."""
    monkeypatch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))


def guarded(connect: Callable[..., Any]) -> Callable[..., Any]:
    def connect_here(self: socket.socket, address: Any) -> Any:
        if self.family != socket.AF_UNIX and not is_here(address[0]):
            raise AssertionError(f"a test wanted to reach {address[0]}")
        return connect(self, address)

    return connect_here


def is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def waker() -> FakeWaker:
    return FakeWaker()


@pytest.fixture
def app(tmp_path: Path, clock: MovableClock, waker: FakeWaker) -> Iterator[Flask]:
    app = create_app({"HOME": tmp_path / "home", "TESTING": True, "CLOCK": clock, "WAKER": waker, "WTF_CSRF_ENABLED": False,
                      "SQLALCHEMY_DATABASE_URI": ""})  # fmt: skip
    app.test_client_class = HouseClient
    with app.app_context():
        db.create_all()
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def make_user(app: Flask) -> Callable[..., User]:
    def make(role: str = "staff", name: str | None = None) -> User:
        with write_transaction() as session:
            user = User(name=name or role, display_name="Test Person", role=role, password_hash="!", created_at=NOW)
            session.add(user)
        return user

    return make


@pytest.fixture
def client_as(app: Flask, make_user: Callable[..., User]) -> Callable[[str], FlaskClient]:
    """A client that is signed in with a role; the same role again is the same person at another desk."""

    def sign_in(role: str) -> FlaskClient:
        user = db.session.scalar(db.select(User).filter_by(name=role)) or make_user(role)
        client = app.test_client()
        with client.session_transaction() as session:
            session.update(_user_id=user.get_id(), _fresh=True, seen=int(app.config["CLOCK"]().timestamp()))
        return client

    return sign_in


@pytest.fixture
def client(client_as: Callable[[str], FlaskClient]) -> FlaskClient:
    return client_as("staff")


@pytest.fixture
def csrf(app: Flask) -> None:
    """Switch the CSRF tokens on, as in the running house; a web client's `token()` gives a valid one."""
    app.config["WTF_CSRF_ENABLED"] = True
