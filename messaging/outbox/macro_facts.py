"""Loads what macros are filled with, for many recipients of a draft in one query. The preview and staging both load here.

Which value a macro has is decided in `domain.macro_values`; here rows only become facts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, select
from sqlalchemy.orm import Session

from messaging.domain.facts import AppointmentFacts, PersonFacts, PracticeFacts
from messaging.domain.macro_values import values_for
from messaging.models import Appointment, Person, Practice, Recipient

#: What a text may name of a person; the rest of the master data never gets near a text.
PERSON_COLUMNS = (
    Person.id, Person.kind, Person.number, Person.form_of_address, Person.title, Person.first_name, Person.name_prefix,
    Person.last_name, Person.letter_salutation, Person.guardian, Person.birth_date, Person.street, Person.address_extra,
    Person.postcode, Person.city, Person.country, Person.phone, Person.mobile, Person.sms,
    case((Person.sms_problem == "", Person.sms_e164), else_=""), Person.email, Person.email_normalized,
)  # fmt: skip
APPOINTMENT_COLUMNS = (Appointment.id, Appointment.starts_at, Appointment.type, Appointment.practitioner, Appointment.location)
_APPOINTMENT_AT = 1 + len(PERSON_COLUMNS)
_ADDED_AT = _APPOINTMENT_AT + len(APPOINTMENT_COLUMNS)


def values_for_draft(
    session: Session,
    draft_id: int,
    names: Collection[str],
    now: datetime,
    recipient_ids: Sequence[int] | None = None,
    only: ColumnElement[bool] | None = None,
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (recipient id, value of each macro in `names`) in the order of the draft's list.

    `names` are canonical names of known macros (`CompiledMail.macro_names`); the signature is part of the text, never a value.
    `recipient_ids` narrows to a page (at most 500), `only` to a condition on `Recipient`. An empty value is "". `now` decides
    what "Heute" says and who is of age.
    """
    for row, values in filled_rows(session, facts_query(draft_id, recipient_ids, only), names, now):
        yield row[0], values


def filled_rows(
    session: Session, query: Select[Any], names: Collection[str], now: datetime
) -> Iterator[tuple[Row[Any], dict[str, str]]]:
    """Each row of a `facts_query` with its values. Columns that were added to it are of the same moment as the values."""
    practice = practice_facts(session)
    wanted = tuple(names)
    for row in session.execute(query).yield_per(1000):
        yield row, values_for(person_facts(row), appointment_facts(row), practice, "", now, names=wanted)


def has_appointments(session: Session, draft_id: int) -> bool:
    """Whether any recipient of the draft comes from an appointment."""
    found = select(Recipient.id).where(Recipient.draft_id == draft_id, Recipient.appointment_id.is_not(None)).limit(1)
    return session.scalar(found) is not None


def facts_query(draft_id: int, recipient_ids: Sequence[int] | None, only: ColumnElement[bool] | None) -> Select[Any]:
    """One row per recipient: its id, its person's columns, its appointment's columns (all None without one).

    Callers may add columns.
    """
    query = (
        select(Recipient.id, *PERSON_COLUMNS, *APPOINTMENT_COLUMNS)
        .join(Person, Person.id == Recipient.person_id)
        .outerjoin(Appointment, Appointment.id == Recipient.appointment_id)
        .where(Recipient.draft_id == draft_id)
        .order_by(Recipient.position)
    )
    if recipient_ids is not None:
        query = query.where(Recipient.id.in_(recipient_ids))
    return query if only is None else query.where(only)


def person_facts(row: Row[Any]) -> PersonFacts:
    """The person of one row of `facts_query`; the order of PERSON_COLUMNS is that of the fields."""
    return PersonFacts(*row[1:_APPOINTMENT_AT])


def appointment_facts(row: Row[Any]) -> AppointmentFacts | None:
    """The appointment of one row, None for a recipient without one."""
    if row[_APPOINTMENT_AT] is None:
        return None
    id_, starts_at, type_, practitioner, location = row[_APPOINTMENT_AT:_ADDED_AT]
    return AppointmentFacts(id_, starts_at, type=type_, practitioner=practitioner, location=location)


def practice_facts(session: Session) -> PracticeFacts:
    """The practice as texts name it; all empty before it was entered."""
    practice = session.get(Practice, 1)
    if practice is None:
        return PracticeFacts()
    return PracticeFacts(
        name=practice.name,
        phone=practice.phone,
        street=practice.street,
        postcode=practice.postcode,
        city=practice.city,
        professor_form=practice.professor_form,
    )
