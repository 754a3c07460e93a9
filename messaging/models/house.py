"""The house itself: users, the practice, system keys, the audit log, log-in failures and heartbeats."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from messaging.models.store import db


class User(db.Model):
    """Somebody who signs in. `session_version` grows when all open sessions of the user must end (new password, switched off)."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str] = mapped_column(default="")
    role: Mapped[str]
    password_hash: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    session_version: Mapped[int] = mapped_column(default=1)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    last_login_at: Mapped[datetime | None]

    # the four names that Flask-Login asks for
    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        return self.active

    def get_id(self) -> str:
        return f"{self.id}.{self.session_version}"


class LoginFailure(db.Model):
    """One refused log-in; counted per name and per address to slow down guessing."""

    __tablename__ = "login_failure"
    __table_args__ = (Index("ix_login_failure_name", "name", "at"), Index("ix_login_failure_address", "address", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    address: Mapped[str]
    at: Mapped[datetime]


class EndedSession(db.Model):
    """A session that was signed out. The cookie is only signed, so a copy of it must be known as ended until it runs idle."""

    __tablename__ = "ended_session"

    key: Mapped[str] = mapped_column(primary_key=True)
    ended_at: Mapped[datetime]


class Practice(db.Model):
    """The practice (Einrichtung): exactly one row, id 1."""

    __tablename__ = "practice"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    street: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    #: a number in the field SMS writes the consent entry (sms, appointment)
    sms_field_grants_consent: Mapped[bool] = mapped_column(default=True)
    #: "word" (Professor Weiß) or "short" (Prof. Dr. Weiß), see domain.facts.PracticeFacts
    professor_form: Mapped[str] = mapped_column(default="word")
    idle_minutes: Mapped[int] = mapped_column(default=20)
    is_demo: Mapped[bool] = mapped_column(default=False)


class SystemKey(db.Model):
    """A named setting (Systemkürzel); secret values are stored encrypted."""

    __tablename__ = "system_key"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(default="")
    encrypted: Mapped[bool] = mapped_column(default=False)


class AuditEntry(db.Model):
    """Who did what, with ids only: no names, numbers or texts of patients."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_object", "object_type", "object_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    action: Mapped[str]
    object_type: Mapped[str] = mapped_column(default="")
    object_id: Mapped[int | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Heartbeat(db.Model):
    """When a part of the house was last seen alive (the tick, each worker)."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class SelectionItem(db.Model):
    """One ticked row of one user; `scope` is "people" or "appointments", `item_id` the id of that kind."""

    __tablename__ = "selection_item"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 (SQLAlchemy reads this class attribute)

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(primary_key=True)
