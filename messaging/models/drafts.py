"""Stored texts (templates of messages, signatures) and drafts with their recipients and attachments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from messaging.models.store import db


class MessageTemplate(db.Model):
    """A stored text (Vorlage). Drafts copy it; changing it later changes nothing that was sent."""

    __tablename__ = "message_template"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    channel: Mapped[str]
    purpose: Mapped[str]
    subject: Mapped[str] = mapped_column(default="")
    #: sanitised HTML for e-mail, plain text for SMS
    body: Mapped[str] = mapped_column(default="")
    archived_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


class Signature(db.Model):
    """A closing block (Signatur), sanitised HTML."""

    __tablename__ = "signature"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    body: Mapped[str] = mapped_column(default="")
    archived_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class Draft(db.Model):
    """A selection of recipients with channel, purpose and text, before sending. States: open, confirmed, discarded."""

    __tablename__ = "draft"
    __table_args__ = (Index("ix_draft_owner", "owner_id", "state", "updated_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    channel: Mapped[str]
    purpose: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    #: which list it came from: "people" | "appointments" | "record" (one person)
    origin: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("mail_account.id"))
    signature_id: Mapped[int | None] = mapped_column(ForeignKey("signature.id"))
    message_template_id: Mapped[int | None] = mapped_column(ForeignKey("message_template.id"))
    subject: Mapped[str] = mapped_column(default="")
    body: Mapped[str] = mapped_column(default="")
    #: subject, body and message_template_id that a template replaced, for undo
    replaced_text: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    #: number of the last click on "erlaubt"; never used twice, so that an old window cannot undo a newer one
    last_batch: Mapped[int] = mapped_column(default=0)
    #: also write where the same address already gets the same text
    keep_doubled: Mapped[bool] = mapped_column(default=False)
    #: counts saves of the text; a stale autosave from another tab is refused
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    #: when the recipients were last checked against the master data
    checked_at: Mapped[datetime | None]


class Recipient(db.Model):
    """One row of the check window with the verdict of `domain.recipient_check`."""

    __tablename__ = "recipient"
    __table_args__ = (
        Index("ix_recipient_draft", "draft_id", "position"),
        Index("ix_recipient_person", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id", ondelete="CASCADE"))
    #: order of the list: appointments by time, people by name
    position: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointment.id"))
    #: where it would go: e-mail address or E.164 number; "" when there is none
    address: Mapped[str] = mapped_column(default="")
    ticked: Mapped[bool]
    allowed: Mapped[bool]
    possible: Mapped[bool]
    #: what stands against it: impossible before forbidden, a code of domain.reasons; "" when possible and allowed
    reason: Mapped[str] = mapped_column(default="")
    #: the same person (for reminders: the same appointment) stands further up; unticked unless a person ticks it
    duplicate: Mapped[bool] = mapped_column(default=False)
    #: who unticked the row: 0 nobody, -1 a person, else the number of the click on "erlaubt" (undo); see domain.recipient_rows
    unticked_batch: Mapped[int] = mapped_column(default=0)
    #: written reason of a user with that right to write without permission
    override_reason: Mapped[str] = mapped_column(default="")
    overridden_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


class Attachment(db.Model):
    """A file that goes with every message of a draft. In the database so that every worker on every machine has it.

    A removed file belongs to no draft any more, so that nobody who asks for a draft's files can send it by mistake.
    """

    __tablename__ = "attachment"
    __table_args__ = (Index("ix_attachment_draft", "draft_id"), Index("ix_attachment_removed", "removed_from_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("draft.id", ondelete="CASCADE"))
    #: the draft it was taken off, for undo
    removed_from_id: Mapped[int | None] = mapped_column(ForeignKey("draft.id", ondelete="CASCADE"))
    filename: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
