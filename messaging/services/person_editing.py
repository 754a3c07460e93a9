"""Master data changed by people: new persons, edits that notice each other, contact block, death, archive.

The checked columns and the search words come from `person_fields`; permissions that follow from the field SMS from `consents`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from messaging.domain import person_rules
from messaging.domain.calendar_de import date_words, local
from messaging.domain.errors import DomainError, Problem
from messaging.domain.form_errors import refuse
from messaging.domain.person_rules import FIELD_LABELS, NO_NUMBER, NUMBER_TAKEN, SEVERAL_LINES
from messaging.domain.words import Channel, ConsentStatus, PersonKind
from messaging.importers import cells
from messaging.models import Person, Practice, db, write_transaction
from messaging.services import audit, consents, import_batches, person_fields
from messaging.services.person_record import typed_fields

#: Numbers that the program gives to people who have none in the practice program.
OWN_NUMBER = "PP-"

STALE = Problem(
    "person_stale",
    "Diese Karteikarte wurde inzwischen von jemand anderem geändert. Ihre Eingaben stehen noch hier.",
    "Bitte vergleichen Sie beides und speichern Sie dann.",
)
UNKNOWN = Problem("person_unknown", "Diese Person gibt es nicht.", "Bitte suchen Sie sie noch einmal.")
NO_BLOCK_REASON = Problem("block_no_reason", "Wer die Sperre später sieht, muss sie verstehen.", "Bitte den Grund eintragen.")
BLOCK_REASON_LONG = Problem("block_reason_long", "Es passen 200 Zeichen.", "Bitte kürzer fassen.")


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of saving. `reminders_on`: the field SMS wrote a permission; `unpermitted`: new addresses without any."""

    person_id: int
    changed: bool
    reminders_on: bool = False
    unpermitted: tuple[Channel, ...] = ()


def texts_of(fields: Mapping[str, Any]) -> dict[str, str]:
    """Stored master data as a form shows them."""
    return {name: date_words(value) if isinstance(value, date) else value or "" for name, value in fields.items()}


def clean(texts: Mapping[str, str]) -> dict[str, str]:
    """Typed texts without double blanks and control characters; every field is there."""
    return {
        name: (cells.clean_lines if name in SEVERAL_LINES else cells.clean)(texts.get(name, ""))
        for name in person_rules.FIELD_LABELS
    }


def read_fields(texts: Mapping[str, str], now: datetime) -> tuple[dict[str, Any], dict[str, Problem]]:
    """Cleaned texts as fields, and the problems of those that could not be read."""
    fields: dict[str, Any] = dict(texts)
    born, problem = cells.read_birth_date(texts["birth_date"], local(now).date()) if texts["birth_date"] else (None, None)
    fields["birth_date"] = born
    return fields, {"birth_date": problem} if problem else {}


def create(kind: str, texts: Mapping[str, str], user_id: int, now: datetime) -> Saved:
    """Make a person. Raises FormRefused."""
    fields, problems = read_fields(clean(texts), now)
    problems |= person_rules.problems_of(fields, FIELD_LABELS)
    with write_transaction() as session:
        fields["number"] = fields["number"] or _next_number(session, kind)
        if _has_number(session, kind, fields["number"], None):
            problems["number"] = NUMBER_TAKEN
        refuse(problems)
        person = Person(kind=PersonKind(kind), created_at=now, updated_at=now, **fields, **person_fields.derived(fields))
        session.add(person)
        person_fields.index_person(session, person)
        audit.record(session, now, user_id, "person_created", "person", person.id)
        return _with_permissions(session, person, ("", ""), user_id, now)


def change(person_id: int, version: int, texts: Mapping[str, str], user_id: int, now: datetime) -> Saved:
    """Save an edit that began at `version`. Raises FormRefused, or DomainError(STALE) when the record is newer."""
    fields, problems = read_fields(clean(texts), now)
    with write_transaction() as session:
        person = locked(session, person_id)
        if person.version != version:
            raise DomainError(STALE)
        before = typed_fields(person)
        changed = {name for name in FIELD_LABELS if fields[name] != before[name]}
        refuse({**person_rules.problems_of(fields, changed), **_number_problem(session, person, fields), **problems})
        if not changed:
            return Saved(person_id, changed=False)
        addresses = (person.email_normalized, _sms_number(person))
        _store(session, person, fields, changed, now)
        audit.record(session, now, user_id, "person_changed", "person", person_id, **dict.fromkeys(sorted(changed), 1))
        return _with_permissions(session, person, addresses, user_id, now)


