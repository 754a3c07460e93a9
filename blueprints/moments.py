"""A day and a time typed into a form become a moment, and a moment the values of a form. Whether it may be chosen is a rule.

A button named `when` means typed fields ("later"), or names its moment exactly (ISO with zone), whatever the fields say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from messaging.domain.calendar_de import local, utc_from_local
from messaging.domain.errors import DomainError, Problem
from messaging.domain.quiet_hours import quiet_time

NO_MOMENT = Problem("no_moment", "Tag oder Uhrzeit fehlen.", "Bitte geben Sie beide an.")
IN_THE_PAST = Problem("in_the_past", "Dieser Zeitpunkt ist schon vorbei.", "Bitte wählen Sie einen späteren.")


TYPED = ("", "later")


@dataclass(frozen=True)
class QuietChoice:
    """A typed moment at which messages disturb, and why; a person chooses it all the same, or the one that is offered."""

    sentence: str
    chosen: datetime
    offered: datetime


def wanted_moment(form: Mapping[str, str], now: datetime) -> datetime:
    """The moment in the future that was typed or that a button names, aware UTC. Raises DomainError for anything else."""
    named = form.get("when", "")
    try:
        moment = typed_moment(form) if named in TYPED else named_moment(named)
    except (ValueError, OverflowError) as missing:
        raise DomainError(NO_MOMENT) from missing
    if moment <= now:
        raise DomainError(IN_THE_PAST)
    return moment


def typed_moment(form: Mapping[str, str]) -> datetime:
    day, at = date.fromisoformat(form.get("date", "")), time.fromisoformat(form.get("time", ""))
    return utc_from_local(day, at.replace(tzinfo=None))


def named_moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a button names its moment with its zone")
    return moment.astimezone(UTC)


def quiet_choice(form: Mapping[str, str], purpose: str, moment: datetime) -> QuietChoice | None:
    """What to ask before a typed moment is taken. Whoever pressed a button that names its moment has been asked."""
    quiet = quiet_time(purpose, moment) if form.get("when", "") in TYPED else None
    return QuietChoice(quiet.sentence, moment, quiet.until) if quiet else None


def typed_or(form: Mapping[str, str], offered: datetime | None, now: datetime) -> dict[str, str]:
    """What the fields show: what was typed, else the offered moment, else nothing; and today, before which nothing can be."""
    here = local(offered) if offered else None
    return {
        "date": form.get("date", here.date().isoformat() if here else ""),
        "time": form.get("time", f"{here:%H:%M}" if here else ""),
        "today": local(now).date().isoformat(),
    }
