"""Appointments as the practice program has them; praxispost only reads and imports them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from messaging.models.store import db


class Appointment(db.Model):
    """One appointment of one person."""

    __tablename__ = "appointment"
    __table_args__ = (
        Index("ix_appointment_day", "local_date", "starts_at"),
        Index("ix_appointment_person", "person_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    #: the calendar day in Europe/Berlin
    local_date: Mapped[date]
    type: Mapped[str] = mapped_column(default="")
    practitioner: Mapped[str] = mapped_column(default="")
    location: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default="planned")
    updated_at: Mapped[datetime]
