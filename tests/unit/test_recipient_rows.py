"""How a row of the check window follows a new verdict: what a person decided stays as long as it makes sense."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.domain.recipient_check import Verdict
from messaging.domain.recipient_rows import BY_HAND, RowState, after_recheck, first_state, may_be_overridden

MAIL = "ute.gross@example.org"
JA = Verdict(True, True, "", MAIL)
NEIN = Verdict(True, False, "no_consent", MAIL)
REVOKED = Verdict(True, False, "consent_revoked", MAIL)
IMPOSSIBLE = Verdict(False, True, "no_email", "")


@pytest.mark.parametrize(
    ("verdict", "duplicate", "ticked"),
    [(JA, False, True), (NEIN, False, True), (IMPOSSIBLE, False, False), (JA, True, False), (IMPOSSIBLE, True, False)],
)
def test_at_first_everything_possible_is_ticked_except_duplicates(verdict: Verdict, duplicate: bool, ticked: bool) -> None:
    state = first_state(verdict, duplicate)

    assert state.ticked is ticked
    assert (state.possible, state.allowed, state.reason, state.address) == (
        verdict.possible, verdict.allowed, verdict.reason, verdict.address,
    )  # fmt: skip


@pytest.mark.parametrize("verdict", [JA, NEIN, IMPOSSIBLE])
@pytest.mark.parametrize("duplicate", [False, True])
def test_checking_again_without_any_news_changes_nothing(verdict: Verdict, duplicate: bool) -> None:
    state = first_state(verdict, duplicate)

    assert after_recheck(state, verdict, duplicate) == state


def test_an_address_added_later_ticks_the_row() -> None:
    assert after_recheck(first_state(IMPOSSIBLE, False), JA, False).ticked


def test_an_address_lost_unticks_the_row() -> None:
    assert not after_recheck(first_state(JA, False), IMPOSSIBLE, False).ticked


@pytest.mark.parametrize("verdict", [JA, NEIN, IMPOSSIBLE])
def test_unticked_by_hand_stays_unticked_even_over_an_impossible_time(verdict: Verdict) -> None:
    by_hand = replace(first_state(JA, False), ticked=False, unticked_batch=BY_HAND)

    between = after_recheck(by_hand, verdict, False)

    assert not between.ticked
    assert not after_recheck(between, JA, False).ticked


def test_removed_for_want_of_permission_comes_back_with_the_permission() -> None:
    removed = replace(first_state(NEIN, False), ticked=False, unticked_batch=3)

    assert after_recheck(removed, NEIN, False) == removed
    back = after_recheck(removed, JA, False)
    assert back.ticked
    assert back.unticked_batch == 0


def test_a_duplicate_ticked_by_hand_stays_ticked() -> None:
    wanted = replace(first_state(JA, True), ticked=True)

    assert after_recheck(wanted, JA, True).ticked


def test_a_row_that_becomes_a_duplicate_is_unticked() -> None:
    assert not after_recheck(first_state(JA, False), JA, True).ticked


@pytest.mark.parametrize(
    ("verdict", "kept"),
    [
        (NEIN, True),
        (replace(NEIN, reason="consent_no"), False),  # the person has said no meanwhile
        (REVOKED, False),
        (replace(NEIN, address="neu@example.org"), False),  # it was given for another address
        (JA, False),
        (IMPOSSIBLE, False),
    ],
)
def test_a_written_reason_stands_only_against_what_it_was_given_for(verdict: Verdict, kept: bool) -> None:
    overridden = replace(first_state(NEIN, False), override_reason="hat heute am Telefon darum gebeten")

    assert bool(after_recheck(overridden, verdict, False).override_reason) is kept


@pytest.mark.parametrize(("verdict", "may"), [(NEIN, True), (REVOKED, False), (JA, False), (IMPOSSIBLE, False)])
def test_a_reason_may_be_written_only_for_a_possible_row_whose_objection_allows_it(verdict: Verdict, may: bool) -> None:
    assert may_be_overridden(first_state(verdict, False)) is may


verdicts = st.sampled_from(
    [JA, NEIN, REVOKED, IMPOSSIBLE, replace(NEIN, reason="consent_no"), replace(JA, address="neu@example.org")]
)
states = st.builds(
    RowState,
    address=st.just(MAIL),
    ticked=st.booleans(),
    allowed=st.booleans(),
    possible=st.booleans(),
    reason=st.sampled_from(["", "no_consent", "consent_revoked", "no_email"]),
    duplicate=st.booleans(),
    unticked_batch=st.integers(BY_HAND, 3),
    override_reason=st.sampled_from(["", "hat darum gebeten"]),
)


@given(states, verdicts, st.booleans())
def test_whatever_the_row_was_an_impossible_one_is_never_ticked_and_no_ban_keeps_a_reason(
    old: RowState, verdict: Verdict, duplicate: bool
) -> None:
    state = after_recheck(old, verdict, duplicate)

    assert not (state.ticked and not state.possible)
    assert not (state.override_reason and not may_be_overridden(state))
    assert not (state.ticked and state.unticked_batch != 0)
    assert after_recheck(state, verdict, duplicate) == state
