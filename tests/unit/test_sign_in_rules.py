"""What a user name and a password must be like, and how long to wait after wrong ones."""

from datetime import timedelta

import pytest

from messaging.domain import sign_in_rules as rules


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("ein guter satz", None),
        ("zehn zeich", None),  # exactly ten
        ("neunzeich", "password_short"),
        ("", "password_short"),
        ("x" * 201, "password_long"),
        ("anna.empfang", "password_is_name"),
        (" Anna.Empfang ", "password_is_name"),  # neither capitals nor spaces make it another word
        ("anna.empfanganna.empfang", "password_is_name"),
        ("aaaaaaaaaaaa", "password_uniform"),
        ("121212121212", "password_uniform"),
    ],
)
def test_a_password_is_long_and_not_the_name(password: str, code: str | None) -> None:
    problem = rules.password_problem(password, "anna.empfang")

    assert (problem.code if problem else None) == code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("anna", None),
        ("j.müßig@example.org", None),
        ("", "user_name_missing"),
        ("a", "user_name_form"),
        ("anna muster", "user_name_form"),
        ("-anna", "user_name_form"),
        ("a" * 41, "user_name_form"),
        ("anna<script>", "user_name_form"),
    ],
)
def test_a_user_name_has_letters_digits_and_little_else(typed: str, code: str | None) -> None:
    problem = rules.user_name_problem(rules.folded_name(typed))

    assert (problem.code if problem else None) == code


def test_one_person_has_one_name_however_it_is_typed() -> None:
    assert rules.folded_name(" Jörg ") == rules.folded_name("JO\u0308RG") == "jörg"


def test_the_same_password_from_every_keyboard() -> None:
    assert rules.normal_password("schlu\u0308ssel") == "schlüssel"


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 0), (4, 0), (5, 30), (6, 60), (7, 120), (8, 240), (9, 480), (10, 900), (11, 900), (5000, 900)],
)
def test_the_pause_grows_from_half_a_minute_to_a_quarter_of_an_hour(failures: int, seconds: int) -> None:
    assert rules.pause_after(failures, free=5) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 Sekunde"), (30, "30 Sekunden"), (60, "60 Sekunden"), (61, "2 Minuten"), (120, "2 Minuten"), (900, "15 Minuten")],
)
def test_a_wait_is_said_in_words_and_never_too_short(seconds: float, words: str) -> None:
    assert rules.wait_words(timedelta(seconds=seconds)) == words
