"""E-mail accounts: listed, made, changed, switched off, checked by a worker. A password goes in and never comes out again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from messaging.domain import mail_account_rules as rules
from messaging.domain.edit_merge import merge, refuse_edit, switch_text, switch_word
from messaging.domain.email_address import check_email
from messaging.domain.errors import Problem
from messaging.domain.form_errors import refuse
from messaging.domain.mail_account_rules import LIMITS, NAME_TAKEN, PasswordWish, StoredPassword
from messaging.domain.states import LIVE_DISPATCHES
from messaging.domain.words import TLS_LABELS, TlsMode
from messaging.models import Dispatch, MailAccount, db, write_transaction
from messaging.models.vault import vault
from messaging.services import audit, errands

#: What a password is typed for.
CONNECTION = ("host", "port", "tls_mode", "verify_certificate", "username")
TEXTS = ("name", "sender_name", "sender_address", "reply_to", *CONNECTION, *LIMITS)
WORDS = {
    "tls_mode": lambda mode: TLS_LABELS[TlsMode(mode)],
    "verify_certificate": switch_word,
}

UNDER_WAY = "Die Verbindung wird geprüft …"
NOBODY_WORKS = "Kein Versandprozess aktiv: Die Prüfung wartet, bis wieder einer läuft."


@dataclass(frozen=True, slots=True)
class Account:
    """One account without its password. `open_dispatches`: ids of dispatches that still send with it."""

    id: int
    name: str
    sender_name: str
    sender_address: str
    reply_to: str
    host: str
    port: int
    tls_mode: str
    verify_certificate: bool
    username: str
    per_hour: int | None
    per_quarter_hour: int | None
    per_connection: int | None
    active: bool
    has_password: bool
    open_dispatches: tuple[int, ...]

    @property
    def lacks_password(self) -> bool:
        return bool(self.username) and not self.has_password


@dataclass(frozen=True, slots=True)
class TypedAccount:
    """The form as somebody typed it, and the texts it began with. The password is in neither, nor in what a log would show."""

    texts: Mapping[str, str]
    base: Mapping[str, str]
    password: str = field(default="", repr=False)
    remove_password: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """Where a connection check is. `waiting`: ask again soon; `bad`: not connected, or nobody works on it."""

    id: int
    sentence: str
    detail: str = ""
    waiting: bool = False
    bad: bool = False


def accounts() -> list[Account]:
    """All accounts, those in use first, then by name."""
    rows = db.session.scalars(select(MailAccount).order_by(MailAccount.active.desc(), MailAccount.name, MailAccount.id))
    return [_account(row) for row in rows]


def account(account_id: int) -> Account | None:
    """One account; None if there is none."""
    row = db.session.get(MailAccount, account_id, populate_existing=True)
    return _account(row) if row else None


def texts_of(stored: Account | MailAccount) -> dict[str, str]:
    """A stored account as a form shows it; a switch is "1" or ""."""
    values = {name: getattr(stored, name) for name in TEXTS} | {"verify_certificate": switch_text(stored.verify_certificate)}
    return {name: "" if value is None else str(value) for name, value in values.items()}


def create(typed: TypedAccount, user_id: int, now: datetime) -> int:
    """Make an account and return its id. Raises FormRefused."""
    with write_transaction() as session:
        refuse(_problems(session, typed.texts, typed, None))
        row = MailAccount(**_values(typed.texts), password_encrypted=vault().encrypt(typed.password), updated_at=now)
        session.add(row)
        session.flush()
        audit.record(session, now, user_id, "mail_account_created", "mail_account", row.id)
    return row.id


def change(account_id: int, typed: TypedAccount, user_id: int, now: datetime) -> None:
    """Change an account, also while a dispatch uses it: that is the cure of a wrong password. Raises EditRefused.

    What others changed since the form began stays.
    """
    with write_transaction() as session:
        row = session.get_one(MailAccount, account_id, populate_existing=True, with_for_update=True)
        merged = merge(TEXTS, _base(typed), texts_of(row), typed.texts)
        refuse_edit(merged, _problems(session, merged.texts, typed, row), WORDS)
        changed = {name: value for name, value in _values(merged.texts).items() if getattr(row, name) != value}
        changed |= _password_change(typed, merged.texts["host"], _stored_password(row))
        for name, value in changed.items():
            setattr(row, name, value)
        row.updated_at = now
        fields = dict.fromkeys((name.removesuffix("_encrypted") for name in sorted(changed)), 1)
        audit.record(session, now, user_id, "mail_account_changed", "mail_account", account_id, **fields)


def switch(account_id: int, active: bool, user_id: int, now: datetime) -> None:
    """Let an account be used or not. Dispatches that use one that is off stop by themselves and say why."""
    with write_transaction() as session:
        row = session.get_one(MailAccount, account_id, populate_existing=True)
        if row.active == active:
            return
        row.active, row.updated_at = active, now
        audit.record(session, now, user_id, "mail_account_switched_on" if active else "mail_account_switched_off",
                     "mail_account", account_id)  # fmt: skip


def start_check(account_id: int, user_id: int, now: datetime) -> int:
    """Ask for a connection check of the account as it is stored; the caller wakes a worker. Returns the errand's id."""
    with write_transaction() as session:
        errand_id = errands.start(errands.CHECK_ACCOUNT, {"account_id": account_id}, user_id, now)
        audit.record(session, now, user_id, "mail_account_checked", "mail_account", account_id)
    return errand_id


