"""Limits of an account: never one too many in any window, an equal share beside others, and the right hour to wait for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.domain.sending_limits import SHORT_PAUSE, Usage, Window, allowance, windows

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)


def hourly(
    limit: int, ended: int, in_flight: int = 0, mine: int = 0, leaving: datetime | None = None, single: bool = False
) -> Usage:
    return Usage(Window("per_hour", HOUR, limit), ended, in_flight, mine, leaving, single)


def quarterly(limit: int, ended: int, leaving: datetime | None = None) -> Usage:
    return Usage(Window("per_quarter_hour", QUARTER, limit), ended, leaving=leaving)


def test_an_account_without_limits_has_no_windows() -> None:
    assert windows(None, None) == windows(0, 0) == ()
    assert allowance([], NOW).free is None


def test_each_limit_is_a_window_of_its_own() -> None:
    assert windows(250, 70) == (Window("per_hour", HOUR, 250), Window("per_quarter_hour", QUARTER, 70))
    assert windows(None, 70) == (Window("per_quarter_hour", QUARTER, 70),)


@pytest.mark.parametrize(
    ("limit", "ended", "in_flight", "free"), [(1, 0, 0, 1), (2, 1, 0, 1), (250, 100, 50, 88), (250, 0, 250, 0), (1, 1, 0, 0)]
)
def test_what_is_on_its_way_counts_like_what_has_arrived(limit: int, ended: int, in_flight: int, free: int) -> None:
    assert allowance([hourly(limit, ended, in_flight)], NOW).free == free


def test_the_tightest_window_decides() -> None:
    assert allowance([hourly(250, 10), quarterly(70, 60)], NOW).free == 7


def test_a_full_window_opens_when_its_oldest_message_leaves_it() -> None:
    found = allowance([hourly(2, 2, leaving=NOW - timedelta(minutes=20))], NOW)

    assert (found.free, found.until, found.code) == (0, NOW + timedelta(minutes=40), "per_hour")


def test_of_two_full_windows_the_one_that_opens_last_is_named() -> None:
    found = allowance(
        [hourly(9, 9, leaving=NOW - timedelta(minutes=59)), quarterly(3, 3, leaving=NOW - timedelta(minutes=2))], NOW
    )

    assert (found.until, found.code) == (NOW + timedelta(minutes=13), "per_quarter_hour")


def test_a_window_full_of_unfinished_hand_overs_is_looked_at_again_soon() -> None:
    assert allowance([hourly(5, 0, in_flight=5)], NOW).until == NOW + SHORT_PAUSE


def test_a_limit_lowered_below_what_was_sent_lets_nothing_go() -> None:
    found = allowance([hourly(2, 9, leaving=NOW - timedelta(minutes=5))], NOW)

    assert (found.free, found.until) == (0, NOW + timedelta(minutes=55))


@pytest.mark.parametrize(
    ("limit", "mine", "rivals", "free"),
    [
        (100, 0, 0, 95),
        (100, 0, 1, 48),
        (100, 40, 1, 8),
        (100, 48, 1, 0),
        (100, 90, 1, 0),  # it had begun alone, and now lets the other catch up
        (9, 0, 1, 5),  # rounded up, so that two can use nine
        (10, 0, 3, 3),
        (1, 0, 4, 1),
    ],
)
def test_beside_others_nobody_takes_more_than_an_equal_share(limit: int, mine: int, rivals: int, free: int) -> None:
    assert allowance([hourly(limit, mine, mine=mine)], NOW, rivals).free == free


def test_who_has_had_a_share_asks_again_soon_because_the_others_may_need_less() -> None:
    found = allowance([hourly(100, 60, mine=60)], NOW, rivals=1)

    assert (found.free, found.until, found.code) == (0, NOW + SHORT_PAUSE, "per_hour")


@pytest.mark.parametrize(("limit", "reserve"), [(1, 0), (9, 0), (10, 1), (39, 1), (40, 2), (250, 12), (1000, 50)])
def test_about_five_percent_of_a_window_are_kept_for_those_who_have_had_nothing(limit: int, reserve: int) -> None:
    assert Window("per_hour", HOUR, limit).reserve == reserve


@pytest.mark.parametrize(
    ("limit", "ended", "mine", "free"),
    [
        (10, 0, 0, 9),  # whoever comes first leaves one place
        (10, 9, 9, 0),
        (10, 9, 0, 1),  # and who has had none gets it
        (10, 10, 0, 0),
        (250, 237, 237, 1),
        (250, 238, 238, 0),
        (250, 238, 0, 6),  # half of what is left, so that there is something for the next one
        (250, 244, 0, 3),
        (250, 249, 0, 1),
        (9, 8, 8, 1),  # a small window is no place for a reserve
    ],
)
def test_the_reserve_is_for_dispatches_without_a_share(limit: int, ended: int, mine: int, free: int) -> None:
    assert allowance([hourly(limit, ended, mine=mine)], NOW).free == free


@pytest.mark.parametrize(("ended", "free"), [(8, 2), (9, 1), (10, 0)])
def test_a_test_mail_may_use_the_last_place(ended: int, free: int) -> None:
    assert allowance([hourly(10, ended, single=True)], NOW).free == free


def test_who_has_had_a_share_waits_for_a_place_beside_the_reserve_and_is_told_until_when() -> None:
    found = allowance([hourly(10, 9, mine=9, leaving=NOW - timedelta(minutes=20))], NOW)

    assert (found.free, found.until) == (0, NOW + timedelta(minutes=40))


@given(
    st.lists(st.tuples(st.integers(0, 7_200), st.sampled_from(["large", "small", "other", "test"])), max_size=120),
    st.integers(1, 40),
    st.integers(1, 15),
)
def test_many_who_obey_never_have_one_too_many_together_and_leave_a_place_for_who_has_had_none(
    wishes: list[tuple[int, str]], per_hour: int, per_quarter: int
) -> None:
    """Everybody takes all that is free at once; two are always waiting, so shares count too."""
    sent: list[tuple[datetime, str]] = []
    limits = windows(per_hour, per_quarter)
    for second, who in sorted(wishes):
        now = NOW + timedelta(seconds=second)
        inside = [(window, [by for at, by in sent if at > now - window.length]) for window in limits]
        usages = [Usage(window, len(names), mine=names.count(who), single=who == "test") for window, names in inside]
        free = allowance(usages, now, rivals=0 if who == "test" else 1).free or 0
        sent += [(now, who)] * (min(free, 1) if who == "test" else free)
        if {by for _, names in inside for by in names} == {"large"} and who == "small":
            assert free > 0 or any(window.reserve == 0 for window in limits)

    for window in limits:
        for start, _ in sent:
            assert sum(start <= at < start + window.length for at, _ in sent) <= window.limit


@given(
    st.lists(st.integers(0, 7_200), max_size=40),
    st.integers(1, 8),
    st.integers(1, 5),
)
def test_whoever_obeys_never_has_one_too_many_in_any_window(moments: list[int], per_hour: int, per_quarter: int) -> None:
    """Any order of wishes over two hours: each is granted only if the rule says so; then every window is looked at."""
    sent: list[datetime] = []
    limits = windows(per_hour, per_quarter)
    for moment in sorted(moments):
        now = NOW + timedelta(seconds=moment)
        usages = [Usage(window, sum(at > now - window.length for at in sent)) for window in limits]
        if allowance(usages, now).free:
            sent.append(now)

    for window in limits:
        for start in sent:
            assert sum(start <= at < start + window.length for at in sent) <= window.limit


@given(st.lists(st.integers(1, 3_599), min_size=1, max_size=60, unique=True), st.integers(1, 50), st.booleans())
def test_at_the_promised_moment_one_more_may_go_and_not_before(ages: list[int], limit: int, single: bool) -> None:
    """All that was sent is of who asks, or who asks is a test mail."""
    ended = sorted(NOW - timedelta(seconds=age) for age in ages)

    def usage(at: datetime) -> Usage:
        inside = [end for end in ended if end > at - HOUR]
        bare = hourly(limit, len(inside), mine=0 if single else len(inside), single=single)
        return replace(bare, leaving=inside[bare.surplus] if 0 <= bare.surplus < len(inside) else None)

    found = allowance([usage(NOW)], NOW)
    if found.free == 0:
        assert found.until is not None
        assert allowance([usage(found.until)], found.until).free == 1
        before = found.until - timedelta(microseconds=1)
        assert allowance([usage(before)], before).free == 0
