"""Fixtures every room of tests shares: an app with its own data folder, a fixed clock, a fake waker and people to sign in as."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.test import TestResponse

from app import create_app
from messaging.domain.watching import SignsOfLife
from messaging.models import User, db, write_transaction
from messaging.services import passwords
from tests import postgres_server as postgres
from tests.postgres_server import PostgresServer

#: A Monday morning, 8:30 in Berlin.
NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)


@dataclass
class FakeWaker:
    """Remembers what would have been put into the queues."""

    put_jobs: list[tuple[str, Callable[..., Any], tuple[Any, ...]]] = field(default_factory=list)
    redis_is_there: bool = True
    workers: int = 2

    def put(self, queue: str, function: Callable[..., Any], *args: Any, name: str | None = None) -> bool:
        self.put_jobs.append((queue, function, args))
        return self.redis_is_there

    def live_names(self, queue: str) -> set[str] | None:
        return set() if self.redis_is_there else None

    def waiting_names(self, queue: str) -> set[str] | None:
        return self.live_names(queue)

    def signs_of_life(self) -> SignsOfLife:
        return SignsOfLife(self.redis_is_there, self.workers if self.redis_is_there else 0, {"send": len(self.put_jobs)})


@dataclass
class MovableClock:
    moment: datetime = NOW

    def __call__(self) -> datetime:
        return self.moment


class CompiledTemplates(BytecodeCache):
    """Templates are compiled once for all tests of a run, not once for every app."""

    compiled: ClassVar[dict[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.compiled:
            bucket.load_bytecode(BytesIO(self.compiled[bucket.key]))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.compiled[bucket.key] = bucket.bytecode_to_string()


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
        db.session.rollback()
        db.session.expire_all()  # the test's own rows are read again, as the request left them
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


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real settings take a tenth of a second each time, on purpose; what they are has a test of its own."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


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
def database_uri() -> str:
    """SQLite in the data folder; rooms that run on PostgreSQL too say otherwise."""
    return ""


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    programs = postgres.server_programs()
    if programs is None:
        pytest.skip("Kein PostgreSQL gefunden: bitte das Paket postgresql installieren, dann laufen diese Tests.")
    with postgres.running(programs) as server:
        yield server


@pytest.fixture
def postgres_database(postgres_server: PostgresServer) -> Iterator[str]:
    with postgres_server.database() as url:
        yield url


@pytest.fixture
def app(tmp_path: Path, clock: MovableClock, waker: FakeWaker, database_uri: str) -> Iterator[Flask]:
    app = create_app({"HOME": tmp_path / "home", "TESTING": True, "CLOCK": clock, "WAKER": waker, "WTF_CSRF_ENABLED": False,
                      "SQLALCHEMY_DATABASE_URI": database_uri})  # fmt: skip
    app.test_client_class = HouseClient
    app.jinja_env.bytecode_cache = CompiledTemplates()
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
