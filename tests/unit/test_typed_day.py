"""A typed day is read as people mean it, and a broken one is refused with a sentence for its field."""

from datetime import date

import pytest

from messaging.domain.errors import DomainError
from messaging.domain.typed_day import read_day

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("23.11.2026", date(2026, 11, 23)),
        ("1.2.2027", date(2027, 2, 1)),
        ("1.2.27", date(2027, 2, 1)),
        ("1.2.", date(2026, 2, 1)),
        ("1.2", date(2026, 2, 1)),
        (" 1. 2. 2027 ", date(2027, 2, 1)),
        ("2027-02-01", date(2027, 2, 1)),
        ("29.02.2028", date(2028, 2, 29)),
        ("heute", TODAY),
        ("Morgen", date(2026, 11, 24)),
        ("gestern", date(2026, 11, 22)),
        ("übermorgen", date(2026, 11, 25)),
        ("1.1.1900", date(1900, 1, 1)),
        ("31.12.2100", date(2100, 12, 31)),
    ],
)
def test_a_day_is_read(typed, day):
    assert read_day(typed, TODAY) == day


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("31.2.2026", "no_such_day"),
        ("29.02.2026", "no_such_day"),
        ("0.1.2026", "no_such_day"),
        ("1.13.", "no_such_day"),
        ("0000-01-01", "no_such_day"),
        ("0001-01-01", "far_year"),
        ("31.12.1899", "far_year"),
        ("2101-01-01", "far_year"),
        ("9999-12-31", "far_year"),
        ("23/11/2026", "not_a_day"),
        ("Montag", "not_a_day"),
        ("1.2.202", "not_a_day"),
        ("<b>", "not_a_day"),
        ("9" * 500, "not_a_day"),
    ],
)
def test_what_is_no_day_is_refused_with_a_cure(typed, code):
    with pytest.raises(DomainError) as refused:
        read_day(typed, TODAY)

    assert refused.value.problem.code == code
    assert refused.value.problem.cure.startswith("Bitte")
    assert len(refused.value.problem.text) < 120
