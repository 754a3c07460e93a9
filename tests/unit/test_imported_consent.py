"""What a file may and may not change about "Kontakt erlaubt"."""

import pytest

from messaging.domain.imported_consent import Known, weigh
from messaging.domain.words import Purpose

MAIL, NEW_MAIL, NUMBER, NEW_NUMBER = "ute@example.org", "gross@example.org", "+491713920001", "+491713920002"
TARGETS = {"email": MAIL, "sms": NUMBER, "letter": ""}
REMINDER = ["appointment"]


def entries(file_says, known=None, *, targets=TARGETS, yes_for=REMINDER, sms_field=False):
    found = weigh(file_says, targets, {key: Known(*latest) for key, latest in (known or {}).items()}, yes_for, sms_field).entries
    return [(entry.channel, entry.purpose, entry.status, entry.source, entry.target) for entry in found]


def test_a_no_holds_for_every_purpose_of_its_channel():
    assert entries({"email": "no"}) == [("email", purpose.value, "no", "import", "") for purpose in Purpose]


def test_a_yes_holds_only_for_the_purposes_chosen():
    assert entries({"email": "yes"}) == [("email", "appointment", "yes", "import", MAIL)]
    assert entries({"letter": "yes"}, yes_for=["recall", "birthday"]) == [
        ("letter", "recall", "yes", "import", ""),
        ("letter", "birthday", "yes", "import", ""),
    ]
    assert entries({"email": "yes"}, yes_for=[]) == []


def test_a_yes_without_a_usable_address_makes_no_entry_but_is_told():
    outcome = weigh({"email": "yes", "sms": "yes"}, {"email": "", "sms": ""}, {}, REMINDER, False)

    assert (outcome.entries, outcome.without_target) == ((), ("email", "sms"))


@pytest.mark.parametrize(
    ("latest", "file_says", "written"),
    [
        # nothing new to say
        (("yes", "import", MAIL), "yes", None),
        (("yes", "form", MAIL), "yes", None),
        (("no", "import", ""), "no", None),
        (("revoked", "import", ""), "revoked", None),
        # the file changed its mind
        (("no", "import", ""), "yes", "yes"),
        (("yes", "import", MAIL), "no", "no"),
        (("yes", "import", MAIL), "revoked", "revoked"),
        (("no", "import", ""), "revoked", "revoked"),
        # a new address needs a new entry, and the file gives it
        (("yes", "import", NEW_MAIL), "yes", "yes"),
        (("yes", "verbal", NEW_MAIL), "yes", "yes"),
        # what a person entered stays
        (("yes", "form", MAIL), "no", None),
        (("yes", "verbal", MAIL), "revoked", None),
        (("no", "verbal", ""), "yes", None),
        (("no", "form", ""), "revoked", None),
        (("revoked", "online", ""), "yes", None),
        # a withdrawal that was taken back leaves everything open
        (("unknown", "verbal", ""), "yes", "yes"),
        (("unknown", "verbal", ""), "no", "no"),
        # a withdrawal is never lifted, whoever recorded it
        (("revoked", "import", ""), "yes", None),
        (("revoked", "import", ""), "no", None),
    ],
)
def test_what_is_written_beside_the_latest_entry(latest, file_says, written):
    found = [entry for entry in entries({"email": file_says}, {("email", "appointment"): latest}) if entry[1] == "appointment"]

    assert [entry[2] for entry in found] == ([written] if written else [])


@pytest.mark.parametrize(
    ("latest", "file_says", "opt_out_stays", "yes_stays"),
    [
        (("no", "verbal", ""), "yes", True, False),
        (("revoked", "import", ""), "yes", True, False),
        (("no", "import", ""), "yes", False, False),
        (("yes", "form", MAIL), "no", False, True),
        (("yes", "import", MAIL), "no", False, False),
        (("unknown", "form", ""), "yes", False, False),
    ],
)
def test_a_contradiction_that_stays_is_told(latest, file_says, opt_out_stays, yes_stays):
    outcome = weigh({"email": file_says}, TARGETS, {("email", "appointment"): Known(*latest)}, REMINDER, False)

    assert (bool(outcome.opt_out_stays), bool(outcome.yes_stays)) == (opt_out_stays, yes_stays)


@pytest.mark.parametrize(
    ("file_says", "latest", "written"),
    [
        ({}, None, True),
        ({"sms": "no"}, None, False),  # an explicit nein wins over the field
        ({"sms": "revoked"}, None, False),
        ({"email": "no"}, None, True),
        ({}, ("yes", "sms_field", NEW_NUMBER), True),  # the number changed
        ({}, ("yes", "form", NEW_NUMBER), True),
        ({}, ("yes", "sms_field", NUMBER), False),
        ({}, ("no", "import", ""), False),
        ({}, ("no", "form", ""), False),
        ({}, ("revoked", "sms_field", ""), False),
        ({}, ("unknown", "verbal", ""), True),
    ],
)
def test_a_number_in_the_sms_field_switches_reminders_on_unless_something_else_is_recorded(file_says, latest, written):
    known = {("sms", "appointment"): latest} if latest else {}
    found = [entry for entry in entries(file_says, known, sms_field=True) if entry[3] == "sms_field"]

    assert found == ([("sms", "appointment", "yes", "sms_field", NUMBER)] if written else [])


def test_a_yes_of_the_file_makes_the_sms_field_needless_only_for_the_same_purpose():
    assert [entry[3] for entry in entries({"sms": "yes"}, sms_field=True)] == ["import"]
    assert entries({"sms": "yes"}, yes_for=["recall"], sms_field=True) == [
        ("sms", "recall", "yes", "import", NUMBER),
        ("sms", "appointment", "yes", "sms_field", NUMBER),
    ]


def test_a_number_without_use_switches_nothing_on():
    assert entries({}, targets={"sms": ""}, sms_field=True) == []


def test_an_explicit_no_overrides_the_entry_that_only_the_field_made():
    assert ("sms", "appointment", "no", "import", "") in entries(
        {"sms": "no"}, {("sms", "appointment"): ("yes", "sms_field", NUMBER)}, sms_field=True
    )
