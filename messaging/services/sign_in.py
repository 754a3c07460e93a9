"""Signing in: throttled, the same work for every name, every refusal a sentence. Sessions are the web's business."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from messaging.domain import sign_in_rules as rules
from messaging.domain.errors import DomainError, Problem
from messaging.models import EndedSession, LoginFailure, User, db, write_transaction
from messaging.services import audit, passwords

#: Failures older than this are of no use to anybody, nor are ended sessions: they have run idle long before.
KEPT = timedelta(days=1)

SWITCHED_OFF = Problem(
    "user_switched_off", "Ihr Benutzerkonto ist ausgeschaltet.", "Bitte wenden Sie sich an die Leitung Ihrer Praxis."
)
INCOMPLETE = Problem("sign_in_incomplete", "", "Bitte Benutzernamen und Kennwort eingeben.")


def sign_in(typed_name: str, password: str, address: str, now: datetime) -> User:
    """The user of this name and password. Raises DomainError with what to tell the person; `address` is that of the machine."""
    name = rules.folded_name(typed_name)
    if not name or not password:
        raise DomainError(INCOMPLETE)
    user = db.session.scalar(select(User).filter_by(name=name))
    require_password(name, user, password, address, now)
    if user is None or not user.active:
        raise DomainError(SWITCHED_OFF)
    welcome(user, password, now)
    return user


def require_password(name: str, user: User | None, password: str, address: str, now: datetime) -> None:
    """Raise DomainError unless `password` is the user's. The attempt is counted before the slow comparison.

    So many attempts at once cannot slip through before the first of them is found wrong.
    """
    wait = count_attempt(name, address, now)
    if passwords.matches(user.password_hash if user else None, password[: rules.LONGEST_PASSWORD]):
        return
    with write_transaction() as session:
        audit.record(session, now, None, "sign_in_failed", "user", user.id if user else None)
    raise DomainError(rules.wrong_problem(wait))


def count_attempt(name: str, address: str, now: datetime) -> timedelta:
    """Note an attempt as if it failed; return how long to wait if it does. Raises DomainError when the wait is not over."""
    key = name_key(name)
    with write_transaction() as session:
        _one_at_a_time(session, key, address)
        session.execute(delete(LoginFailure).where(LoginFailure.at < now - KEPT))
        wait = max(remaining(LoginFailure.name == key, rules.FREE_FAILURES_OF_NAME, now),
                   remaining(LoginFailure.address == address, rules.FREE_FAILURES_OF_ADDRESS, now))  # fmt: skip
        if wait:
            raise DomainError(rules.wait_problem(wait))
        session.add(LoginFailure(name=key, address=address, at=now))
        session.flush()
        return max(remaining(LoginFailure.name == key, rules.FREE_FAILURES_OF_NAME, now),
                   remaining(LoginFailure.address == address, rules.FREE_FAILURES_OF_ADDRESS, now))  # fmt: skip


def _one_at_a_time(session: Session, *keys: str) -> None:
    """Attempts for the same name or from the same machine count one after the other; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        for key in sorted(keys):
            session.execute(select(func.pg_advisory_xact_lock(func.hashtext(key))))


def remaining(whose: object, free: int, now: datetime) -> timedelta:
    """How much of the pause after the counted failures is left."""
    counted = select(func.count(), func.max(LoginFailure.at)).where(whose, LoginFailure.at > now - rules.COUNTED)  # type: ignore[arg-type]
    failures, latest = db.session.execute(counted).one()
    return max(latest + rules.pause_after(failures, free) - now, timedelta()) if failures else timedelta()


def name_key(name: str) -> str:
    """What is stored of a name that was tried: sometimes it is a password, typed into the wrong field."""
    return hashlib.blake2b(name.encode(), key=bytes(current_app.config["SECRET_KEY"])[:64], digest_size=16).hexdigest()


def welcome(user: User, password: str, now: datetime) -> None:
    """Forget the failures of this name, note the moment, and renew a hash made with weaker settings."""
    checked = user.password_hash
    renewed = passwords.hashed(password) if passwords.is_outdated(checked) else checked  # slow, so before the transaction
    with write_transaction() as session:
        forget_failures(session, user.name)
        user = session.get_one(User, user.id, populate_existing=True)
        user.last_login_at = now
        if user.password_hash == checked:  # else somebody gave a new password in this very moment
            user.password_hash = renewed
        audit.record(session, now, user.id, "signed_in", "user", user.id)


def forget_failures(session: Session, name: str) -> None:
    session.execute(delete(LoginFailure).where(LoginFailure.name == name_key(name)))


def sign_out(user_id: int, session_key: str, now: datetime) -> None:
    """End this session everywhere, also where its cookie was copied to (OWASP ASVS 3.3.1). "": a cookie from before keys."""
    with write_transaction() as session:
        session.execute(delete(EndedSession).where(EndedSession.ended_at < now - KEPT))
        if session_key:
            session.merge(EndedSession(key=session_key, ended_at=now))
        audit.record(session, now, user_id, "signed_out", "user", user_id)


def has_ended(session_key: str) -> bool:
    """Whether somebody signed out of this session."""
    return bool(session_key) and db.session.get(EndedSession, session_key) is not None
