"""Quiet hours: what is offered instead, and that reminders have none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.domain.calendar_de import BERLIN, local
from messaging.domain.quiet_hours import evening_within, quiet_time
from messaging.domain.words import Purpose


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "code", "until"),
    [
        ("2026-11-23T08:00", None, None),
        ("2026-11-23T19:59:59", None, None),
        ("2026-11-23T20:00", "night", "2026-11-24T08:00"),
        ("2026-11-24T07:59", "night", "2026-11-24T08:00"),
        # Saturday evening: Sunday is quiet too
        ("2026-11-28T21:00", "night", "2026-11-30T08:00"),
        ("2026-11-29T12:00", "sunday", "2026-11-30T08:00"),
        ("2026-11-29T03:00", "sunday", "2026-11-30T08:00"),
        # both clock changes are on Sundays
        ("2026-03-29T02:30", "sunday", "2026-03-30T08:00"),
        ("2026-10-25T02:30", "sunday", "2026-10-26T08:00"),
        ("2026-10-24T23:00", "night", "2026-10-26T08:00"),
    ],
)
def test_a_quiet_moment_names_its_reason_and_the_next_waking_hour(moment: str, code: str | None, until: str | None) -> None:
    found = quiet_time(Purpose.INFORMATION, berlin(moment))

    assert (found and found.code) == code
    assert (found and found.until) == (until and berlin(until))


def test_a_reminder_is_never_quiet() -> None:
    assert quiet_time(Purpose.APPOINTMENT, berlin("2026-11-29T03:00")) is None


@pytest.mark.parametrize(
    ("begin", "end", "evening"),
    [
        ("2026-11-23T19:00", "2026-11-23T20:00", None),
        ("2026-11-23T19:00", "2026-11-23T20:01", "2026-11-23T20:00"),
        # over the night: it ends by day again, but some of it went out in between
        ("2026-11-23T08:00", "2026-11-24T10:00", "2026-11-23T20:00"),
        # before the quiet Sunday comes the Saturday evening
        ("2026-11-28T12:00", "2026-11-29T12:00", "2026-11-28T20:00"),
        # whoever begins in the quiet has been told so already
        ("2026-11-23T22:00", "2026-11-23T23:00", None),
        ("2026-11-29T12:00", "2026-11-29T23:00", None),
    ],
)
def test_a_send_that_lasts_into_the_night_names_its_evening(begin: str, end: str, evening: str | None) -> None:
    assert evening_within(Purpose.INFORMATION, berlin(begin), berlin(end)) == (evening and berlin(evening))
    assert evening_within(Purpose.APPOINTMENT, berlin(begin), berlin(end)) is None


#: hypothesis wants its bounds without a zone and adds it itself
BOUNDS = {"min_value": datetime(2025, 1, 1), "max_value": datetime(2030, 1, 1)}  # noqa: DTZ001


@given(st.datetimes(**BOUNDS, timezones=st.just(UTC)))
def test_what_is_offered_is_later_and_not_quiet(moment: datetime) -> None:
    found = quiet_time(Purpose.RECALL, moment)

    if found is not None:
        assert found.until > moment
        assert quiet_time(Purpose.RECALL, found.until) is None
        assert local(found.until).hour == 8
