from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.domain import calendar_de as calendar

SPRING, AUTUMN = date(2025, 3, 30), date(2025, 10, 26)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        (date(2026, 11, 23), utc(2026, 11, 22, 23), utc(2026, 11, 23, 23)),
        (date(2026, 7, 1), utc(2026, 6, 30, 22), utc(2026, 7, 1, 22)),
        (SPRING, utc(2025, 3, 29, 23), utc(2025, 3, 30, 22)),  # 23 hours
        (AUTUMN, utc(2025, 10, 25, 22), utc(2025, 10, 26, 23)),  # 25 hours
    ],
)
def test_a_local_day_begins_and_ends_at_local_midnight(day, start, end):
    assert calendar.local_day_bounds(day) == (start, end)


@pytest.mark.parametrize(
    ("day", "wall", "moment"),
    [
        (SPRING, time(0, 0), utc(2025, 3, 29, 23)),
        (SPRING, time(2, 30), utc(2025, 3, 30, 1, 30)),  # skipped: the clock then shows 03:30
        (SPRING, time(23, 45), utc(2025, 3, 30, 21, 45)),
        (AUTUMN, time(2, 30), utc(2025, 10, 26, 0, 30)),  # twice: the first
        (AUTUMN, time(12, 0), utc(2025, 10, 26, 11, 0)),
    ],
)
def test_every_wall_time_has_one_moment_even_when_the_clocks_change(day, wall, moment):
    assert calendar.utc_from_local(day, wall) == moment


def test_a_moment_without_zone_is_refused():
    naive = datetime(2026, 11, 23, 8, 0)  # noqa: DTZ001 - the naive moment is the case

    with pytest.raises(ValueError, match="without zone"):
        calendar.local(naive)


@pytest.mark.parametrize(
    ("day", "holidays", "following"),
    [
        (date(2026, 11, 23), (), date(2026, 11, 24)),
        (date(2026, 11, 20), (), date(2026, 11, 23)),  # Friday
        (date(2026, 11, 21), (), date(2026, 11, 23)),
        (date(2026, 11, 22), (), date(2026, 11, 23)),
        (date(2026, 12, 24), (date(2026, 12, 25),), date(2026, 12, 28)),
    ],
)
def test_the_next_working_day_skips_weekends_and_holidays(day, holidays, following):
    assert calendar.next_working_day(day, holidays) == following


NOW = utc(2026, 11, 22, 22, 30)  # 23:30 in Berlin


@pytest.mark.parametrize(
    ("moment", "near", "full"),
    [
        (utc(2026, 11, 22, 11), "heute 12:00", "So 22.11.2026, 12:00 Uhr"),
        (utc(2026, 11, 22, 23), "morgen 0:00", "Mo 23.11.2026, 0:00 Uhr"),
        (utc(2026, 11, 23, 7), "morgen 8:00", "Mo 23.11.2026, 8:00 Uhr"),
        (utc(2026, 11, 21, 7, 5), "gestern 8:05", "Sa 21.11.2026, 8:05 Uhr"),
        (utc(2026, 11, 24, 7), "Di 24.11.2026, 8:00 Uhr", "Di 24.11.2026, 8:00 Uhr"),
        (utc(2026, 6, 30, 22), "Mi 01.07.2026, 0:00 Uhr", "Mi 01.07.2026, 0:00 Uhr"),
    ],
)
def test_times_are_written_as_people_say_them(moment, near, full):
    assert (calendar.near_time_words(moment, NOW), calendar.date_time_words(moment)) == (near, full)


def test_parts_of_a_date_are_written_in_german():
    monday = date(2026, 11, 23)

    assert calendar.weekday_word(monday) == "Montag"
    assert calendar.day_words(monday) == "Mo 23.11.2026"
    assert calendar.date_words(date(2026, 3, 1)) == "01.03.2026"
    assert calendar.near_day_words(monday, date(2026, 11, 22)) == "morgen"
    assert (calendar.clock_words(utc(2026, 11, 23, 7)), calendar.clock_digits(utc(2026, 11, 23, 7))) == ("8:00", "08:00")


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0 E-Mails"), (1, "1 E-Mail"), (2, "2 E-Mails"), (1234, "1.234 E-Mails"), (1234567, "1.234.567 E-Mails")],
)
def test_numbers_carry_their_noun_in_the_right_form(number, words):
    assert calendar.plural(number, "E-Mail", "E-Mails") == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "unter 1 Minute"),
        (59.9, "unter 1 Minute"),
        (60, "etwa 1 Minute"),
        (61, "etwa 2 Minuten"),
        (3600, "etwa 1 Stunde"),
        (4800, "etwa 1 Stunde 20 Minuten"),
        (7201, "etwa 2 Stunden 1 Minute"),
    ],
)
def test_durations_are_rounded_up(seconds, words):
    assert calendar.duration_words(seconds) == words


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2060, 12, 31)))
def test_days_follow_each_other_without_gap_and_hold_their_noon(day):
    start, end = calendar.local_day_bounds(day)

    assert end == calendar.local_day_bounds(day + timedelta(days=1))[0]
    assert start < calendar.utc_from_local(day, time(12)) < end
    assert calendar.local(start).date() == day
