"""A known number with another person behind it: two names and no date of birth in common."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from messaging.domain.imported_identity import is_somebody_else

UTE = {"first_name": "Ute", "last_name": "Groß", "birth_date": date(1970, 3, 1)}


@pytest.mark.parametrize(
    ("what", "read", "other"),
    [
        ("nothing changed", {}, False),
        ("she married", {"last_name": "Müller"}, False),
        ("her first name was mended", {"first_name": "Utha"}, False),
        ("both names changed, born on the same day", {"first_name": "Utha", "last_name": "Müller"}, False),
        ("only written otherwise", {"first_name": "UTE", "last_name": "Gross", "birth_date": date(1970, 1, 3)}, False),
        ("the day of birth was mended", {"birth_date": date(1970, 1, 3)}, False),
        ("somebody else", {"first_name": "Jens", "last_name": "Öhme", "birth_date": date(1981, 5, 5)}, True),
        ("somebody else, born nobody knows when", {"first_name": "Jens", "last_name": "Öhme", "birth_date": None}, True),
        ("the file knows no first names", {"first_name": "", "last_name": "Öhme", "birth_date": date(1981, 5, 5)}, False),
    ],
)  # fmt: skip
def test_two_other_names_and_another_birth_date_are_another_person(what: str, read: dict[str, Any], other: bool) -> None:
    assert is_somebody_else(UTE | read, UTE) is other, what


@pytest.mark.parametrize("missing", ["first_name", "last_name"])
def test_what_the_file_has_no_column_for_proves_nothing(missing: str) -> None:
    read = {"first_name": "Jens", "last_name": "Öhme"}
    del read[missing]

    assert not is_somebody_else(read, UTE)


def test_a_stored_name_that_is_blank_proves_nothing() -> None:
    assert not is_somebody_else({"first_name": "Jens", "last_name": "Öhme"}, UTE | {"first_name": ""})
