"""Fixtures every room of tests shares: an app with its own data folder, a fixed clock, a fake waker and people to sign in as."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from messaging.models import User, db, write_transaction

#: A Monday morning, 8:30 in Berlin.
NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)


@dataclass
class FakeWaker:
    """Remembers what would have been put into the queues."""

    put_jobs: list[tuple[str, Callable[..., Any], tuple[Any, ...]]] = field(default_factory=list)
    redis_is_there: bool = True

    def put(self, queue: str, function: Callable[..., Any], *args: Any) -> bool:
        self.put_jobs.append((queue, function, args))
        return self.redis_is_there


@dataclass
class MovableClock:
    moment: datetime = NOW

    def __call__(self) -> datetime:
        return self.moment


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
    """A client that is signed in with a role."""

    def sign_in(role: str) -> FlaskClient:
        user = make_user(role)
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = user.get_id()
            session["_fresh"] = True
        return client

    return sign_in


@pytest.fixture
def client(client_as: Callable[[str], FlaskClient]) -> FlaskClient:
    return client_as("staff")
