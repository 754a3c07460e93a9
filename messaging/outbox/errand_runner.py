"""Carries out errands: checks an account's connection, sends a test mail. The answer is a German sentence in the errand's row.

A test mail goes to the typed address only and is filled with one recipient's values. It belongs to no dispatch, but it takes a
place in the account's limits like every other mail. Whatever happens, an errand that was begun is closed: somebody waits for it.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from messaging.domain.calendar_de import clock_words
from messaging.domain.errors import DomainError, Problem
from messaging.domain.reasons import reason
from messaging.domain.sending_limits import Allowance
from messaging.models import Draft, Errand, MailAccount, Recipient, db, write_transaction
from messaging.outbox import accounts, limits, staging
from messaging.outbox.limits import TEST_MAIL
from messaging.outbox.macro_facts import values_for_draft
from messaging.providers.results import Envelope, Outcome, ProviderError, RejectedError
from messaging.providers.smtp import SmtpConnection, SmtpSettings
from messaging.rendering.email import MailWriter, Sender
from messaging.rendering.mime import BadHeader

logger = logging.getLogger(__name__)

TEST_MARK = "[Test] "

DRAFT_GONE = Problem("errand_draft_gone", "Den Entwurf dieser Test-E-Mail gibt es nicht mehr.", "Bitte einen Entwurf öffnen.")
RECIPIENT_GONE = Problem(
    "errand_recipient_gone", "Der gewählte Empfänger steht nicht mehr in der Liste.", "Bitte einen anderen wählen."
)
ACCOUNT_GONE = Problem("errand_account_gone", "Das E-Mail-Konto gibt es nicht mehr.", "Bitte ein anderes wählen.")
LIMIT_NAMES = {"per_hour": "Stundenlimit", "per_quarter_hour": "15-Minuten-Limit"}


@dataclass(frozen=True, slots=True)
class Ending:
    """How an errand ends. `outcome` (providers.results) says whether a test mail may be at its reader's; "" = it cannot be."""

    state: str
    answer: str
    detail: str = ""
    outcome: str = ""


Row = TypeVar("Row")
#: The second half of an errand: what touches the network.
Act = Callable[[], Ending]
Connect = Callable[[SmtpSettings], SmtpConnection]


@dataclass(frozen=True, slots=True)
class Kind:
    """What to do, in two halves, and how an errand ends that broke off in the first or, perhaps, in the second."""

    prepare: Callable[[Mapping[str, Any], datetime, Connect], Act]
    undone: Ending
    in_doubt: Ending


def run(errand_id: int, clock: Callable[[], datetime], connect: Connect = SmtpConnection) -> None:
    """Do it once: whoever changes `waiting` to `running` does it, a second worker finds nothing."""
    errand = take(errand_id, clock())
    if errand is None:
        return
    kind = KINDS[errand.kind]
    ending = kind.undone
    try:
        act = kind.prepare(errand.payload, clock(), connect)
        ending = kind.in_doubt
        ending = act()
    except DomainError as error:
        ending = Ending("failed", error.problem.text)
    except ProviderError as error:
        logger.info("errand %s: %s %s", errand_id, error.outcome, error.code)
        ending = Ending("failed", reason(error.code).text, error.detail, error.outcome)
    except Exception as error:
        logger.error("errand %s broke off: %s", errand_id, type(error).__name__)
        raise
    finally:
        close(errand_id, ending, clock())


def close_lost(taken_before: datetime, now: datetime) -> None:
    """Running errands whose worker must be gone, because no job may take so long: what came of them nobody knows."""
    for errand in db.session.scalars(select(Errand).where(Errand.state == "running").order_by(Errand.id)).all():
        if taken_at(errand) < taken_before:
            logger.warning("errand %s lost its worker", errand.id)
            close(errand.id, KINDS[errand.kind].in_doubt, now)
    db.session.commit()


def taken_at(errand: Errand) -> datetime:
    """When a worker took it; before that, when it was asked for."""
    noted = errand.payload.get("taken_at")
    return datetime.fromisoformat(noted) if noted else errand.created_at


def take(errand_id: int, now: datetime) -> Errand | None:
    """The errand, now ours; None when there is nothing to do. One that cannot be done is closed at once."""
    with write_transaction() as session:
        errand = session.get(Errand, errand_id, populate_existing=True, with_for_update=True)
        if errand is None or errand.state != "waiting":
            return None
        try:
            account_id = _account_id(session, errand)
            if errand.kind == TEST_MAIL:
                _require_room(limits.free_now(session, account_id, now), now)
        except DomainError as refusal:
            errand.state, errand.answer, errand.ended_at = "failed", refusal.problem.text, now
            return None
        # From here on the draft may choose another account: this mail goes, and counts, over the one with the free place.
        errand.state, errand.payload = "running", errand.payload | {"account_id": account_id, "taken_at": now.isoformat()}
        return errand


