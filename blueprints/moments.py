"""A day and a time typed into a form become a moment, and a moment the values of a form. Whether it may be chosen is a rule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time

from messaging.domain.calendar_de import local, utc_from_local
from messaging.domain.errors import DomainError, Problem

NO_MOMENT = Problem("no_moment", "Tag oder Uhrzeit fehlen.", "Bitte geben Sie beide an.")
IN_THE_PAST = Problem("in_the_past", "Dieser Zeitpunkt ist schon vorbei.", "Bitte wählen Sie einen späteren.")


def wanted_moment(form: Mapping[str, str], now: datetime) -> datetime:
    """The typed day and time of the practice as a moment in the future, aware UTC. Raises DomainError for anything else."""
    try:
        day, at = date.fromisoformat(form.get("date", "")), time.fromisoformat(form.get("time", ""))
    except ValueError as missing:
        raise DomainError(NO_MOMENT) from missing
    moment = utc_from_local(day, at.replace(tzinfo=None))
    if moment <= now:
        raise DomainError(IN_THE_PAST)
    return moment


def typed_or(form: Mapping[str, str], offered: datetime | None, now: datetime) -> dict[str, str]:
    """What the fields show: what was typed, else the offered moment, else nothing; and today, before which nothing can be."""
    here = local(offered) if offered else None
    return {
        "date": form.get("date", here.date().isoformat() if here else ""),
        "time": form.get("time", f"{here:%H:%M}" if here else ""),
        "today": local(now).date().isoformat(),
    }
