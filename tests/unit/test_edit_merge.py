"""Two edits of one form: nobody's change is lost, and every difference is named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.domain.edit_merge import LONGEST_SHOWN, Difference, EditRefused, merge, refuse_edit
from messaging.domain.errors import Problem

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


def refused(before: str, theirs: str, mine: str, **more: Any) -> EditRefused:
    with pytest.raises(EditRefused) as caught:
        refuse_edit(merge(["city"], {"city": before}, {"city": theirs}, {"city": mine}), more.pop("problems", {}), **more)
    return caught.value


@pytest.mark.parametrize(("theirs", "mine"), [("a", "b"), ("b", "a"), ("b", "b")])
def test_what_one_side_changed_is_no_clash(theirs: str, mine: str) -> None:
    refuse_edit(merge(["city"], {"city": "a"}, {"city": theirs}, {"city": mine}), {})


def test_a_clash_is_named_at_its_field_and_the_form_goes_on_from_what_is_stored() -> None:
    clash = refused("a", "b", "c")

    assert "Inzwischen hat jemand „b“ gespeichert." in clash.sentences["city"]
    assert (clash.merge.texts, clash.merge.stored) == ({"city": "c"}, {"city": "b"})
    refuse_edit(merge(["city"], clash.merge.stored, {"city": "b"}, clash.merge.texts), {})


def test_a_clash_is_said_before_what_else_is_wrong_with_the_field() -> None:
    assert refused("a", "b", "c", problems={"city": Problem("no", "Nein.")}).problem.code == "changed_meanwhile"


def test_other_slips_are_named_too() -> None:
    assert refused("a", "a", "b", problems={"city": Problem("no", "Nein.")}).sentences == {"city": "Nein."}


@pytest.mark.parametrize(
    ("theirs", "said"),
    [("", "dieses Feld geleert"), ("b", "„Bern“ gespeichert"), ("x" * 500, f"„{'X' * LONGEST_SHOWN} …“ gespeichert")],
)
def test_a_stored_value_reads_as_on_the_screen(theirs: str, said: str) -> None:
    words = {"city": lambda text: {"b": "Bern"}.get(text, text.upper())}

    assert said in refused("a", theirs, "c", words=words).sentences["city"]
