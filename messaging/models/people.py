"""Persons (patients and prospects), their search words and their consent history."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from messaging.models.store import ByteString, db

PUT_AWAY = "archived_at IS NOT NULL OR converted_to_id IS NOT NULL"


class Person(db.Model):
    """A patient or a prospect. Typed numbers and addresses stand beside their checked form; the check reads the checked form."""

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("kind", "number"),
        Index("ix_person_kind_sort", "kind", "sort_key", "id"),
        Index("ix_person_sort", "sort_key", "id"),
        Index("ix_person_birth", "birth_date"),
        Index("ix_person_city", "city"),
        #: the few that lists leave out, so that a list is counted without reading its rows
        Index("ix_person_put_away", "kind", sqlite_where=text(PUT_AWAY), postgresql_where=text(PUT_AWAY)),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    number: Mapped[str]
    #: "Herr", "Frau", "divers" or "" (unknown)
    form_of_address: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(default="")
    first_name: Mapped[str] = mapped_column(default="")
    name_prefix: Mapped[str] = mapped_column(default="")
    last_name: Mapped[str] = mapped_column(default="")
    #: an individual Briefanrede; wins over every rule
    letter_salutation: Mapped[str] = mapped_column(default="")
    guardian: Mapped[str] = mapped_column(default="")
    birth_date: Mapped[date | None]
    street: Mapped[str] = mapped_column(default="")
    address_extra: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    phone_e164: Mapped[str] = mapped_column(default="")
    mobile: Mapped[str] = mapped_column(default="")
    mobile_e164: Mapped[str] = mapped_column(default="")
    #: the field "SMS" of the master data: the number reminders go to
    sms: Mapped[str] = mapped_column(default="")
    sms_e164: Mapped[str] = mapped_column(default="")
    #: code of domain.phone when an SMS to `sms` is not possible, else ""
    sms_problem: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    email_normalized: Mapped[str] = mapped_column(default="")
    #: code of domain.email_address when `email` is typed but unusable, else ""
    email_problem: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    deceased: Mapped[bool] = mapped_column(default=False)
    archived_at: Mapped[datetime | None]
    blocked_at: Mapped[datetime | None]
    blocked_reason: Mapped[str] = mapped_column(default="")
    converted_to_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    #: German dictionary order (domain.folding.sort_key)
    sort_key: Mapped[str] = mapped_column(ByteString, default="")
    #: all folded search words, each with a blank before it: one LIKE per typed word
    search_text: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    #: counts edits, so that a form cannot overwrite a newer state unseen
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads this class attribute)


class PersonWord(db.Model):
    """One folded search word of one person; a typed prefix is one index range."""

    __tablename__ = "person_word"
    __table_args__ = (Index("ix_person_word_person", "person_id"), {"sqlite_with_rowid": False})

    word: Mapped[str] = mapped_column(ByteString, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)


class Consent(db.Model):
    """One entry of "Kontakt erlaubt". Append-only: nothing here is ever changed or deleted, the latest id per key decides."""

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_latest", "person_id", "channel", "purpose", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    channel: Mapped[str]
    purpose: Mapped[str]
    status: Mapped[str]
    #: the address (e-mail) or E.164 number it was given for; "" for letters
    target: Mapped[str] = mapped_column(default="")
    source: Mapped[str]
    proof: Mapped[str] = mapped_column(default="")
    given_on: Mapped[date | None]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("user.id"))


class BadAddress(db.Model):
    """An address refused for good. From the second refusal on it is red in the check window until a person clears it."""

    __tablename__ = "bad_address"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 (SQLAlchemy reads this class attribute)

    #: e-mail address or E.164 number
    address: Mapped[str] = mapped_column(primary_key=True)
    refusals: Mapped[int] = mapped_column(default=0)
    last_refused_at: Mapped[datetime]
