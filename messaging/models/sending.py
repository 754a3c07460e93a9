"""The outbox: dispatches, their messages and every attempt. Written by messaging.outbox alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DDL, JSON, ForeignKey, Index, UniqueConstraint, event, text
from sqlalchemy.orm import Mapped, mapped_column

from messaging.models.store import db


class Dispatch(db.Model):
    """A confirmed draft: one job for many recipients. The text is frozen here; the draft stays as it was confirmed."""

    __tablename__ = "dispatch"
    __table_args__ = (
        Index("ix_dispatch_open", "state", sqlite_where=text("state IN ('scheduled', 'running', 'paused')"),
              postgresql_where=text("state IN ('scheduled', 'running', 'paused')")),
        Index("ix_dispatch_created", "created_at"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    #: one dispatch per draft: confirming twice cannot make two
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"), unique=True)
    channel: Mapped[str]
    purpose: Mapped[str]
    state: Mapped[str]
    account_id: Mapped[int] = mapped_column(ForeignKey("mail_account.id"))
    subject: Mapped[str]
    body: Mapped[str]
    signature: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    scheduled_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    #: how many were left out at confirming, by reason code
    left_out: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    selected: Mapped[int] = mapped_column(default=0)
    total: Mapped[int]
    #: why it is paused: a code of domain.errors_of_sending, "" when a person paused it
    pause_code: Mapped[str] = mapped_column(default="")
    pause_detail: Mapped[str] = mapped_column(default="")
    #: account limit: nothing is claimed before then
    wait_until: Mapped[datetime | None]
    wait_code: Mapped[str] = mapped_column(default="")
    #: resumed by a person: attempts before then no longer count towards a pause
    judged_from: Mapped[datetime | None]


class Message(db.Model):
    """What one recipient gets. `values` are the macro values as they were at confirming."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("dispatch_id", "recipient_id"),
        Index("ix_message_due", "dispatch_id", "state", "next_attempt_at", "id"),
        Index("ix_message_person", "person_id", "id"),
        Index(
            "ix_message_claimed",
            "lease_until",
            sqlite_where=text("state = 'sending'"),
            postgresql_where=text("state = 'sending'"),
        ),
        Index("ix_message_unknown", "state", sqlite_where=text("state = 'unknown'"), postgresql_where=text("state = 'unknown'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dispatch_id: Mapped[int] = mapped_column(ForeignKey("dispatch.id"))
    recipient_id: Mapped[int] = mapped_column(ForeignKey("recipient.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointment.id"))
    #: start of the appointment as the text names it; a moved one is skipped
    appointment_start: Mapped[datetime | None]
    address: Mapped[str]
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    #: fixed before the first try (RFC 5322 Message-ID with brackets)
    reference: Mapped[str] = mapped_column(unique=True)
    #: a written reason to send without permission (logged); "" for all others
    override_reason: Mapped[str] = mapped_column(default="")
    #: the objection that reason was written against; it helps against no other one
    overridden_code: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    #: why it failed, was skipped or is retried: code of domain.reasons
    reason: Mapped[str] = mapped_column(default="")
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    #: who holds it now; empty unless `sending`
    claim: Mapped[str] = mapped_column(default="")
    lease_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Attempt(db.Model):
    """One try to hand a message to a provider, written before it begins; one begun and never ended is the honest `unknown`."""

    __tablename__ = "attempt"
    __table_args__ = (
        Index("ix_attempt_message", "message_id"),
        Index("ix_attempt_dispatch", "dispatch_id", "ended_at"),
        Index("ix_attempt_window", "account_id", "ended_at"),
        Index("ix_attempt_open", "claim", sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    dispatch_id: Mapped[int] = mapped_column(ForeignKey("dispatch.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("mail_account.id"))
    claim: Mapped[str]
    #: the epoch of the disk: a note not yet on disk is lost when this changes (outbox.epoch)
    epoch: Mapped[str]
    claimed_at: Mapped[datetime]
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    #: accepted | temporary | rejected | misconfigured | unknown | released | skipped
    outcome: Mapped[str] = mapped_column(default="")
    code: Mapped[str] = mapped_column(default="")
    #: the provider's raw words, redacted
    detail: Mapped[str] = mapped_column(default="")


class DiskEpoch(db.Model):
    """One random token for as long as no unwaited write can have been lost; PostgreSQL alone uses it (outbox.epoch).

    PostgreSQL empties unlogged tables after every crash of the server, whatever the reason, and they are empty on a standby that
    takes over (its manual, CREATE TABLE, UNLOGGED).
    """

    __tablename__ = "disk_epoch"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    token: Mapped[str]


event.listen(DiskEpoch.__table__, "after_create", DDL("ALTER TABLE disk_epoch SET UNLOGGED").execute_if(dialect="postgresql"))