def _account_id(session: Session, errand: Errand) -> int:
    account_id = errand.payload.get("account_id")
    if errand.kind == TEST_MAIL:
        draft = session.get(Draft, errand.payload["draft_id"], populate_existing=True)
        account_id = require(draft, DRAFT_GONE).account_id
    return require(session.get(MailAccount, account_id) if account_id else None, ACCOUNT_GONE).id


def require(row: Row | None, problem: Problem) -> Row:
    if row is None:
        raise DomainError(problem)
    return row


def _require_room(room: Allowance, now: datetime) -> None:
    if room.free == 0:
        cure = f"Bitte ab {clock_words(room.until or now)} Uhr noch einmal senden."
        raise DomainError(Problem("errand_limit", f"Das {LIMIT_NAMES[room.code]} des E-Mail-Kontos ist erreicht.", cure))


def close(errand_id: int, ending: Ending, now: datetime) -> None:
    """Only one that still runs: the first answer stands."""
    db.session.rollback()  # of whatever broke off
    with write_transaction() as session:
        errand = session.get(Errand, errand_id, populate_existing=True, with_for_update=True)
        if errand is not None and errand.state == "running":
            errand.state, errand.answer, errand.detail, errand.ended_at = ending.state, ending.answer, ending.detail, now
            errand.payload = errand.payload | {"outcome": ending.outcome}


def prepare_check(payload: Mapping[str, Any], _now: datetime, connect: Connect) -> Act:
    """Connect, encrypt and log in; nothing is sent."""
    account = require(db.session.get(MailAccount, payload["account_id"], populate_existing=True), ACCOUNT_GONE)
    connection = connect(accounts.smtp_settings(account))
    db.session.commit()

    def act() -> Ending:
        try:
            connection.open()
        finally:
            connection.close()
        return Ending("done", "Die Verbindung steht, die Anmeldung wurde angenommen.")

    return act


def prepare_test_mail(payload: Mapping[str, Any], now: datetime, connect: Connect) -> Act:
    """The draft as it is saved, with one recipient's values, to the typed address."""
    to = str(payload["to"])
    account = require(db.session.get(MailAccount, payload["account_id"], populate_existing=True), ACCOUNT_GONE)
    connection = connect(accounts.smtp_settings(account))
    envelope = Envelope(account.sender_address, to, _test_mail(payload, account, to, now))
    db.session.commit()

    def act() -> Ending:
        try:
            receipt = connection.send(envelope)
        finally:
            connection.close()
        return Ending("done", f"Die Test-E-Mail an {to} ist dem Mailserver übergeben.", receipt.detail, Outcome.ACCEPTED)

    return act


def _test_mail(payload: Mapping[str, Any], account: MailAccount, to: str, now: datetime) -> bytes:
    session = db.session()
    draft = require(session.get(Draft, payload["draft_id"], populate_existing=True), DRAFT_GONE)
    recipient = require(session.get(Recipient, payload["recipient_id"]), RECIPIENT_GONE)
    mail = staging.compiled(session, draft)
    names = mail.macro_names | {staging.NAME}
    _, values = next(iter(values_for_draft(session, draft.id, names, now, recipient_ids=[recipient.id])))
    sender = Sender(account.sender_name, account.sender_address, account.reply_to)
    writer = MailWriter(mail, sender, draft.purpose, accounts.files_of(draft.id), subject_mark=TEST_MARK)
    reference = f"<{secrets.token_hex(16)}@{sender.address.rpartition('@')[2]}>"
    try:
        return writer.write(values, "", to, reference, now)
    except (BadHeader, UnicodeError) as error:
        raise RejectedError("bad_header", type(error).__name__) from error


CHECK_BROKE_OFF = Ending("failed", "Bitte noch einmal prüfen. Die Prüfung wurde durch einen Fehler abgebrochen.")

KINDS: dict[str, Kind] = {
    "check_account": Kind(prepare_check, CHECK_BROKE_OFF, CHECK_BROKE_OFF),
    TEST_MAIL: Kind(
        prepare_test_mail,
        Ending("failed", "Bitte noch einmal senden. Die Test-E-Mail wurde nicht gesendet: Dabei ist ein Fehler aufgetreten."),
        Ending(
            "failed",
            "Bitte im Postfach nachsehen, ob die Test-E-Mail angekommen ist. Die Übergabe wurde abgebrochen; "
            "ob sie gesendet wurde, ist unklar.",
            outcome=Outcome.UNKNOWN,
        ),
    ),
}
