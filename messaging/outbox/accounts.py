"""What a drain needs to know of a dispatch and its account, loaded once: the frozen text and how to connect."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.fernet import InvalidToken
from sqlalchemy import select
from sqlalchemy.orm import undefer

from messaging.models import Attachment, Dispatch, MailAccount, db
from messaging.models.vault import vault
from messaging.providers.results import MisconfiguredError
from messaging.providers.smtp import SmtpSettings
from messaging.rendering.email import CompiledMail, MailWriter, Sender
from messaging.rendering.mime import File


@dataclass(frozen=True, slots=True)
class Job:
    """One dispatch, ready to be worked on."""

    dispatch_id: int
    account_id: int
    purpose: str
    sender_address: str
    settings: SmtpSettings
    writer: MailWriter


def load(dispatch_id: int) -> Job:
    """Raises MisconfiguredError when the account is switched off or its password cannot be read."""
    dispatch = db.session.get_one(Dispatch, dispatch_id)
    account = db.session.get_one(MailAccount, dispatch.account_id)
    if not account.active:
        raise MisconfiguredError("account_missing", "switched off")
    sender = Sender(account.sender_name, account.sender_address, account.reply_to)
    mail = CompiledMail(dispatch.subject, dispatch.body, dispatch.signature)
    writer = MailWriter(mail, sender, dispatch.purpose, files_of(dispatch.draft_id))
    return Job(dispatch.id, account.id, dispatch.purpose, account.sender_address, smtp_settings(account), writer)


def smtp_settings(account: MailAccount) -> SmtpSettings:
    """How to connect. Raises MisconfiguredError when the password was stored under another key."""
    try:
        password = vault().decrypt(account.password_encrypted)
    except InvalidToken as error:
        raise MisconfiguredError("account_missing", "password was stored with another key") from error
    return SmtpSettings(
        account.host,
        account.port,
        account.tls_mode,
        account.verify_certificate,
        account.username,
        password,
        account.per_connection,
    )


def files_of(draft_id: int) -> list[File]:
    rows = db.session.scalars(
        select(Attachment).where(Attachment.draft_id == draft_id).order_by(Attachment.id).options(undefer(Attachment.content))
    )
    return [File(row.filename, row.media_type, row.content) for row in rows]
