"""Sender accounts and errands: small jobs for a worker whose answer a person waits for (connection check, test mail)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from messaging.models.store import db


class MailAccount(db.Model):
    """An SMTP account. The password is stored encrypted and never leaves the house again."""

    __tablename__ = "mail_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    sender_name: Mapped[str]
    sender_address: Mapped[str]
    reply_to: Mapped[str] = mapped_column(default="")
    host: Mapped[str]
    port: Mapped[int]
    tls_mode: Mapped[str]
    verify_certificate: Mapped[bool] = mapped_column(default=True)
    username: Mapped[str] = mapped_column(default="")
    password_encrypted: Mapped[str] = mapped_column(default="")
    #: limits; None = no limit
    per_hour: Mapped[int | None]
    per_quarter_hour: Mapped[int | None]
    per_connection: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)
    updated_at: Mapped[datetime]


class Errand(db.Model):
    """A question to a worker and its answer. `payload` holds ids and settings, never a secret."""

    __tablename__ = "errand"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: "check_account" | "test_mail"
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: waiting | running | done | failed
    state: Mapped[str] = mapped_column(default="waiting")
    #: German sentence for the screen
    answer: Mapped[str] = mapped_column(default="")
    #: raw words of the other side, for "Details"
    detail: Mapped[str] = mapped_column(default="")
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
