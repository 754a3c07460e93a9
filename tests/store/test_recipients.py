"""The check window's list: numbers that add up, ticks that can be undone, checks that follow the master data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from messaging.domain.errors import DomainError
from messaging.domain.reasons import REASONS, Kind
from messaging.models import AuditEntry, Recipient, db, write_transaction
from messaging.outbox.sendable import Numbers, left_out_reason, sendable_clause
from messaging.services import drafts, recipients, recipients_overrides, recipients_page
from messaging.services.list_page import ListPage
from tests.store import recipient_world as world
from tests.store.recipient_world import NOW

pytestmark = pytest.mark.usefixtures("app")
WHY = "hat heute am Telefon darum gebeten"


def mixed() -> tuple[int, dict[str, int]]:
    """A draft with one of each: allowed, never asked, refused, withdrawn, another address, no address, deceased."""
    people = {
        "yes": world.allowed("A"),
        "unasked": world.person("B"),
        "no": world.person("C"),
        "revoked": world.person("D"),
        "moved": world.person("E"),
        "no_mail": world.allowed("F", email=""),
        "dead": world.allowed("G", deceased=True),
    }
    world.consent(people["no"], "no")
    world.consent(people["revoked"], "yes")
    world.consent(people["revoked"], "revoked")
    world.consent(people["moved"], target="alt@example.org")
    return world.draft(list(people.values())), people


def actions() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_the_four_numbers_of_a_fresh_list() -> None:
    draft_id, _ = mixed()

    numbers = recipients.numbers(draft_id)

    assert (numbers.selected, numbers.allowed, numbers.sendable, numbers.left_out) == (7, 1, 1, 6)
    assert (numbers.not_allowed, numbers.impossible, numbers.duplicates, numbers.removable, numbers.ticked) == (4, 2, 0, 4, 5)
    assert recipients.left_out(draft_id) == {
        "consent_no": 1, "consent_other_target": 1, "consent_revoked": 1, "deceased": 1, "no_consent": 1, "no_email": 1,
    }  # fmt: skip


def test_one_click_unticks_all_without_permission_and_undo_brings_them_back_once() -> None:
    draft_id, _ = mixed()
    before = world.ticks(draft_id)

    assert recipients.untick_not_allowed(draft_id) == 4
    assert world.ticks(draft_id) == [True, False, False, False, False, False, False]
    assert recipients.last_removed(draft_id) == recipients.Removed(1, 4)
    assert recipients.untick_not_allowed(draft_id) == 0

    assert recipients.undo(draft_id) == 4
    assert world.ticks(draft_id) == before
    assert recipients.undo(draft_id) == 0
    assert recipients.last_removed(draft_id) is None


def test_the_click_leaves_the_four_numbers_as_they_are_for_a_red_nein_never_went() -> None:
    draft_id, _ = mixed()
    before = recipients.numbers(draft_id)

    recipients.untick_not_allowed(draft_id)

    after = recipients.numbers(draft_id)
    assert (after.selected, after.allowed, after.sendable, after.left_out) == (
        7,
        before.allowed,
        before.sendable,
        before.left_out,
    )
    assert after.removable == 0


def test_an_old_undo_from_another_window_does_not_undo_a_newer_click() -> None:
    draft_id, people = mixed()
    recipients.untick_not_allowed(draft_id)
    first = recipients.last_removed(draft_id)
    assert first is not None
    recipients.undo(draft_id, first.batch)
    recipients.tick(draft_id, [world.row_of(draft_id, people["no"]).id], on=False)
    recipients.untick_not_allowed(draft_id)

    assert recipients.undo(draft_id, first.batch) == 0
    assert recipients.last_removed(draft_id) == recipients.Removed(2, 3)
    assert recipients.undo(draft_id, 2) == 3
    assert not world.row_of(draft_id, people["no"]).ticked  # unticked by hand before, and it stays so


def test_undo_goes_back_click_by_click() -> None:
    draft_id, people = mixed()
    recipients.untick_not_allowed(draft_id)
    world.consent(people["yes"], "no")
    recipients.recheck(draft_id, NOW)
    recipients.untick_not_allowed(draft_id)

    assert recipients.last_removed(draft_id) == recipients.Removed(2, 1)
    recipients.undo(draft_id)
    assert recipients.last_removed(draft_id) == recipients.Removed(1, 4)


def test_undo_leaves_alone_what_became_impossible_meanwhile() -> None:
    draft_id, people = mixed()
    recipients.untick_not_allowed(draft_id)
    world.change(people["no"], blocked_at=NOW)
    recipients.recheck(draft_id, NOW)

    recipients.undo(draft_id)

    assert not world.row_of(draft_id, people["no"]).ticked
    assert world.row_of(draft_id, people["unasked"]).ticked


def test_impossible_rows_and_rows_of_other_drafts_cannot_be_ticked() -> None:
    draft_id, people = mixed()
    other = world.draft([people["yes"]])
    foreign = world.rows(other)[0]

    recipients.tick(draft_id, [world.row_of(draft_id, people["dead"]).id], on=True)
    recipients.tick(draft_id, [foreign.id, 4711], on=False)

    assert not world.row_of(draft_id, people["dead"]).ticked
    assert world.ticks(other) == [True]


def test_ticking_a_nein_does_not_make_it_go() -> None:
    draft_id, people = mixed()
    recipients.untick_not_allowed(draft_id)

    recipients.tick(draft_id, [world.row_of(draft_id, people["revoked"]).id], on=True)

    assert world.row_of(draft_id, people["revoked"]).ticked
    assert recipients.numbers(draft_id).sendable == 1


def test_a_page_of_ticks_as_a_browser_without_scripts_sends_it() -> None:
    draft_id, people = mixed()
    all_rows = [row.id for row in world.rows(draft_id)]
    kept = world.row_of(draft_id, people["unasked"]).id

    recipients.tick_page(draft_id, all_rows[:4], [kept])

    assert world.ticks(draft_id) == [False, True, False, False, True, False, False]
    recipients.tick_all(draft_id, "not_allowed", on=False)
    assert world.ticks(draft_id) == [False] * 7
    recipients.tick_all(draft_id, "all", on=True)
    assert world.ticks(draft_id) == [True] * 5 + [False] * 2
    assert recipients.filter_ticks(draft_id, "not_allowed") == recipients.FilterTicks(4, 4)
    assert recipients.filter_ticks(draft_id, "impossible") == recipients.FilterTicks(0, 0)


def test_a_page_that_only_repeats_what_is_known_is_no_decision_by_hand() -> None:
    draft_id, people = mixed()
    recipients.untick_not_allowed(draft_id)
    shown = [row.id for row in world.rows(draft_id)]

    recipients.tick_page(draft_id, shown, [world.row_of(draft_id, people["yes"]).id])

    assert recipients.last_removed(draft_id) == recipients.Removed(1, 4)


def test_checking_again_follows_the_master_data() -> None:
    draft_id, people = mixed()
    recipients.untick_not_allowed(draft_id)
    world.change(people["no_mail"], email="neu@example.org", email_normalized="neu@example.org")
    world.consent(people["no_mail"], target="neu@example.org")
    world.consent(people["unasked"])
    world.change(people["yes"], deceased=True)

    result = recipients.recheck(draft_id, NOW)

    assert result.changed == 3
    found = world.row_of(draft_id, people["no_mail"])
    assert (found.address, found.possible, found.ticked, found.reason) == ("neu@example.org", True, True, "")
    assert world.row_of(draft_id, people["unasked"]).ticked  # removed for want of permission, which is there now
    assert not world.row_of(draft_id, people["yes"]).ticked
    assert recipients.recheck(draft_id, NOW).changed == 0


def test_checking_one_row_checks_its_person_and_nobody_else() -> None:
    draft_id, people = mixed()
    world.consent(people["unasked"])
    world.consent(people["no"])

    result = recipients.recheck_person(draft_id, world.row_of(draft_id, people["unasked"]).id, NOW)

    assert result.changed == 1
    assert world.row_of(draft_id, people["unasked"]).allowed
    assert not world.row_of(draft_id, people["no"]).allowed
    assert recipients.recheck_person(draft_id, 4711, NOW).changed == 0


def test_a_new_address_needs_a_new_permission() -> None:
    who = world.allowed("A")
    draft_id = world.draft([who])
    world.change(who, email="neu@example.org", email_normalized="neu@example.org")

    recipients.recheck(draft_id, NOW)

    row = world.rows(draft_id)[0]
    assert (row.address, row.allowed, row.reason) == ("neu@example.org", False, "consent_other_target")


def test_a_couple_with_one_mailbox_can_differ() -> None:
    ute, jan = (world.person(name, email="gross@example.org") for name in ("Groß, Ute", "Groß, Jan"))
    world.consent(ute)
    world.consent(jan, "no")

    draft_id = world.draft([ute, jan])

    assert [world.row_of(draft_id, who).allowed for who in (ute, jan)] == [True, False]
    assert recipients.numbers(draft_id).duplicates == 0


def test_twins_with_one_address_both_get_their_message() -> None:
    twins = [world.allowed("Schulz", first_name=name, email="familie.schulz@example.org") for name in ("Mia", "Tom")]

    numbers = recipients.numbers(world.draft(twins))

    assert (numbers.sendable, numbers.duplicates) == (2, 0)


def test_permission_for_an_old_number_is_none_for_the_new_one() -> None:
    who = world.person("A", sms="0171 3920001", sms_e164="+491713920001")
    world.consent(who, channel="sms", purpose="appointment", target="+491713920000")

    row = world.rows(world.reminder([world.appointment(who)], "sms"))[0]

    assert (row.possible, row.allowed, row.reason) == (True, False, "consent_other_target")


def test_another_purpose_checks_everything_again_and_keeps_what_was_unticked_by_hand() -> None:
    asked, recalled, both = world.allowed("A"), world.allowed("B", "recall"), world.allowed("C")
    world.consent(both, purpose="recall")
    draft_id = world.draft([asked, recalled, both])
    recipients.tick(draft_id, [world.row_of(draft_id, both).id], on=False)
    recipients.untick_not_allowed(draft_id)

    result = recipients.set_purpose(draft_id, "recall", NOW)

    assert result.changed == 2
    assert [row.allowed for row in world.rows(draft_id)] == [False, True, True]
    assert world.ticks(draft_id) == [True, True, False]
    assert recipients.numbers(draft_id).sendable == 1
    assert recipients.set_purpose(draft_id, "recall", NOW) == recipients.Rechecked(0, ())
    with pytest.raises(ValueError, match="fun"):
        recipients.set_purpose(draft_id, "fun", NOW)


def test_a_cancelled_appointment_stops_a_reminder_and_not_an_information() -> None:
    who = world.allowed("A", "appointment")
    world.consent(who)
    draft_id = world.reminder([world.appointment(who, status="cancelled")])
    assert world.rows(draft_id)[0].reason == "appointment_cancelled"

    recipients.set_purpose(draft_id, "information", NOW)

    row = world.rows(draft_id)[0]
    assert (row.possible, row.ticked, row.reason) == (True, True, "")


def test_a_written_reason_lets_one_row_go_and_is_logged_and_revocable() -> None:
    draft_id, people = mixed()
    leader = world.user("leitung", "manager")
    row = world.row_of(draft_id, people["no"])

    recipients_overrides.override(draft_id, row.id, f"  {WHY} \n", leader, NOW)

    row = world.row_of(draft_id, people["no"])
    assert (row.override_reason, row.overridden_by_id, row.ticked, row.allowed) == (WHY, leader, True, False)
    assert recipients.numbers(draft_id).sendable == 2
    assert recipients.untick_not_allowed(draft_id) == 3  # not the one with a reason

    recipients_overrides.withdraw(draft_id, row.id, leader, NOW)
    recipients_overrides.withdraw(draft_id, row.id, leader, NOW)

    assert recipients.numbers(draft_id).sendable == 1
    assert actions() == ["override_given", "override_withdrawn"]
    entry = db.session.scalars(select(AuditEntry)).first()
    assert entry is not None
    assert entry.detail == {"draft_id": draft_id, "person_id": people["no"], "reason": "consent_no"}


@pytest.mark.parametrize("who", ["revoked", "dead", "no_mail", "yes"])
def test_no_reason_helps_against_a_withdrawal_a_death_or_a_missing_address(who: str) -> None:
    draft_id, people = mixed()

    with pytest.raises(DomainError) as refused:
        recipients_overrides.override(draft_id, world.row_of(draft_id, people[who]).id, WHY, world.user(), NOW)

    assert refused.value.problem.code == "not_overridable"
    assert actions() == []


def test_a_reason_is_weighed_against_what_holds_now_not_when_the_list_was_made() -> None:
    draft_id, people = mixed()
    world.consent(people["no"], "revoked")

    with pytest.raises(DomainError):
        recipients_overrides.override(draft_id, world.row_of(draft_id, people["no"]).id, WHY, world.user(), NOW)


@pytest.mark.parametrize(
    ("words", "code"), [("", "reason_too_short"), ("weil ich", "reason_too_short"), ("x" * 501, "reason_too_long")]
)
def test_a_reason_is_a_sentence(words: str, code: str) -> None:
    draft_id, people = mixed()

    with pytest.raises(DomainError) as refused:
        recipients_overrides.override(draft_id, world.row_of(draft_id, people["no"]).id, words, world.user(), NOW)

    assert refused.value.problem.code == code


def given_reason() -> tuple[int, int]:
    draft_id, people = mixed()
    recipients_overrides.override(draft_id, world.row_of(draft_id, people["unasked"]).id, WHY, world.user(), NOW)
    return draft_id, people["unasked"]


@pytest.mark.parametrize(
    "news",
    [
        lambda draft_id, who: world.consent(who, "no"),
        lambda draft_id, who: world.consent(who, "revoked"),
        lambda draft_id, who: world.consent(who, "yes"),
        lambda draft_id, who: world.change(who, blocked_at=NOW),
        lambda draft_id, who: world.change(who, email="neu@example.org", email_normalized="neu@example.org"),
        lambda draft_id, who: recipients.set_purpose(draft_id, "recall", NOW),
    ],
    ids=["has said no", "withdrew", "has said yes", "blocked", "new address", "another purpose"],
)
def test_a_reason_lapses_with_what_it_was_given_against(news: Callable[[int, int], object]) -> None:
    draft_id, who = given_reason()

    news(draft_id, who)
    recipients.recheck(draft_id, NOW)

    assert world.row_of(draft_id, who).override_reason == ""
    assert actions() == ["override_given", "override_lapsed"]


def test_a_reason_outlives_a_check_that_finds_nothing_new() -> None:
    draft_id, who = given_reason()

    assert recipients.recheck(draft_id, NOW) == recipients.Rechecked(0, ())
    assert world.row_of(draft_id, who).override_reason == WHY


@pytest.mark.parametrize(
    "change",
    [
        lambda draft_id, row: recipients.tick(draft_id, [row], on=False),
        lambda draft_id, row: recipients.tick_page(draft_id, [row], []),
        lambda draft_id, row: recipients.tick_all(draft_id, "all", on=False),
        lambda draft_id, row: recipients.untick_not_allowed(draft_id),
        lambda draft_id, row: recipients.undo(draft_id),
        lambda draft_id, row: recipients.recheck(draft_id, NOW),
        lambda draft_id, row: recipients.recheck_person(draft_id, row, NOW),
        lambda draft_id, row: recipients.set_purpose(draft_id, "recall", NOW),
        lambda draft_id, row: recipients_overrides.override(draft_id, row, WHY, 1, NOW),
        lambda draft_id, row: recipients_overrides.withdraw(draft_id, row, 1, NOW),
    ],
    ids=["tick", "page", "all", "remove", "undo", "recheck", "recheck one", "purpose", "override", "withdraw"],
)
def test_nothing_changes_a_draft_that_is_confirmed_or_discarded_or_unknown(change: Callable[[int, int], object]) -> None:
    confirmed, discarded = (world.draft([who]) for who in (world.allowed("A"), world.person("B")))
    world.confirmed(confirmed)
    drafts.discard(discarded, world.user(), NOW)
    before = [world.ticks(confirmed), world.ticks(discarded)]

    for draft_id, code in ((confirmed, "draft_confirmed"), (discarded, "draft_discarded"), (4711, "draft_unknown")):
        row = world.rows(draft_id)[0].id if draft_id != 4711 else 1
        with pytest.raises(DomainError) as refused:
            change(draft_id, row)
        assert refused.value.problem.code == code
    assert [world.ticks(confirmed), world.ticks(discarded)] == before


def test_a_page_shows_rows_as_people_read_them() -> None:
    who = world.person("Groß", first_name="Ute", title="Prof. Dr.", form_of_address="Frau", sms="0171 3920000",
                       sms_e164="+491713920000", street="Musterweg 1", postcode="01067", city="Dresden")  # fmt: skip
    broken = world.person("Öhme", email="a@@b", email_normalized="", sort_key="ohme", sms="keine", sms_problem="too_short")
    draft_id = world.reminder([world.appointment(who, hours=0.5), world.appointment(broken)])

    first, second = recipients_page.page(draft_id, "email").rows

    assert (first.name, first.address, first.appointment) == ("Groß, Prof. Dr. Ute", "m00001@example.org", "Mo 23.11. 9:00")
    assert (second.address, second.state.address, second.reason) == ("a@@b", "", REASONS["bad_email"])
    assert first.may_be_overridden
    assert not second.may_be_overridden
    letter = recipients_page.page(world.draft([who], "letter"), "letter").rows[0]
    assert (letter.address, letter.appointment) == ("Musterweg 1, 01067 Dresden", "")
    sms = recipients_page.page(world.draft([who, broken], "sms"), "sms").rows
    assert [row.address for row in sms] == ["0171 3920000", "keine"]


def test_pages_and_filters_divide_the_list() -> None:
    draft_id, people = mixed()
    for name, expected in {"all": 7, "allowed": 1, "not_allowed": 4, "impossible": 2, "duplicates": 0}.items():
        found = recipients_page.page(draft_id, "email", name)
        assert (found.total, len(found.rows)) == (expected, expected)
    with write_transaction() as session:
        session.execute(Recipient.__table__.update().values(ticked=False))

    beyond = recipients_page.page(draft_id, "email", "all", ListPage(9, "25"))

    assert beyond.part.number == 1
    assert [row.person_id for row in beyond.rows] == list(people.values())
    assert recipients_page.one(draft_id, "email", 4711) is None


row_states = st.tuples(
    st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.sampled_from(["", WHY]), st.sampled_from([-1, 0, 1, 2])
)


def recount(states: list[tuple[bool, bool, bool, bool, str, int]]) -> Numbers:
    """The same numbers counted the long way."""
    sendable = sum(ticked and possible and (allowed or bool(why)) for ticked, possible, allowed, _, why, _ in states)
    return Numbers(
        selected=len(states),
        allowed=sum(possible and allowed for _, possible, allowed, *_ in states),
        not_allowed=sum(possible and not allowed for _, possible, allowed, *_ in states),
        impossible=sum(not possible for _, possible, *_ in states),
        duplicates=sum(possible and double for _, possible, _, double, *_ in states),
        sendable=sendable,
        removable=sum(ticked and possible and not allowed and not why for ticked, possible, allowed, _, why, _ in states),
        ticked=sum(ticked for ticked, *_ in states),
    )


@pytest.fixture
def any_draft(app: Flask) -> Callable[[list[tuple[bool, bool, bool, bool, str, int]]], int]:
    """Fills one draft with rows in these states, again and again."""
    draft_id = world.draft([world.allowed("A")])
    who = world.rows(draft_id)[0].person_id
    keys = ("ticked", "possible", "allowed", "duplicate", "override_reason", "unticked_batch")

    def fill(states: list[tuple[bool, bool, bool, bool, str, int]]) -> int:
        with write_transaction() as session:
            session.execute(Recipient.__table__.delete())
            for position, state in enumerate(states, start=1):
                values = dict(zip(keys, state, strict=True))
                why = "" if values["possible"] and values["allowed"] else "no_consent" if values["possible"] else "no_email"
                session.add(Recipient(draft_id=draft_id, position=position, person_id=who, reason=why, **values))
        return draft_id

    return fill


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(row_states, max_size=12))
def test_the_numbers_always_add_up_and_equal_a_recount(
    any_draft: Callable[[list[tuple[bool, bool, bool, bool, str, int]]], int],
    states: list[tuple[bool, bool, bool, bool, str, int]],
) -> None:
    draft_id = any_draft(states)

    numbers = recipients.numbers(draft_id)

    assert numbers == recount(states)
    assert numbers.allowed + numbers.not_allowed + numbers.impossible == numbers.selected
    assert numbers.sendable + numbers.left_out == numbers.selected
    left_out = recipients.left_out(draft_id)
    assert sum(left_out.values()) == numbers.left_out
    assert set(left_out) <= {"no_consent", "no_email", "duplicate_person", "unticked"}
    goes = {row.id for row in db.session.execute(select(Recipient.id).where(sendable_clause()))}
    bulk = Counter(db.session.scalars(select(left_out_reason()).where(Recipient.id.not_in(goes))))
    assert bulk == Counter(left_out)
    assert recipients.untick_not_allowed(draft_id) == numbers.removable
    assert recipients.numbers(draft_id).sendable == numbers.sendable


def test_left_out_reasons_are_all_in_the_table() -> None:
    draft_id, people = mixed()
    recipients.tick(draft_id, [world.row_of(draft_id, people["yes"]).id], on=False)

    codes = recipients.left_out(draft_id)

    assert codes["unticked"] == 1
    assert all(REASONS[code].kind in (Kind.IMPOSSIBLE, Kind.FORBIDDEN, Kind.DUPLICATE) for code in codes)
    assert db.session.scalar(select(func.count()).where(sendable_clause(), Recipient.draft_id == draft_id)) == 0
