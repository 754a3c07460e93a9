"""What follows from an answer of the provider: when it is tried again, when it is too late, when a person is asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.domain.calendar_de import BERLIN
from messaging.domain.delivery_rules import (
    RETRY_AFTER,
    after_temporary,
    held_up_too_long,
    reason_to_pause,
    useful_until,
)
from messaging.domain.states import MESSAGE_STEPS, MessageState, may_step
from messaging.domain.words import Purpose

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LAST = NOON + timedelta(days=1_500)
OTHERS = [purpose for purpose in Purpose if purpose is not Purpose.APPOINTMENT]


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def test_a_temporary_refusal_is_tried_again_after_five_minutes_flat() -> None:
    following = after_temporary("server_busy", NOON, NOON + timedelta(hours=4))

    assert (following.state, following.reason, following.at) == (
        MessageState.RETRYING,
        "server_busy",
        NOON + timedelta(minutes=5),
    )


@pytest.mark.parametrize(
    ("useful", "state"),
    [
        (RETRY_AFTER + timedelta(seconds=1), MessageState.RETRYING),
        (RETRY_AFTER, MessageState.RETRYING),
        (RETRY_AFTER - timedelta(seconds=1), MessageState.FAILED),
        (timedelta(0), MessageState.FAILED),
        (timedelta(hours=-3), MessageState.FAILED),
    ],
)
def test_a_try_that_would_come_too_late_is_not_made(useful: timedelta, state: MessageState) -> None:
    following = after_temporary("server_busy", NOON, NOON + useful)

    assert following.state is state
    assert (following.at is None) is (state is MessageState.FAILED)
    assert following.reason == ("too_late" if state is MessageState.FAILED else "server_busy")


@given(
    st.datetimes(min_value=NOON.replace(tzinfo=None), timezones=st.just(UTC), max_value=LAST.replace(tzinfo=None)),
    st.timedeltas(min_value=timedelta(days=-1), max_value=timedelta(days=3)),
)
def test_retrying_ends_and_every_step_is_permitted(now: datetime, useful: timedelta) -> None:
    until, tries = now + useful, 0
    following = after_temporary("server_busy", now, until)
    while following.at is not None:
        assert following.at - now == RETRY_AFTER
        assert following.at <= until
        now, tries = following.at, tries + 1
        following = after_temporary("server_busy", now, until)

    assert tries == max(useful // RETRY_AFTER, 0)
    assert may_step(MESSAGE_STEPS, MessageState.SENDING, following.state)


def test_a_reminder_is_useful_until_half_an_hour_before_the_appointment() -> None:
    start = berlin("2026-11-24T08:00")

    assert useful_until(Purpose.APPOINTMENT, NOON, start) == berlin("2026-11-24T07:30")


@pytest.mark.parametrize("purpose", OTHERS)
def test_other_messages_are_tried_for_two_days_from_their_first_try(purpose: Purpose) -> None:
    assert useful_until(purpose, NOON, None) == NOON + timedelta(days=2)
    # a recall that names an appointment long past does not depend on it
    assert useful_until(purpose, NOON, NOON - timedelta(days=90)) == NOON + timedelta(days=2)


def test_a_reminder_without_an_appointment_is_tried_for_two_days() -> None:
    assert useful_until(Purpose.APPOINTMENT, NOON, None) == NOON + timedelta(days=2)


@pytest.mark.parametrize(
    ("appointment", "last_moment"),
    [
        # Europe/Berlin, 29 March 2026: the clock jumps from 2:00 to 3:00
        ("2026-03-29T03:15", datetime(2026, 3, 29, 0, 45, tzinfo=UTC)),
        ("2026-03-29T09:00", datetime(2026, 3, 29, 6, 30, tzinfo=UTC)),
        # 25 October 2026: the hour from 2:00 to 3:00 comes twice
        ("2026-10-25T03:15", datetime(2026, 10, 25, 1, 45, tzinfo=UTC)),
        ("2026-10-25T09:00", datetime(2026, 10, 25, 7, 30, tzinfo=UTC)),
        # just after midnight: the last useful moment is on the day before
        ("2026-11-24T00:10", datetime(2026, 11, 23, 22, 40, tzinfo=UTC)),
    ],
)
def test_the_last_useful_moment_is_half_an_hour_of_real_time(appointment: str, last_moment: datetime) -> None:
    assert useful_until(Purpose.APPOINTMENT, NOON, berlin(appointment)) == last_moment


@pytest.mark.parametrize(
    ("scheduled", "now", "too_late"),
    [
        ("07:00", "07:00", False),
        ("07:00", "08:30", False),
        ("07:00", "08:31", True),  # paused, waiting for a window or switched off until then
        ("07:00", "09:30", True),
        ("08:45", "08:45", False),  # somebody sends it a quarter of an hour before on purpose
        ("08:45", "08:59", False),
    ],
)
def test_a_reminder_that_was_held_up_too_long_does_not_go(scheduled: str, now: str, too_late: bool) -> None:
    start, scheduled_at, at = (berlin(f"2026-11-24T{clock}") for clock in ("09:00", scheduled, now))

    assert held_up_too_long(Purpose.APPOINTMENT, scheduled_at, at, start) is too_late


@pytest.mark.parametrize("purpose", OTHERS)
def test_what_is_no_reminder_is_never_held_up_too_long(purpose: Purpose) -> None:
    assert not held_up_too_long(purpose, NOON, NOON + timedelta(days=30), NOON)
    assert not held_up_too_long(Purpose.APPOINTMENT, NOON, NOON + timedelta(days=30), None)


@pytest.mark.parametrize(
    ("latest", "failed", "answered", "code"),
    [
        ([], 0, 0, ""),
        ([True], 0, 1, ""),
        ([False] * 4, 4, 4, ""),
        ([False] * 5, 5, 5, "failures_in_a_row"),
        ([False] * 4 + [True], 4, 5, ""),
        ([True] + [False] * 4, 4, 5, ""),
        # the share counts from twenty answers on, and only what is more than 30 %
        ([True], 10, 19, ""),
        ([True], 6, 20, ""),
        ([True], 7, 20, "too_many_failures"),
        ([True], 300, 1_000, ""),
        ([True], 301, 1_000, "too_many_failures"),
        # the nearer reason is named first
        ([False] * 5, 20, 20, "failures_in_a_row"),
    ],
)
def test_a_dispatch_stops_and_asks_when_too_much_fails(latest: list[bool], failed: int, answered: int, code: str) -> None:
    assert reason_to_pause(latest, failed, answered) == code
