"""Kontakt erlaubt: what one person has said about being written to.

Entries are appended, never changed or deleted; the latest decides.

Whether a message may go is decided by `domain.recipient_check` over `outbox.check_facts`; here it is only asked. Imports write
their many entries themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby, product

from sqlalchemy import Integer, Select, cast, func, null, select
from sqlalchemy.orm import Session

from messaging.domain import consent_rules
from messaging.domain.calendar_de import date_words, local
from messaging.domain.consent_rules import NewConsent
from messaging.domain.form_errors import refuse
from messaging.domain.recipient_check import CheckFacts, RecipientCheck
from messaging.domain.words import Channel, ConsentSource, ConsentStatus, Purpose
from messaging.models import Consent, Person, User, db, write_transaction
from messaging.outbox import check_facts
from messaging.services import audit

Key = tuple[str, str]
EVERYTHING = tuple(product(Channel, Purpose))

ALL_WITHDRAWN = "Alles widerrufen"


@dataclass(frozen=True, slots=True)
class ConsentEntry:
    """One entry as pages show it. `recorded_by` is a user's shown name, "" if the program wrote it."""

    id: int
    person_id: int
    channel: str
    purpose: str
    status: str
    target: str
    source: str
    proof: str
    given_on: date | None
    recorded_at: datetime
    recorded_by_id: int | None
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Permission:
    """One channel and purpose now. `reason`: code of what stands against it, or ""; `entry`: the latest, if any."""

    channel: str
    purpose: str
    allowed: bool
    reason: str
    address: str
    entry: ConsentEntry | None

    @property
    def is_for_former_address(self) -> bool:
        yes = self.entry is not None and self.entry.status == ConsentStatus.YES
        return yes and self.channel != Channel.LETTER and bool(self.address) and self.entry.target != self.address


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What "Alles widerrufen" wrote: how many entries, with ids after `after` and up to `until`; for the way back."""

    entries: int
    after: int
    until: int


@dataclass(frozen=True, slots=True)
class Act:
    """Entries that one press of a button wrote: `scopes` has (channel, address it was given for, purposes) in the usual order."""

    entry: ConsentEntry
    scopes: tuple[tuple[str, str, tuple[str, ...]], ...]


def record(
    session: Session,
    now: datetime,
    person_id: int,
    channel: str,
    purpose: str,
    status: str,
    source: str,
    target: str,
    proof: str = "",
    given_on: date | None = None,
    user_id: int | None = None,
) -> int:
    """Append one entry inside the caller's transaction and return its id. `target`: address or E.164 number, "" for letters."""
    entry = Consent(
        person_id=person_id,
        channel=Channel(channel),
        purpose=Purpose(purpose),
        status=ConsentStatus(status),
        source=ConsentSource(source),
        target=target,
        proof=proof,
        given_on=given_on,
        recorded_at=now,
        recorded_by_id=user_id,
    )
    session.add(entry)
    session.flush()
    codes = {"channel": entry.channel, "purpose": entry.purpose, "status": entry.status, "source": entry.source}
    audit.record(session, now, user_id, "consent_recorded", "person", person_id, **codes)
    return entry.id


def latest(person_id: int) -> dict[Key, ConsentEntry]:
    """(channel, purpose) -> the entry that decides; a pair without any entry is missing."""
    return _latest(_entries().where(Consent.person_id == person_id))


def history(person_id: int) -> list[ConsentEntry]:
    """Every entry of a person, the newest first."""
    return _read(_entries().where(Consent.person_id == person_id).order_by(Consent.id.desc()))


def acts(person_id: int) -> list[Act]:
    """The whole history, the newest first; what was said once for several channels and purposes is one act."""
    found = []
    for _, together in groupby(history(person_id), key=_said_once):
        entries = sorted(together, key=lambda entry: EVERYTHING.index((Channel(entry.channel), Purpose(entry.purpose))))
        by_channel = groupby(entries, key=lambda entry: (entry.channel, entry.target))
        scopes = tuple((*key, tuple(entry.purpose for entry in group)) for key, group in by_channel)
        found.append(Act(entries[0], scopes))
    return found


def _said_once(entry: ConsentEntry) -> tuple[object, ...]:
    return (entry.recorded_at, entry.recorded_by_id, entry.status, entry.source, entry.given_on, entry.proof)


def permissions(person_id: int, now: datetime) -> dict[Key, Permission]:
    """What is allowed now, for every channel and purpose."""
    entries, facts = latest(person_id), _facts(person_id)
    return {key: _permission(facts[key[0]], key, entries.get(key), now) for key in EVERYTHING}


def addresses(person_id: int) -> dict[Channel, str]:
    """The usable address, number or postcode of each channel; "" for none."""
    return {channel: facts.address for channel, facts in _facts(person_id).items()}


def target_of(channel: str, address: str) -> str:
    """What an entry is tied to: mail address and number; a letter goes wherever the person lives."""
    return "" if channel == Channel.LETTER else address


