"""Loads the facts of `RecipientCheck` for many recipients in one query. The check window, staging and hand-over all load here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, FromClause, Row, Select, Subquery, and_, case, func, literal, select
from sqlalchemy.orm import Session, aliased

from messaging.domain.recipient_check import REFUSALS_TO_REMEMBER, CheckFacts
from messaging.domain.words import Channel
from messaging.models import Appointment, BadAddress, Consent, Person

#: Columns beyond the facts that lists show beside a verdict.
NAME_COLUMNS = (Person.title, Person.first_name, Person.name_prefix, Person.last_name, Person.form_of_address)


def load(connection: Connection | Session, source: Subquery, channel: str, purpose: str) -> Iterator[tuple[Any, CheckFacts]]:
    """Facts for every row of `source`, which has the columns `key`, `person_id` and `appointment_id`;

    yields (key, facts) in its order of `key`.
    """
    for row in connection.execute(facts_query(source, channel, purpose)):
        yield row.key, facts_of(row)


def facts_query(source: Subquery | FromClause, channel: str, purpose: str) -> Select[Any]:
    """The query behind `load`; callers may add columns and conditions."""
    latest = aliased(Consent)
    address, typed = _address_columns(Channel(channel))
    return (
        select(
            source.c.key,
            address.label("address"),
            typed.label("address_typed"),
            Person.deceased,
            Person.blocked_at,
            Person.archived_at,
            Person.converted_to_id,
            BadAddress.address.is_not(None).label("address_refused"),
            latest.status.label("consent_status"),
            latest.target.label("consent_target"),
            Appointment.status.label("appointment_status"),
            Appointment.starts_at.label("appointment_start"),
            (Appointment.person_id != source.c.person_id).label("appointment_of_other"),
        )
        .select_from(source)
        .join(Person, Person.id == source.c.person_id)
        .outerjoin(Appointment, Appointment.id == source.c.appointment_id)
        .outerjoin(latest, latest.id == _latest_consent(channel, purpose))
        .outerjoin(BadAddress, and_(BadAddress.address == address, BadAddress.refusals >= REFUSALS_TO_REMEMBER, address != ""))
        .order_by(source.c.key)
    )


def facts_of(row: Row[Any]) -> CheckFacts:
    """One row of `facts_query` as the rule wants it."""
    return CheckFacts(
        address=row.address,
        address_typed=bool(row.address_typed),
        address_refused=bool(row.address_refused),
        deceased=row.deceased,
        blocked=row.blocked_at is not None,
        archived=row.archived_at is not None,
        converted=row.converted_to_id is not None,
        consent_status=row.consent_status or "",
        consent_target=row.consent_target or "",
        appointment_status=row.appointment_status,
        appointment_start=row.appointment_start,
        appointment_of_other=bool(row.appointment_of_other),
    )


def _latest_consent(channel: str, purpose: str) -> Any:
    entry = aliased(Consent)
    mine = and_(entry.person_id == Person.id, entry.channel == channel, entry.purpose == purpose)
    return select(func.max(entry.id)).where(mine).correlate(Person).scalar_subquery()


def _address_columns(channel: Channel) -> tuple[Any, Any]:
    """(usable address or "", whether anything is entered) for a channel."""
    if channel is Channel.EMAIL:
        return Person.email_normalized, Person.email != ""
    if channel is Channel.SMS:
        return case((Person.sms_problem == "", Person.sms_e164), else_=""), Person.sms != ""
    complete = and_(Person.street != "", Person.postcode != "", Person.city != "")
    return case((complete, Person.postcode), else_=""), literal(True)
