"""Users: who may sign in, with which role. The last administrator cannot be removed; a new password ends open sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from messaging.domain import sign_in_rules as rules
from messaging.domain.edit_merge import merge, refuse_edit
from messaging.domain.errors import DomainError, Problem
from messaging.domain.words import ROLE_LABELS, Role
from messaging.models import User, db, write_transaction
from messaging.services import audit, passwords, sign_in

FIELDS = ("display_name", "role")
WORDS = {"role": lambda role: ROLE_LABELS[Role(role)]}

LAST_ADMIN = Problem(
    "last_admin",
    "Sonst kann niemand mehr Benutzer verwalten.",
    "Bitte geben Sie zuerst einer anderen Person die Rolle Administration.",
)
OWN_ACCOUNT = Problem(
    "own_account",
    "Niemand kann sich selbst Rechte nehmen oder ausschalten.",
    "Bitte fragen Sie eine andere Person mit der Rolle Administration.",
)
UNKNOWN_ROLE = Problem("role_unknown", "Es gibt admin, manager, staff und reader.", "Bitte eine dieser Rollen angeben.")
REPEAT = Problem(
    "password_repeat", "Die beiden neuen Kennwörter sind verschieden.", "Bitte das neue Kennwort zweimal gleich eingeben."
)
WRONG_CURRENT = Problem(
    "current_password_wrong", "Das bisherige Kennwort stimmt nicht.", "Bitte prüfen Sie auch die Feststelltaste."
)


@dataclass(frozen=True)
class NewUser:
    """What somebody types to make a user. `password` None: a one-time password is made."""

    name: str
    role: str
    display_name: str = ""
    password: str | None = None


@dataclass(frozen=True)
class Access:
    """How a user signs in from now on. `one_time_password` is shown once and stored nowhere; None if the user has one already."""

    user_id: int
    name: str
    role: str
    one_time_password: str | None


@dataclass(frozen=True, repr=False)
class OwnPassword:
    current: str
    new: str
    repeat: str


def everybody() -> list[User]:
    """All users, those who may sign in first."""
    return list(db.session.scalars(select(User).order_by(User.active.desc(), User.name)))


def named(name: str) -> User | None:
    return db.session.scalar(select(User).filter_by(name=rules.folded_name(name)))


def create(wanted: NewUser, now: datetime, by_user_id: int | None = None) -> Access:
    """Make a user. Raises DomainError for a name or password against the rules, a name that exists, an unknown role."""
    name = rules.folded_name(wanted.name)
    refuse(rules.user_name_problem(name))
    password = wanted.password if wanted.password is not None else passwords.one_time_password()
    refuse(rules.password_problem(password, name))
    stored = passwords.hashed(password)  # slow, so before the transaction
    with write_transaction() as session:
        if session.scalar(select(User.id).filter_by(name=name)) is not None:
            raise DomainError(
                Problem("user_name_taken", "Diesen Benutzernamen gibt es schon.", "Bitte einen anderen Namen wählen.")
            )
        user = User(name=name, display_name=display_name(wanted.display_name, wanted.name), role=known_role(wanted.role),
                    password_hash=stored, must_change_password=wanted.password is None, created_at=now)  # fmt: skip
        session.add(user)
        session.flush()
        audit.record(session, now, by_user_id, "user_created", "user", user.id, role=user.role)
    return Access(user.id, name, user.role, None if wanted.password is not None else password)


def texts_of(user: User) -> dict[str, str]:
    """What a form can change of a user."""
    return {"display_name": user.display_name, "role": user.role}


def change(user_id: int, typed: Mapping[str, str], base: Mapping[str, str], now: datetime, by_user_id: int | None) -> None:
    """Change role and shown name in a form that began at `base`; what others changed meanwhile stays.

    Raises EditRefused for what both changed, DomainError if no administrator would be left.
    """
    with write_transaction() as session:
        user = held(session, user_id)
        cleaned = {**typed, "display_name": display_name(typed["display_name"], user.name)}
        merged = merge(FIELDS, base, texts_of(user), cleaned)
        refuse_edit(merged, {}, WORDS)
        role = known_role(merged.texts["role"])
        if user_id == by_user_id and role != user.role:
            raise DomainError(OWN_ACCOUNT)
        user.role, user.display_name = role, merged.texts["display_name"]
        require_admin(session)
        audit.record(session, now, by_user_id, "user_changed", "user", user_id, role=role)


def switch(user_id: int, active: bool, now: datetime, by_user_id: int | None) -> None:
    """Let a user sign in or not. Switching off ends the open sessions at once."""
    with write_transaction() as session:
        user = held(session, user_id)
        if user_id == by_user_id:
            raise DomainError(OWN_ACCOUNT)
        if user.active == active:
            return
        user.active, user.session_version = active, user.session_version + 1
        require_admin(session)
        audit.record(session, now, by_user_id, "user_switched_on" if active else "user_switched_off", "user", user_id)


def reset_password(user_id: int, now: datetime, by_user_id: int | None = None, password: str | None = None) -> Access:
    """Give a new one-time password (or the given `password`); open sessions of the user end."""
    user = db.session.get_one(User, user_id)
    fresh = password if password is not None else passwords.one_time_password()
    refuse(rules.password_problem(fresh, user.name))
    store_password(user_id, fresh, must_change=password is None, now=now, by_user_id=by_user_id, action="user_password_reset")
    return Access(user.id, user.name, user.role, fresh if password is None else None)


def change_own_password(user_id: int, typed: OwnPassword, address: str, now: datetime) -> User:
    """Set the user's own new password. Whoever just signed in with a one-time password need not type it again."""
    user = db.session.get_one(User, user_id)
    if not user.must_change_password:
        require_current(user, typed.current, address, now)
    refuse(rules.password_problem(typed.new, user.name))
    if typed.new != typed.repeat:
        raise DomainError(REPEAT)
    if passwords.matches(user.password_hash, typed.new):
        raise DomainError(Problem("password_same", "Das ist das bisherige Kennwort.", "Bitte ein neues Kennwort wählen."))
    return store_password(user_id, typed.new, must_change=False, now=now, by_user_id=user_id, action="password_changed")