def same_person(fields: Mapping[str, Any]) -> list[tuple[int, str]]:
    """(id, number) of people with this name and no other birth date, for a question before a second record is made."""
    key = person_fields.derived(fields)["sort_key"]
    born = fields.get("birth_date")
    query = select(Person.id, Person.number).where(Person.sort_key == key).order_by(Person.id).limit(5)
    if born:
        query = query.where(or_(Person.birth_date == born, Person.birth_date.is_(None)))
    return [tuple(row) for row in db.session.execute(query)]


def block(person_id: int, reason: str, user_id: int, now: datetime) -> None:
    """Set the contact block: nobody writes to this person any more. An empty reason raises DomainError."""
    words = cells.clean(reason)
    if not words or len(words) > person_rules.LONGEST:
        raise DomainError(BLOCK_REASON_LONG if words else NO_BLOCK_REASON)
    _mark(person_id, user_id, now, blocked_at=now, blocked_reason=words)


def block_again(person_id: int, user_id: int, now: datetime) -> None:
    """Take back that a block was lifted; its reason is still there."""
    _mark(person_id, user_id, now, blocked_at=now)


def unblock(person_id: int, user_id: int, now: datetime) -> None:
    _mark(person_id, user_id, now, blocked_at=None)


def set_deceased(person_id: int, deceased: bool, user_id: int, now: datetime) -> None:
    _mark(person_id, user_id, now, deceased=deceased)


def set_archived(person_id: int, archived: bool, user_id: int, now: datetime) -> None:
    _mark(person_id, user_id, now, archived_at=now if archived else None)


def locked(session: Session, person_id: int) -> Person:
    """The person as it is stored now, held until the transaction ends. Raises DomainError if there is none."""
    import_batches.let_batch_pass(session)
    person = session.get(Person, person_id, populate_existing=True, with_for_update=True)
    if person is None:
        raise DomainError(UNKNOWN)
    return person


def _mark(person_id: int, user_id: int, now: datetime, **values: Any) -> None:
    with write_transaction() as session:
        person = locked(session, person_id)
        for name, value in values.items():
            setattr(person, name, value)
        person.updated_at = now
        codes = {name: int(bool(value)) for name, value in values.items()}
        audit.record(session, now, user_id, "person_marked", "person", person_id, **codes)


def _store(session: Session, person: Person, fields: Mapping[str, Any], changed: set[str], now: datetime) -> None:
    for name in changed:
        setattr(person, name, fields[name])
    for name, value in person_fields.derived(fields).items():
        setattr(person, name, value)
    person.updated_at = now
    if changed & set(person_fields.SEARCHED_FIELDS):
        person_fields.index_person(session, person)
    session.flush()


def _with_permissions(session: Session, person: Person, before: tuple[str, str], user_id: int, now: datetime) -> Saved:
    """What new addresses mean: reminders by SMS go on if the practice wants that, everything else needs an entry."""
    session.flush()
    new_email, new_number = _if_new(person.email_normalized, before[0]), _if_new(_sms_number(person), before[1])
    reminders_on = bool(
        new_number and _grants_consent(session) and consents.record_sms_field(session, now, person.id, new_number, user_id)
    )
    said_yes = {key[0] for key, entry in consents.latest(person.id).items() if entry.status == ConsentStatus.YES}
    fresh = {Channel.EMAIL: new_email, Channel.SMS: new_number}
    unpermitted = tuple(channel for channel, address in fresh.items() if address and channel not in said_yes)
    return Saved(person.id, changed=True, reminders_on=reminders_on, unpermitted=unpermitted)


def _if_new(address: str, before: str) -> str:
    return address if address != before else ""


def _sms_number(person: Person) -> str:
    return "" if person.sms_problem else person.sms_e164


def _grants_consent(session: Session) -> bool:
    practice = session.get(Practice, 1)
    return practice is None or practice.sms_field_grants_consent


def _number_problem(session: Session, person: Person, fields: Mapping[str, Any]) -> dict[str, Problem]:
    number = fields["number"]
    if not number:
        return {"number": NO_NUMBER}
    return {"number": NUMBER_TAKEN} if _has_number(session, person.kind, number, person.id) else {}


def _has_number(session: Session, kind: str, number: str, but: int | None) -> bool:
    owner = session.scalar(select(Person.id).where(Person.kind == kind, Person.number == number))
    return owner is not None and owner != but


def _next_number(session: Session, kind: str) -> str:
    """The next number of ours: PP-1, PP-2 … Others may look like one (PP-², PP-1a) or have zeros before it (PP-007)."""
    ours = session.scalars(select(Person.number).where(Person.kind == kind, Person.number.like(f"{OWN_NUMBER}%")))
    behind = (number[len(OWN_NUMBER) :] for number in ours)
    taken = max((int(digits) for digits in behind if digits.isascii() and digits.isdecimal()), default=0)
    return f"{OWN_NUMBER}{taken + 1}"
