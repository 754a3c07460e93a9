"""A typed time of day is read as people write it, and a broken one is refused with a sentence for its field."""

from datetime import time

import pytest

from messaging.domain.errors import DomainError
from messaging.domain.typed_time import read_time


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("8:30", time(8, 30)),
        ("08:30", time(8, 30)),
        ("8.30", time(8, 30)),
        (" 8:30  Uhr ", time(8, 30)),
        ("8 Uhr", time(8)),
        ("8", time(8)),
        ("00:00", time(0)),
        ("23:59", time(23, 59)),
        ("08:30:59", time(8, 30)),  # what a browser may add is nothing anybody plans by
    ],
)
def test_a_time_is_read(typed, at):
    assert read_time(typed) == at


@pytest.mark.parametrize("typed", ["", "99:00", "24:00", "8:60", "8:5", "-1:00", "früh", "8:30 8:30", "٨:٣٠", "8:30:99"])
def test_what_is_none_is_refused_with_an_example(typed):
    with pytest.raises(DomainError) as refused:
        read_time(typed)

    assert refused.value.problem.text == f"Bitte eine Uhrzeit wie 8:30 eingeben. „{typed}“ ist keine Uhrzeit."


def test_a_long_text_is_not_repeated_whole():
    with pytest.raises(DomainError) as refused:
        read_time("x" * 1000)

    assert len(refused.value.problem.sentence) < 60