def require_current(user: User, password: str, address: str, now: datetime) -> None:
    """The throttle of the log-in counts here too: an unattended screen is no place to try passwords."""
    try:
        sign_in.require_password(user.name, user, password, address, now)
    except DomainError as refused:
        raise DomainError(WRONG_CURRENT if refused.problem.code == "sign_in_wrong" else refused.problem) from refused


def store_password(user_id: int, password: str, *, must_change: bool, now: datetime, by_user_id: int | None, action: str) -> User:
    stored = passwords.hashed(password)
    with write_transaction() as session:
        user = held(session, user_id)
        user.password_hash, user.must_change_password, user.session_version = stored, must_change, user.session_version + 1
        sign_in.forget_failures(session, user.name)
        audit.record(session, now, by_user_id, action, "user", user_id)
    return user


def held(session: Session, user_id: int) -> User:
    """The user as stored now. All administrators are held until the transaction ends: two cannot remove each other at once."""
    held_rows = select(User.id).where((User.role == Role.ADMIN) | (User.id == user_id)).order_by(User.id).with_for_update()
    session.execute(held_rows)
    return session.get_one(User, user_id, populate_existing=True)


def refuse(problem: Problem | None) -> None:
    if problem is not None:
        raise DomainError(problem)


def known_role(role: str) -> str:
    if role not in set(Role):
        raise DomainError(UNKNOWN_ROLE)
    return role


def display_name(typed: str, name: str) -> str:
    return " ".join(typed.split())[:80] or name.strip()


def require_admin(session: Session) -> None:
    """To be called after the change, inside its transaction."""
    session.flush()
    if not session.scalar(select(func.count()).select_from(User).where(User.active, User.role == Role.ADMIN)):
        raise DomainError(LAST_ADMIN)
