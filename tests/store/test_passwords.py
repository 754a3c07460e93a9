"""Passwords are stored so that a stolen database does not give them away, and compared so that time tells nothing."""

from __future__ import annotations

import argon2
import pytest

from messaging.services import passwords

#: As the house has it; each test gets a quick one.
REAL = passwords.HASHER


def test_the_real_settings_are_those_of_the_standard() -> None:
    # RFC 9106, section 4: the second recommended option, for machines with little memory
    assert (REAL.type, REAL.time_cost, REAL.memory_cost, REAL.parallelism) == (argon2.Type.ID, 3, 65536, 4)


def test_what_is_stored_is_not_the_password_and_never_the_same_twice() -> None:
    first, second = passwords.hashed("ein langer satz"), passwords.hashed("ein langer satz")

    assert first.startswith("$argon2id$")
    assert "satz" not in first
    assert first != second


@pytest.mark.parametrize(
    ("password", "same"),
    [("grüner schlüssel", True), ("gru\u0308ner schlu\u0308ssel", True), ("Grüner Schlüssel", False), ("", False)],
)
def test_only_the_password_matches(password: str, same: bool) -> None:
    assert passwords.matches(passwords.hashed("grüner schlüssel"), password) is same


@pytest.mark.parametrize("stored", [None, "!", "", "$argon2id$kaputt"])
def test_nothing_matches_where_none_is_stored(stored: str | None) -> None:
    assert passwords.matches(stored, "ein langer satz") is False


def test_without_a_user_the_same_work_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    done = []
    monkeypatch.setattr(passwords, "hashed", done.append)

    passwords.matches(None, "ein langer satz")

    assert done == ["ein langer satz"]


def test_one_time_passwords_are_readable_and_different() -> None:
    made = {passwords.one_time_password() for _ in range(100)}

    assert len(made) == 100
    assert all(len(password) == 14 and not set(password) & set("01lIO") for password in made)
