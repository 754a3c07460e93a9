"""When nobody wants mail from a practice: 20 to 8 o'clock and Sundays, for everything but reminders. Pure; offers a time,
forbids nothing.

A custom of the field, not a law.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from messaging.domain.calendar_de import local, utc_from_local
from messaging.domain.words import Purpose

BEGINS, ENDS = time(20, 0), time(8, 0)
SUNDAY = 6


@dataclass(frozen=True, slots=True)
class QuietTime:
    """Why a moment is quiet ("night" | "sunday") and the next moment that is not, aware UTC."""

    code: str
    until: datetime

    @property
    def sentence(self) -> str:
        return QUIET_SENTENCES[self.code]


QUIET_SENTENCES = {
    "night": "Zwischen 20 und 8 Uhr stören Nachrichten.",
    "sunday": "Sonntags stören Nachrichten.",
}


def quiet_time(purpose: str, moment: datetime) -> QuietTime | None:
    """Whether a message of this purpose would disturb at this moment; None when it would not. `moment` is aware."""
    if purpose == Purpose.APPOINTMENT:
        return None
    here = local(moment)
    if here.weekday() == SUNDAY:
        return QuietTime("sunday", _next_waking(here))
    if here.time() >= BEGINS or here.time() < ENDS:
        return QuietTime("night", _next_waking(here))
    return None


def evening_within(purpose: str, begin: datetime, end: datetime) -> datetime | None:
    """The evening that a send which begins by day does not get done before; None if it does, or begins in the quiet itself."""
    if purpose == Purpose.APPOINTMENT or quiet_time(purpose, begin):
        return None
    evening = utc_from_local(local(begin).date(), BEGINS)
    return evening if end > evening else None


def _next_waking(here: datetime) -> datetime:
    """The next 8 o'clock that is not on a Sunday."""
    day = here.date() if here.time() < ENDS else here.date() + timedelta(days=1)
    if day.weekday() == SUNDAY:
        day += timedelta(days=1)
    return utc_from_local(day, ENDS)