def record_answer(person_id: int, new: NewConsent, user_id: int, now: datetime) -> int:
    """Record one answer of the person for all its channels and purposes; how many entries it made.

    Raises FormRefused, also for a yes that was given beside another address than that of now.
    """
    with write_transaction() as session:
        usable = addresses(person_id)
        refuse(consent_rules.problems_of(new, usable, local(now).date()))
        chosen = [(channel, purpose) for channel, purpose in EVERYTHING if channel in new.channels and purpose in new.purposes]
        for channel, purpose in chosen:
            record(session, now, person_id, channel, purpose, new.status, new.source, target_of(channel, usable[channel]),
                   new.proof, new.given_on, user_id)  # fmt: skip
    return len(chosen)


def record_sms_field(session: Session, now: datetime, person_id: int, number: str, user_id: int | None) -> bool:
    """A mobile number was entered in the field SMS: switch reminders on, unless a no or a withdrawal stands. Whether it did."""
    before = latest(person_id).get((Channel.SMS, Purpose.APPOINTMENT))
    if not consent_rules.sms_field_opens(before.status if before else "", before.target if before else "", number):
        return False
    record(session, now, person_id, Channel.SMS, Purpose.APPOINTMENT, ConsentStatus.YES, ConsentSource.SMS_FIELD, number,
           given_on=local(now).date(), user_id=user_id)  # fmt: skip
    return True


def withdraw_all(person_id: int, user_id: int, now: datetime) -> Withdrawal:
    """Write a withdrawal for every channel and purpose, also where nothing was said yet: the next import must not open them."""
    with write_transaction() as session:
        after = session.scalar(select(func.max(Consent.id)).where(Consent.person_id == person_id)) or 0
        usable, entries = addresses(person_id), latest(person_id)
        open_keys = [key for key in EVERYTHING if key not in entries or entries[key].status != ConsentStatus.REVOKED]
        until = after
        for channel, purpose in open_keys:
            until = record(session, now, person_id, channel, purpose, ConsentStatus.REVOKED, ConsentSource.VERBAL,
                           target_of(channel, usable[channel]), ALL_WITHDRAWN, local(now).date(), user_id)  # fmt: skip
    return Withdrawal(len(open_keys), after, until)


def undo_withdrawal(person_id: int, after: int, until: int, user_id: int, now: datetime) -> int:
    """Append what was said before the entries (after, until], but not where a newer one stands. How many it wrote."""
    with write_transaction() as session:
        entries = latest(person_id)
        before = _latest(_entries().where(Consent.person_id == person_id, Consent.id <= after))
        withdrawn = [key for key, entry in entries.items() if _is_undoable(entry, after, until)]
        for key in withdrawn:
            _append_again(session, now, entries[key], before.get(key), user_id)
    return len(withdrawn)


def _is_undoable(entry: ConsentEntry, after: int, until: int) -> bool:
    return after < entry.id <= until and entry.status == ConsentStatus.REVOKED and entry.proof == ALL_WITHDRAWN


def _append_again(session: Session, now: datetime, withdrawn: ConsentEntry, old: ConsentEntry | None, user_id: int) -> None:
    """What was never said becomes "unbekannt": the history stays whole."""
    taken_back = f"Widerruf vom {date_words(local(withdrawn.recorded_at).date())} zurückgenommen."
    again = old or replace(withdrawn, status=ConsentStatus.UNKNOWN, proof="", given_on=None)
    record(session, now, withdrawn.person_id, again.channel, again.purpose, again.status, again.source, again.target,
           f"{taken_back} {again.proof}".strip(), again.given_on, user_id)  # fmt: skip


def _permission(facts: CheckFacts, key: Key, entry: ConsentEntry | None, now: datetime) -> Permission:
    channel, purpose = key
    said = {"consent_status": entry.status, "consent_target": entry.target} if entry else {}
    verdict = RecipientCheck(channel, purpose, now).verdict(replace(facts, **said))
    return Permission(channel, purpose, verdict.allowed, verdict.reason, verdict.address, entry)


def _facts(person_id: int) -> dict[Channel, CheckFacts]:
    """What the rule of permission must know of the person for each channel, without what was said."""
    nothing_said = {"consent_status": "", "consent_target": ""}
    loaded = {channel: check_facts.load(db.session(), _one(person_id), channel, Purpose.INFORMATION) for channel in Channel}
    return {channel: replace(next(rows)[1], **nothing_said) for channel, rows in loaded.items()}


def _one(person_id: int) -> check_facts.Subquery:
    source = select(Person.id.label("key"), Person.id.label("person_id"), cast(null(), Integer).label("appointment_id"))
    return source.where(Person.id == person_id).subquery()


def _entries() -> Select[tuple[Consent, str]]:
    name = func.coalesce(func.nullif(User.display_name, ""), User.name, "").label("recorded_by")
    return select(Consent, name).outerjoin(User, User.id == Consent.recorded_by_id)


def _latest(query: Select[tuple[Consent, str]]) -> dict[Key, ConsentEntry]:
    return {(entry.channel, entry.purpose): entry for entry in _read(query.order_by(Consent.id))}


def _read(query: Select[tuple[Consent, str]]) -> list[ConsentEntry]:
    return [_entry(row, name) for row, name in db.session.execute(query)]


def _entry(row: Consent, recorded_by: str) -> ConsentEntry:
    names = ("id", "person_id", "channel", "purpose", "status", "target", "source", "proof", "given_on", "recorded_at")
    return ConsentEntry(*(getattr(row, name) for name in names), row.recorded_by_id, recorded_by)