def check(account_id: int, errand_id: int, now: datetime) -> Check | None:
    """Where this check of this account is; None if there is no such check."""
    facts = errands.errand(errand_id)
    if facts is None or facts.kind != errands.CHECK_ACCOUNT or facts.payload.get("account_id") != account_id:
        return None
    if facts.is_over:
        return Check(facts.id, facts.answer, facts.detail, bad=not facts.worked)
    if facts.nobody_works(now):
        return Check(facts.id, NOBODY_WORKS, bad=True)
    return Check(facts.id, UNDER_WAY, waiting=True)


def _account(row: MailAccount) -> Account:
    live = (Dispatch.account_id == row.id, Dispatch.state.in_(LIVE_DISPATCHES))
    dispatches = tuple(db.session.scalars(select(Dispatch.id).where(*live).order_by(Dispatch.id)))
    values = {name: getattr(row, name) for name in TEXTS}
    return Account(row.id, **values, active=row.active, has_password=bool(row.password_encrypted), open_dispatches=dispatches)


def _base(typed: TypedAccount) -> Mapping[str, str]:
    """Where the edit began. A typed password is for the connection as it was shown: that another one is stored now is a clash."""
    meant = {name for name in CONNECTION if typed.password and typed.base.get(name) == typed.texts[name]}
    return {name: text for name, text in typed.base.items() if name not in meant}


def _problems(session: Session, texts: Mapping[str, str], typed: TypedAccount, row: MailAccount | None) -> dict[str, Problem]:
    stored = _stored_password(row) if row else StoredPassword()
    problems = rules.problems_of(texts, PasswordWish(typed.password, typed.remove_password), stored)
    owner = session.scalar(select(MailAccount.id).where(MailAccount.name == texts["name"]))
    if owner is not None and (row is None or owner != row.id):
        problems["name"] = NAME_TAKEN
    return problems


def _values(texts: Mapping[str, str]) -> dict[str, Any]:
    """The columns of an account whose texts are in order."""
    as_typed = {name: texts[name] for name in ("name", "sender_name", "host", "username")}
    addresses = {name: (check_email(texts[name]).wire or "") if texts[name] else "" for name in ("sender_address", "reply_to")}
    limits = {name: int(texts[name]) if texts[name] else None for name in LIMITS}
    connection = {"port": rules.read_port(texts), "tls_mode": TlsMode(texts["tls_mode"]),
                  "verify_certificate": bool(texts["verify_certificate"])}  # fmt: skip
    return {**as_typed, **addresses, **limits, **connection}


def _stored_password(row: MailAccount) -> StoredPassword:
    return StoredPassword(bool(row.password_encrypted), row.host)


def _password_change(typed: TypedAccount, host: str, stored: StoredPassword) -> dict[str, str]:
    """A new password, or none from now on: removed, or typed for another server. Nothing if the stored one stays."""
    if typed.password:
        return {"password_encrypted": vault().encrypt(typed.password)}
    dropped = typed.remove_password or rules.leaves_its_server(host, stored)
    return {"password_encrypted": ""} if dropped else {}
