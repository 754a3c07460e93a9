"""Two edits of one form: nobody's change is lost, and every difference is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.domain.edit_merge import Difference, merge

FIELDS = ("street", "city")
texts = st.fixed_dictionaries({name: st.sampled_from(["", "a", "b", "c"]) for name in FIELDS})


@pytest.mark.parametrize(
    ("before", "theirs", "mine", "shown", "differs", "both"),
    [
        ("a", "a", "a", "a", False, False),
        ("a", "a", "b", "b", True, False),  # only I changed it
        ("a", "b", "a", "b", True, False),  # only they did
        ("a", "b", "b", "b", False, False),  # both to the same
        ("a", "b", "c", "c", True, True),  # a person has to choose
        ("a", "b", "", "", True, True),  # emptied here, changed there
        (None, "b", "c", "c", True, True),  # nobody knows where it began: what was typed stays
    ],
)
def test_each_case_of_one_field(before: str | None, theirs: str, mine: str, shown: str, differs: bool, both: bool) -> None:
    base = {} if before is None else {"city": before}

    result = merge(["city"], base, {"city": theirs}, {"city": mine})

    assert result.texts == {"city": shown}
    assert result.differences == ((Difference("city", theirs, mine, both),) if differs else ())


@given(base=texts, stored=texts, typed=texts)
def test_whatever_somebody_changed_is_in_the_form_or_named_beside_it(
    base: dict[str, str], stored: dict[str, str], typed: dict[str, str]
) -> None:
    result = merge(FIELDS, base, stored, typed)

    named = {difference.field: {difference.stored, difference.typed} for difference in result.differences}
    for name in FIELDS:
        seen = {result.texts[name]} | named.get(name, set())
        assert {stored[name], typed[name]} <= seen
        if stored[name] != base[name] and typed[name] == base[name]:
            assert result.texts[name] == stored[name]
        if typed[name] != base[name]:
            assert result.texts[name] == typed[name]
