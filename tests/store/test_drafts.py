"""Drafts: what is ticked becomes a list with verdicts, in the order people expect, and can be put away and fetched back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from messaging.domain.errors import DomainError
from messaging.models import AuditEntry, Draft, Recipient, SelectionItem, db, write_transaction
from messaging.services import drafts, recipients
from tests.store import recipient_world as world
from tests.store.recipient_world import NOW

pytestmark = pytest.mark.usefixtures("app")


def state_of(draft_id: int) -> str:
    return db.session.execute(db.select(Draft.state).filter_by(id=draft_id)).scalar_one()


def test_a_list_of_people_is_for_information_and_stands_in_the_order_of_names() -> None:
    people = [world.allowed(name) for name in ("Zschoche", "Öhme", "Groß")]
    world.change(people[1], sort_key="ohme")

    draft_id = world.draft(people)

    facts = drafts.facts(draft_id)
    assert facts is not None
    assert (facts.channel, facts.purpose, facts.origin, facts.state) == ("email", "information", "people", "open")
    assert [row.person_id for row in world.rows(draft_id)] == [people[2], people[1], people[0]]
    assert [row.position for row in world.rows(draft_id)] == [1, 2, 3]
    assert all(row.appointment_id is None for row in world.rows(draft_id))


def test_a_list_of_appointments_is_for_reminders_and_stands_in_the_order_of_time() -> None:
    first, second = world.allowed("Winter", "appointment"), world.allowed("Abel", "appointment")
    late, early = world.appointment(second, hours=3), world.appointment(first, hours=2)

    draft_id = world.reminder([late, early])

    facts = drafts.facts(draft_id)
    assert facts is not None
    assert (facts.purpose, facts.origin) == ("appointment", "appointments")
    assert [(row.appointment_id, row.person_id) for row in world.rows(draft_id)] == [(early, first), (late, second)]


def test_every_row_has_its_verdict_from_the_start() -> None:
    fine, refuses, no_mail = world.allowed("A"), world.person("B"), world.allowed("C", email="")
    world.consent(refuses, "no")

    draft_id = world.draft([fine, refuses, no_mail])

    found = [(row.ticked, row.possible, row.allowed, row.reason) for row in world.rows(draft_id)]
    assert found == [(True, True, True, ""), (True, True, False, "consent_no"), (False, False, True, "no_email")]
    assert world.row_of(draft_id, fine).address == "m00001@example.org"


def test_the_ticks_of_the_list_stay_and_those_of_others_are_not_taken() -> None:
    mine, theirs = world.allowed("A"), world.allowed("B")
    other = world.user("bert")
    with write_transaction() as session:
        session.add(SelectionItem(user_id=other, scope="people", item_id=theirs))

    draft_id = world.draft([mine])

    assert [row.person_id for row in world.rows(draft_id)] == [mine]
    assert db.session.scalar(db.select(db.func.count()).select_from(SelectionItem)) == 2


def test_nobody_ticked_makes_no_draft_and_says_what_to_do() -> None:
    with pytest.raises(DomainError) as refused:
        world.draft([])

    assert refused.value.problem.code == "nobody_selected"
    assert db.session.scalar(db.select(db.func.count()).select_from(Draft)) == 0


def test_a_ticked_person_who_no_longer_exists_is_left_away() -> None:
    there = world.allowed("A")

    assert [row.person_id for row in world.rows(world.draft([there, 4711]))] == [there]


@pytest.mark.parametrize(("channel", "address"), [("email", "m00001@example.org"), ("sms", "+491713920000"), ("letter", "01067")])
def test_each_channel_has_its_own_address_and_permission(channel: str, address: str) -> None:
    who = world.person("A", sms="0171 3920000", sms_e164="+491713920000", street="Musterweg 1", postcode="01067", city="Dresden")
    world.consent(who, channel=channel)

    row = world.rows(world.draft([who], channel))[0]

    assert (row.address, row.possible, row.allowed) == (address, True, True)
    others = [world.rows(world.draft([who], other))[0] for other in ("email", "sms", "letter") if other != channel]
    assert [row.reason for row in others] == ["no_consent", "no_consent"]


def test_a_few_people_from_a_record_become_a_draft_too() -> None:
    who = world.allowed("A", "recall")

    draft_id = drafts.create_from_people(world.user(), [who], "email", NOW, purpose="recall")

    assert [(row.person_id, row.allowed) for row in world.rows(draft_id)] == [(who, True)]
    with pytest.raises(ValueError, match="selection"):
        drafts.create_from_people(world.user(), range(501), "email", NOW)


def test_one_person_with_two_appointments_gets_one_information_and_two_reminders() -> None:
    who = world.allowed("A")
    world.consent(who, purpose="appointment")
    times = [world.appointment(who, hours=1), world.appointment(who, hours=2)]

    draft_id = world.reminder(times)
    assert world.ticks(draft_id) == [True, True]

    recipients.set_purpose(draft_id, "information", NOW)
    assert world.ticks(draft_id) == [True, False]
    assert [row.duplicate for row in world.rows(draft_id)] == [False, True]


def test_unknown_drafts_have_no_facts() -> None:
    assert drafts.facts(4711) is None


def test_open_drafts_are_the_practices_with_ones_own_first_and_the_owner_named() -> None:
    anna, bert = world.user("anna"), world.user("bert")
    yes, no = world.allowed("A"), world.person("B")
    theirs = world.draft([yes], owner=bert)
    old, new = world.draft([yes, no], owner=anna), world.draft([yes], owner=anna)
    gone, sent = world.draft([yes], owner=anna), world.draft([yes], owner=anna)
    drafts.discard(gone, anna, NOW)
    world.confirmed(sent)
    with write_transaction() as session:
        session.get_one(Draft, new).updated_at = NOW + timedelta(hours=1)
        session.get_one(Draft, theirs).updated_at = NOW + timedelta(hours=2)

    found = drafts.open_drafts(anna)

    assert [(entry.facts.id, entry.mine) for entry in found] == [(new, True), (old, True), (theirs, False)]
    assert (found[1].selected, found[1].sendable) == (2, 1)
    assert found[2].facts.owner_name == "Bert Beispiel"
    assert [entry.facts.id for entry in drafts.open_drafts(anna, limit=1)] == [new]
    assert [entry.facts.id for entry in drafts.discarded_since(NOW - timedelta(days=7), anna)] == [gone]
    assert drafts.discarded_since(NOW + timedelta(seconds=1), anna) == []


def test_a_discarded_draft_comes_back_as_it_was_and_both_are_logged() -> None:
    draft_id, anna = world.draft([world.allowed("A")]), world.user()
    before = [(row.id, row.ticked) for row in world.rows(draft_id)]

    drafts.discard(draft_id, anna, NOW)
    drafts.discard(draft_id, anna, NOW)
    assert state_of(draft_id) == "discarded"
    drafts.restore(draft_id, anna, NOW)

    assert state_of(draft_id) == "open"
    assert [(row.id, row.ticked) for row in world.rows(draft_id)] == before
    assert [entry.action for entry in db.session.scalars(db.select(AuditEntry))] == ["draft_discarded", "draft_restored"]


def test_what_was_confirmed_can_neither_be_discarded_nor_reopened() -> None:
    draft_id = world.draft([world.allowed("A")])
    world.confirmed(draft_id)

    for change in (drafts.discard, drafts.restore):
        with pytest.raises(DomainError) as refused:
            change(draft_id, world.user(), NOW)
        assert refused.value.problem.code == "draft_confirmed"
    with pytest.raises(DomainError) as unknown:
        drafts.discard(4711, world.user(), NOW)
    assert unknown.value.problem.code == "draft_unknown"


def test_more_rows_than_one_portion_are_stored_without_loss(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "ROWS_AT_ONCE", 2)
    people = [world.allowed(name) for name in "ABCDE"]

    draft_id = world.draft(people)

    assert [row.person_id for row in world.rows(draft_id)] == people
    assert db.session.scalar(db.select(db.func.count()).select_from(Recipient)) == 5
