"""The one rule of permission: the full table of what stands for and against a recipient."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.domain.reasons import REASONS, Kind
from messaging.domain.recipient_check import (
    CheckFacts,
    RecipientCheck,
    Sameness,
    Verdict,
    duplicates,
    is_impossible,
    may_go,
    same_text_duplicates,
)
from messaging.domain.words import AppointmentStatus, Channel, ConsentStatus, Purpose

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
MAIL = "ute.gross@example.org"
#: Somebody who may be written to.
FINE = CheckFacts(address=MAIL, address_typed=True, consent_status="yes", consent_target=MAIL)


def check(facts: CheckFacts, channel: str = "email", purpose: str = "information") -> Verdict:
    return RecipientCheck(channel, purpose, NOW).verdict(facts)


def test_permission_for_this_channel_purpose_and_address_is_enough() -> None:
    verdict = check(FINE)

    assert verdict == Verdict(possible=True, allowed=True, reason="", address=MAIL)
    assert verdict.sendable
    assert may_go(verdict, "")


@pytest.mark.parametrize(
    ("status", "target", "reason"),
    [
        ("yes", MAIL, ""),
        ("yes", "alt@example.org", "consent_other_target"),
        ("yes", "", "consent_other_target"),  # nobody knows what it was given for
        ("no", MAIL, "consent_no"),
        ("revoked", MAIL, "consent_revoked"),
        ("revoked", "alt@example.org", "consent_revoked"),  # a withdrawal is for every address
        ("unknown", MAIL, "no_consent"),
        ("", "", "no_consent"),
        ("later", MAIL, "no_consent"),  # a status that nobody knows is no permission
    ],
)
def test_only_a_yes_for_this_very_address_is_permission(status: str, target: str, reason: str) -> None:
    verdict = check(replace(FINE, consent_status=status, consent_target=target))

    assert (verdict.possible, verdict.allowed, verdict.reason) == (True, not reason, reason)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"deceased": True}, "deceased"),
        ({"blocked": True}, "blocked"),
        ({"archived": True}, "archived"),
        ({"converted": True}, "converted"),
        ({"deceased": True, "blocked": True, "archived": True, "address": ""}, "deceased"),  # the gravest is named
        ({"blocked": True, "address": "", "address_typed": False}, "blocked"),
    ],
)
@pytest.mark.parametrize("channel", Channel)
def test_some_people_are_never_written_to(fields: dict[str, object], reason: str, channel: Channel) -> None:
    verdict = check(replace(FINE, **fields), channel)

    assert not verdict.possible
    assert verdict.reason == reason


@pytest.mark.parametrize(
    ("channel", "typed", "reason"),
    [
        ("email", False, "no_email"),
        ("email", True, "bad_email"),
        ("sms", False, "no_sms_number"),
        ("sms", True, "bad_sms_number"),
        ("letter", True, "no_postal_address"),
        ("letter", False, "no_postal_address"),
    ],
)
def test_without_a_usable_address_it_is_impossible_and_the_reason_tells_nothing_from_unusable(
    channel: str, typed: bool, reason: str
) -> None:
    verdict = check(replace(FINE, address="", address_typed=typed), channel)

    assert (verdict.possible, verdict.reason) == (False, reason)


def test_an_impossible_row_keeps_its_true_permission_so_that_the_window_shows_both() -> None:
    assert check(replace(FINE, address="", address_typed=False)).allowed
    assert not check(replace(FINE, address="", consent_status="no")).allowed


def test_a_letter_needs_consent_but_no_matching_target() -> None:
    assert check(replace(FINE, address="01067", consent_target=""), "letter").sendable
    assert check(replace(FINE, address="01067", consent_status=""), "letter").reason == "no_consent"


@pytest.mark.parametrize("status", AppointmentStatus)
@pytest.mark.parametrize(("start", "over"), [(LATER, False), (NOW, True), (NOW - timedelta(minutes=1), True)])
def test_a_reminder_needs_an_appointment_that_is_still_to_come(status: AppointmentStatus, start: datetime, over: bool) -> None:
    verdict = check(replace(FINE, appointment_status=status, appointment_start=start), purpose="appointment")

    called_off = status in ("cancelled", "no_show", "rebook")
    expected = "appointment_cancelled" if called_off else "appointment_over" if over or status in ("arrived", "done") else ""
    assert verdict.reason == expected
    assert verdict.possible is not bool(expected)


@pytest.mark.parametrize("purpose", [purpose for purpose in Purpose if purpose is not Purpose.APPOINTMENT])
def test_other_purposes_may_write_about_a_cancelled_appointment(purpose: Purpose) -> None:
    assert check(replace(FINE, appointment_status="cancelled", appointment_start=NOW), purpose=purpose).sendable


@pytest.mark.parametrize("purpose", Purpose)
def test_nobody_is_told_of_the_appointment_of_another_person(purpose: Purpose) -> None:
    verdict = check(
        replace(FINE, appointment_start=LATER, appointment_status="planned", appointment_of_other=True), purpose=purpose
    )

    assert (verdict.possible, verdict.reason) == (False, "appointment_of_other")
    assert not may_go(verdict, "mit Grund")


def test_a_reminder_to_somebody_without_an_appointment_is_the_users_decision() -> None:
    assert check(FINE, purpose="appointment").sendable


def test_unknown_channels_and_purposes_are_refused_at_once() -> None:
    with pytest.raises(ValueError, match="fax"):
        RecipientCheck("fax", "information", NOW)
    with pytest.raises(ValueError, match="fun"):
        RecipientCheck("email", "fun", NOW)


def all_facts() -> list[CheckFacts]:
    """Every combination of what the check knows: 2⁴ states × addresses × consents × appointments."""
    people = product([False, True], repeat=4)
    addresses = [(MAIL, True), ("", True), ("", False)]
    consents = [("", ""), *product(ConsentStatus, [MAIL, "alt@example.org"])]
    appointments = [(None, None), ("planned", LATER), ("planned", NOW), ("cancelled", LATER), ("done", LATER)]
    return [
        CheckFacts(address, typed, *person, status, target, *appointment)
        for person, (address, typed), (status, target), appointment in product(people, addresses, consents, appointments)
    ]


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("purpose", Purpose)
def test_the_full_table_agrees_with_the_rule_said_in_one_breath(channel: Channel, purpose: Purpose) -> None:
    """A living, unblocked, current person with an address, a yes for it and, for reminders, a coming appointment."""
    for facts in all_facts():
        verdict = check(facts, channel, purpose)
        gone = facts.deceased or facts.blocked or facts.archived or facts.converted
        missed = purpose == "appointment" and facts.appointment_start and (
            facts.appointment_status != "planned" or facts.appointment_start <= NOW
        )  # fmt: skip
        yes = facts.consent_status == "yes" and (
            channel == "letter" or not facts.address or facts.consent_target == facts.address
        )
        assert verdict.possible is not bool(gone or not facts.address or facts.address_refused or missed), facts
        assert verdict.allowed is bool(yes), facts
        assert bool(verdict.reason) is not verdict.sendable, facts
        if verdict.reason:
            assert REASONS[verdict.reason].kind == (Kind.FORBIDDEN if verdict.possible else Kind.IMPOSSIBLE), facts


facts_of_anybody = st.builds(
    CheckFacts,
    address=st.sampled_from([MAIL, "+491713920000", "01067", ""]),
    address_typed=st.booleans(),
    deceased=st.booleans(),
    blocked=st.booleans(),
    archived=st.booleans(),
    converted=st.booleans(),
    consent_status=st.sampled_from([*ConsentStatus, ""]) | st.text(max_size=8),
    consent_target=st.sampled_from([MAIL, "+491713920000", ""]) | st.text(max_size=8),
    appointment_status=st.none() | st.sampled_from(list(AppointmentStatus)),
    appointment_start=st.none() | st.datetimes(timezones=st.just(UTC)),
)


@given(facts_of_anybody, st.sampled_from(list(Channel)), st.sampled_from(list(Purpose)), st.text(max_size=40))
def test_the_dead_the_blocked_and_those_who_withdrew_never_get_anything_whatever_else_holds(
    facts: CheckFacts, channel: Channel, purpose: Purpose, written_reason: str
) -> None:
    for ban in ({"deceased": True}, {"blocked": True}, {"consent_status": "revoked"}):
        verdict = check(replace(facts, **ban), channel, purpose)
        assert not verdict.sendable
        assert not may_go(verdict, written_reason)


@given(facts_of_anybody, st.sampled_from(list(Channel)), st.sampled_from(list(Purpose)), st.text(max_size=40))
def test_nothing_goes_without_a_yes_unless_somebody_wrote_why(
    facts: CheckFacts, channel: Channel, purpose: Purpose, written_reason: str
) -> None:
    verdict = check(facts, channel, purpose)

    if may_go(verdict, written_reason):
        assert verdict.possible
        assert facts.consent_status == "yes" or written_reason.strip()
    assert may_go(verdict, " \n") is verdict.sendable


@pytest.mark.parametrize("code", sorted(REASONS))
def test_a_written_reason_helps_only_where_the_table_says_so(code: str) -> None:
    possible = REASONS[code].kind is not Kind.IMPOSSIBLE

    assert may_go(Verdict(possible, False, code, MAIL), "hat heute darum gebeten") is (possible and REASONS[code].overridable)


def test_is_impossible_knows_its_codes() -> None:
    assert is_impossible("no_email")
    assert not is_impossible("no_consent")
    assert not is_impossible("")
    assert not is_impossible("no_such_code")


@pytest.mark.parametrize(
    ("purpose", "rows", "doubles"),
    [
        ("information", [(1, None), (2, None)], [False, False]),
        ("information", [(1, 10), (2, 11), (1, 12)], [False, False, True]),  # two appointments, one information
        ("recall", [(1, 10), (1, 11), (1, 12)], [False, True, True]),
        ("appointment", [(1, 10), (1, 11)], [False, False]),  # two appointments, two reminders
        ("appointment", [(1, 10), (1, 10)], [False, True]),
    ],
)
def test_the_same_person_twice_is_a_duplicate_except_for_reminders(
    purpose: str, rows: list[tuple[int, int | None]], doubles: list[bool]
) -> None:
    codes = duplicates(purpose, [Sameness(person, appointment, MAIL) for person, appointment in rows])

    assert [code == "duplicate_person" for code in codes] == doubles


def test_a_family_sharing_one_address_is_no_duplicate() -> None:
    twins = [Sameness(1, None, "familie.schulz@example.org"), Sameness(2, None, "familie.schulz@example.org")]

    assert duplicates("information", twins) == ["", ""]


def test_the_same_text_to_the_same_address_is_pointed_out_once_the_text_is_known() -> None:
    rows = [(MAIL, "Liebe Mia"), (MAIL, "Lieber Tom"), (MAIL, "Liebe Mia"), ("", "Liebe Mia"), ("", "Liebe Mia")]

    assert same_text_duplicates(rows) == [False, False, True, False, False]
