"""The table of reasons: every sentence can stand on a screen, and no ban can be talked away."""

from __future__ import annotations

import re

import pytest

from messaging.domain.reasons import REASONS, Kind, Reason, reason

#: The column of hints at 1440 px, beside what helps.
TWO_LINES = 80

ALL = sorted(REASONS.values(), key=lambda entry: entry.code)


def named(entry: Reason) -> str:
    return entry.code


@pytest.mark.parametrize("entry", ALL, ids=named)
def test_every_reason_is_a_whole_german_sentence(entry: Reason) -> None:
    assert re.fullmatch(r"[a-z][a-z_]*", entry.code)
    assert re.match(r"[A-ZÄÖÜ].*\.$", entry.sentence)
    assert entry.short
    assert not entry.short.endswith(".")
    assert entry.text.endswith(".")
    assert not re.search(r"Fehler aufgetreten|erfolgreich|\bOK\b", entry.text)


@pytest.mark.parametrize("entry", [entry for entry in ALL if entry.cure], ids=named)
def test_the_cure_comes_before_the_fault(entry: Reason) -> None:
    assert entry.text == f"{entry.cure} {entry.sentence}"
    assert entry.cure.endswith(".")


@pytest.mark.parametrize("entry", [entry for entry in ALL if entry.kind in (Kind.IMPOSSIBLE, Kind.FORBIDDEN)], ids=named)
def test_what_the_check_window_shows_names_a_cure_and_fits_in_two_short_lines(entry: Reason) -> None:
    assert entry.cure
    assert len(entry.text) <= TWO_LINES


@pytest.mark.parametrize("code", ["deceased", "blocked", "archived", "converted", "consent_revoked"])
def test_no_written_reason_helps_against_a_death_a_block_or_a_withdrawal(code: str) -> None:
    assert not reason(code).overridable


def test_only_missing_permission_can_be_overridden() -> None:
    overridable = {entry.code for entry in ALL if entry.overridable}

    assert overridable == {"no_consent", "consent_no", "consent_other_target"}
    assert all(REASONS[code].kind is Kind.FORBIDDEN for code in overridable)


def test_an_unknown_code_is_our_mistake_and_says_so() -> None:
    with pytest.raises(KeyError):
        reason("no_such_code")
