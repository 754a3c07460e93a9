"""Typed master data, field by field: what is refused, what is only noted, and what an old slip does not prevent."""

from __future__ import annotations

import pytest

from messaging.domain.person_rules import FIELD_LABELS, field_note, field_problem, problems_of


@pytest.mark.parametrize(
    ("name", "typed", "code"),
    [
        ("phone", "", None),
        ("phone", "030 23125001", None),
        ("phone", "030 23125001 Durchwahl 12", None),  # people call it, nobody writes to it
        ("phone", "0900 1123456", None),
        ("phone", "keine", "characters"),
        ("mobile", "030 23125001", None),  # noted, not refused
        ("mobile", "0160 123", "too_short"),
        ("sms", "0171 3920001", None),
        ("sms", "171 3920001", None),
        ("sms", "030 23125001", "landline"),
        ("sms", "0180 5 12345", "service"),
        ("sms", "49171 3920001", "lost_plus"),
        ("email", "ute@example.org", None),
        ("email", "ute @example.org", "blank"),
        ("postcode", "01067", None),
        ("postcode", "D-01067", "person_postcode"),
        ("postcode", "1067", "person_postcode"),
        ("postcode", "٠١٠٦٧", "person_postcode"),  # digits, but not those of a letter
        ("note", "x" * 2000, None),
        ("note", "x" * 2001, "person_too_long"),
        ("last_name", "x" * 201, "person_too_long"),
        ("last_name", "O'Neill & <b>Söhne</b>", None),
        ("last_name", "{{7*7}}", None),
        ("last_name", "=SUM(A1)", None),
    ],
)
def test_each_field_has_its_own_rule(name: str, typed: str, code: str | None) -> None:
    problem = field_problem(name, typed)

    assert (problem.code if problem else None) == code


@pytest.mark.parametrize(
    ("country", "fine"), [("", False), ("Deutschland", False), ("D", False), ("Österreich", True), ("PL", True)]
)
def test_only_german_postcodes_have_five_digits(country: str, fine: bool) -> None:
    assert (field_problem("postcode", "1010", country) is None) is fine


def test_only_what_was_changed_is_complained_of() -> None:
    fields = {"last_name": "Groß", "phone": "keine", "postcode": "1067", "street": "Ring 1"}

    assert problems_of(fields, {"street"}) == {}
    assert set(problems_of(fields, FIELD_LABELS)) == {"phone", "postcode"}


def test_a_person_always_needs_a_name() -> None:
    assert set(problems_of({"title": "Dr."}, ())) == {"last_name"}
    assert problems_of({"first_name": "Kim"}, FIELD_LABELS) == {}


@pytest.mark.parametrize(
    ("name", "texts", "note"),
    [
        ("sms", {"sms": "171 3920001"}, "Gelesen als 0171 3920001."),
        ("sms", {"sms": "0171 3920001"}, ""),
        ("mobile", {"mobile": "030 23125001"}, "Das ist eine Festnetznummer; sie gehört in das Feld Telefon."),
        ("mobile", {"mobile": "0171 3920001"}, "Für SMS bitte auch in das Feld SMS eintragen."),
        ("mobile", {"mobile": "0171 3920001", "sms": "0171 3920002"}, ""),
        ("phone", {"phone": "0171 3920001"}, "Für SMS bitte auch in das Feld SMS eintragen."),
        ("phone", {"phone": "030 23125001"}, ""),
        ("email", {"email": "ute@example.org"}, ""),
    ],
)
def test_what_is_worth_knowing_is_said_beside_the_field(name: str, texts: dict[str, str], note: str) -> None:
    assert field_note(name, texts) == note
