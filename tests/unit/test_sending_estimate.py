"""When the last message is out: a promise that neither forgets what the account has sent nor who else waits for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.domain.sending_estimate import AccountLoad, seconds_for
from messaging.domain.sending_limits import windows

HOUR = 3_600


def estimated(count: int, per_hour: int | None, per_quarter: int | None = None, begin: float = 0.0, **load: tuple) -> float:
    return seconds_for(count, windows(per_hour, per_quarter), 10.0, AccountLoad(**load), begin)


@pytest.mark.parametrize(
    ("count", "per_hour", "per_quarter", "seconds"),
    [
        (0, 250, None, 0),
        (238, 250, None, 23.8),
        (239, 250, None, HOUR),
        (1_000, 250, None, 4 * HOUR),
        (96, 250, 50, 900),
        (97, 250, 50, 1_800),
        (100, None, None, 10),
    ],
)
def test_an_idle_account_fills_its_windows(count: int, per_hour: int | None, per_quarter: int | None, seconds: float) -> None:
    assert estimated(count, per_hour, per_quarter) == pytest.approx(seconds, abs=10)


def test_what_left_within_the_hour_takes_places() -> None:
    half_an_hour_ago = tuple([-HOUR / 2] * 238)

    assert estimated(1, 250, sent=half_an_hour_ago) == pytest.approx(HOUR / 2, abs=1)
    assert estimated(239, 250, sent=half_an_hour_ago) == pytest.approx(HOUR * 1.5, abs=30)


def test_places_come_free_one_by_one() -> None:
    one_a_minute = tuple(-60.0 * minute for minute in range(59, -1, -1))

    assert estimated(1, 9, sent=one_a_minute[-9:]) == pytest.approx(HOUR - 8 * 60, abs=1)
    assert estimated(2, 9, sent=one_a_minute[-9:]) == pytest.approx(HOUR - 7 * 60, abs=1)


def test_a_small_dispatch_beside_a_large_one_waits_for_its_share_only() -> None:
    alone, beside = estimated(100, 250), estimated(100, 250, others=(5_000,))

    assert alone < 60
    assert beside < 60
    assert estimated(200, 250, others=(5_000,)) == pytest.approx(HOUR, abs=60)


def test_a_large_one_waits_for_all_that_small_ones_have() -> None:
    assert estimated(1_000, 250, others=(100, 100)) == pytest.approx(estimated(1_200, 250), abs=1)


def test_what_begins_later_finds_what_is_left_then() -> None:
    tomorrow = 24 * HOUR

    assert estimated(100, 250, begin=tomorrow, others=(1_000,)) == pytest.approx(tomorrow + 10, abs=1)
    assert estimated(100, 250, begin=HOUR / 2, others=(238,)) == pytest.approx(HOUR, abs=30)


@given(
    count=st.integers(1, 300),
    per_hour=st.integers(1, 50) | st.none(),
    per_quarter=st.integers(1, 20) | st.none(),
    ago=st.lists(st.floats(0, 4_000), max_size=40),
    others=st.lists(st.integers(1, 60), max_size=3),
    begin=st.floats(0, 9_000),
)
def test_more_to_do_never_ends_sooner(count, per_hour, per_quarter, ago, others, begin) -> None:
    busy = {"sent": tuple(sorted(-moment for moment in ago)), "others": tuple(others)}
    found = estimated(count, per_hour, per_quarter, begin, **busy)

    assert found >= begin
    assert found >= estimated(count - 1, per_hour, per_quarter, begin, **busy)
    assert found >= estimated(count, per_hour, per_quarter, begin) - 1e-6
