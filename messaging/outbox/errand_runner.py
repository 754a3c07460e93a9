"""Carries out errands: checks an account's connection, sends a test mail. The answer is a German sentence in the errand's row.

A test mail goes to the typed address only and is filled with one recipient's values. It belongs to no dispatch, but it takes a
place in the account's limits like every other mail.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from messaging.domain.calendar_de import clock_words
from messaging.domain.reasons import reason
from messaging.domain.sending_limits import Allowance
from messaging.models import Draft, Errand, MailAccount, db, write_transaction
from messaging.outbox import accounts, limits, staging
from messaging.outbox.macro_facts import values_for_draft
from messaging.providers.results import Envelope, ProviderError, RejectedError
from messaging.providers.smtp import SmtpConnection
from messaging.rendering.email import MailWriter, Sender
from messaging.rendering.mime import BadHeader

logger = logging.getLogger(__name__)

TEST_MARK = "[Test] "


def run(errand_id: int, clock: Callable[[], datetime]) -> None:
    """Do it once: whoever changes `waiting` to `running` does it, a second worker finds nothing."""
    now = clock()
    with write_transaction() as session:
        errand = session.get(Errand, errand_id, populate_existing=True, with_for_update=True)
        if errand is None or errand.state != "waiting":
            return
        room = _room(session, errand, now)
        if room.free == 0:
            errand.state, errand.answer, errand.ended_at = "failed", _full(room, now), now
            return
        errand.state = "running"
    try:
        answer, detail = KINDS[errand.kind](errand.payload, now)
        _close(errand_id, "done", answer, detail, clock())
    except ProviderError as error:
        logger.info("errand %s: %s %s", errand_id, error.outcome, error.code)
        _close(errand_id, "failed", reason(error.code).text, error.detail, clock())


def _room(session: Session, errand: Errand, now: datetime) -> Allowance:
    """Whether the account's limits have a place for it; a connection check needs none."""
    if errand.kind != limits.TEST_MAIL:
        return Allowance(None)
    account_id = session.get_one(Draft, errand.payload["draft_id"]).account_id
    return limits.free_now(session, account_id, now) if account_id else Allowance(None)


def _full(room: Allowance, now: datetime) -> str:
    what = {"per_hour": "Stundenlimit", "per_quarter_hour": "15-Minuten-Limit"}[room.code]
    return f"Bitte ab {clock_words(room.until or now)} Uhr noch einmal senden. Das {what} des E-Mail-Kontos ist erreicht."


def _close(errand_id: int, state: str, answer: str, detail: str, now: datetime) -> None:
    with write_transaction() as session:
        session.execute(
            update(Errand).where(Errand.id == errand_id).values(state=state, answer=answer, detail=detail, ended_at=now)
        )


def check_account(payload: dict[str, int], _now: datetime) -> tuple[str, str]:
    """Connect, encrypt and log in; nothing is sent."""
    settings = accounts.smtp_settings(db.session.get_one(MailAccount, payload["account_id"]))
    db.session.commit()
    connection = SmtpConnection(settings)
    try:
        connection.open()
    finally:
        connection.close()
    return "Die Verbindung steht, die Anmeldung wurde angenommen.", ""


def send_test_mail(payload: dict[str, object], now: datetime) -> tuple[str, str]:
    """The draft as it is saved, with one recipient's values, to the typed address."""
    session = db.session()
    draft = session.get_one(Draft, payload["draft_id"], populate_existing=True)
    account = session.get_one(MailAccount, draft.account_id)
    mail = staging.compiled(session, draft)
    rows = values_for_draft(session, draft.id, mail.macro_names | {staging.NAME}, now, recipient_ids=[payload["recipient_id"]])
    _, values = next(iter(rows))
    sender = Sender(account.sender_name, account.sender_address, account.reply_to)
    writer = MailWriter(mail, sender, draft.purpose, accounts.files_of(draft.id), subject_mark=TEST_MARK)
    settings = accounts.smtp_settings(account)
    session.commit()
    reference = f"<{secrets.token_hex(16)}@{sender.address.rpartition('@')[2]}>"
    try:
        content = writer.write(values, "", str(payload["to"]), reference, now)
    except (BadHeader, UnicodeError) as error:
        raise RejectedError("bad_header", type(error).__name__) from error
    connection = SmtpConnection(settings)
    try:
        receipt = connection.send(Envelope(sender.address, str(payload["to"]), content))
    finally:
        connection.close()
    return f"Die Test-E-Mail an {payload['to']} ist dem Mailserver übergeben.", receipt.detail


KINDS: dict[str, Callable[[dict, datetime], tuple[str, str]]] = {"check_account": check_account, "test_mail": send_test_mail}
