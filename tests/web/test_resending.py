"""Sending again to those a dispatch did not reach: once, however often and from however many desks it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask

from messaging.domain.errors import DomainError
from messaging.models import Appointment, Draft, Message, Person, Recipient, db, write_transaction
from messaging.outbox import staging
from messaging.services import drafts, resending
from tests.web.made_dispatches import change_dispatch, make_dispatch, put_states
from tests.web.reading import soup, words

HTMX = {"HX-Request": "true"}


@pytest.fixture
def owner(make_user: Callable):
    return make_user("staff", "owner")


@pytest.fixture
def over(app: Flask, owner) -> int:
    """A finished dispatch to Groß, Müßig and Winter; the first two were refused."""
    dispatch_id = make_dispatch(app, owner)
    put_states(app, dispatch_id, "failed", "failed", "sent")
    change_dispatch(dispatch_id, state="finished")
    return dispatch_id


@pytest.fixture
def confirm(app: Flask, owner) -> Callable[..., int]:
    """Confirm a draft as the page does and let a worker end its messages; returns the dispatch."""

    def confirm(draft_id: int, *states: str) -> int:
        dispatch_id = staging.stage(draft_id, owner.id, app.config["CLOCK"](), app.config["CLOCK"](), 1)
        put_states(app, dispatch_id, *states)
        return dispatch_id

    return confirm


def press(client, dispatch_id: int) -> int:
    """Press the button as a page may still show it; returns the draft it leads to."""
    answer = client.post(f"/dispatches/{dispatch_id}/resend")
    assert answer.status_code == 303
    return int(answer.location.split("/")[2])


def names_in(draft_id: int) -> list[str]:
    rows = db.select(Person.last_name).join(Recipient).where(Recipient.draft_id == draft_id).order_by(Recipient.position)
    return list(db.session.scalars(rows))


def untick(draft_id: int, position: int) -> None:
    with write_transaction() as session:
        mine = (Recipient.draft_id == draft_id, Recipient.position == position)
        session.execute(db.update(Recipient).where(*mine).values(ticked=False, unticked_batch=-1))


def test_pressed_twice_both_lead_to_one_draft(client, over: int) -> None:
    first = press(client, over)
    second = press(client, over)

    assert first == second
    assert names_in(first) == ["Groß", "Müßig"]
    assert db.session.scalar(db.select(db.func.count()).select_from(Draft)) == 2
    assert "gibt es schon diesen Entwurf" in words(client.get(f"/drafts/{first}/recipients"), "#flash")


def test_while_the_draft_is_open_the_button_is_a_way_to_it(client, over: int) -> None:
    draft_id = press(client, over)

    page = soup(client.get(f"/dispatches/{over}"))

    assert page.select_one("a#dispatch-resend")["href"] == f"/drafts/{draft_id}/recipients"
    assert page.select("button#dispatch-resend") == []


def test_whoever_is_in_a_later_dispatch_is_not_in_the_next_draft(client, confirm, over: int) -> None:
    first = press(client, over)
    untick(first, 1)
    confirm(first, "sent")

    assert words(client.get(f"/dispatches/{over}"), "#dispatch-resend") == "Nur Fehlgeschlagene erneut senden (1)"
    assert names_in(press(client, over)) == ["Groß"]


@pytest.mark.parametrize("state", ["queued", "sending", "retrying", "sent", "unknown", "failed"])
def test_when_nobody_is_left_it_says_so(client, confirm, over: int, state: str) -> None:
    """Also those whom the later dispatch did not reach: they are sent to again from there, not from two places."""
    confirm(press(client, over), state, state)

    answer = client.post(f"/dispatches/{over}/resend", headers=HTMX)

    assert answer.status_code == 409
    assert "Für alle Fehlgeschlagenen gibt es schon einen neuen Versand." in words(answer, ".alert")
    assert soup(client.get(f"/dispatches/{over}")).select("#dispatch-resend") == []


@pytest.mark.parametrize("state", ["cancelled", "skipped"])
def test_what_a_later_dispatch_never_sent_may_be_sent_again(client, confirm, over: int, state: str) -> None:
    confirm(press(client, over), state, "sent")

    assert names_in(press(client, over)) == ["Groß"]


def test_a_discarded_draft_makes_room_for_a_new_one(client, owner, clock, over: int) -> None:
    first = press(client, over)
    drafts.discard(first, owner.id, clock.moment)

    second = press(client, over)

    assert (second != first, names_in(second)) == (True, ["Groß", "Müßig"])


def test_two_appointments_of_one_person_are_two_messages(app: Flask, client, owner, clock, confirm, over: int) -> None:
    """Whether one of them was sent again says nothing about the other."""
    failed = db.session.scalars(db.select(Message.id).where(Message.dispatch_id == over, Message.state == "failed")).all()
    appointments = make_appointments(db.session.get_one(Message, failed[0]).person_id, clock.moment)
    with write_transaction() as session:
        for message_id, appointment_id in zip(failed, appointments, strict=True):
            message = session.get_one(Message, message_id)
            message.appointment_id, message.person_id = appointment_id, session.get_one(Message, failed[0]).person_id
    first = press(client, over)
    with write_transaction() as session:
        session.execute(db.update(Recipient).where(Recipient.draft_id == first).values(ticked=False, unticked_batch=-1))
        session.execute(db.update(Recipient).where(Recipient.draft_id == first, Recipient.appointment_id == appointments[0])
                        .values(ticked=True, unticked_batch=0))  # fmt: skip
    confirm(first, "sent")

    again = press(client, over)

    rows = db.session.scalars(db.select(Recipient.appointment_id).where(Recipient.draft_id == again)).all()
    assert rows == [appointments[1]]


def make_appointments(person_id: int, now: datetime) -> list[int]:

    with write_transaction() as session:
        made = [
            Appointment(number=f"T{place}", person_id=person_id, starts_at=now + timedelta(days=place), ends_at=now
                        + timedelta(days=place, hours=1), local_date=(now + timedelta(days=place)).date(), updated_at=now)
            for place in (1, 2)
        ]  # fmt: skip
        session.add_all(made)
    return [each.id for each in made]


def test_nothing_failed_is_still_said_as_such(app: Flask, owner, clock) -> None:
    dispatch_id = make_dispatch(app, owner)

    with pytest.raises(DomainError) as refused:
        resending.resend_failed(dispatch_id, owner.id, clock.moment)

    assert refused.value.problem is resending.NOTHING_FAILED


def test_a_discarded_draft_does_not_come_back_beside_a_newer_one(client, over: int) -> None:
    first = press(client, over)
    client.post(f"/drafts/{first}/discard")
    second = press(client, over)

    answer = client.post(f"/drafts/{first}/restore")

    assert second != first
    assert answer.status_code == 409
    assert "gibt es inzwischen einen neueren Entwurf oder Versand" in answer.text
    assert db.session.get_one(Draft, first, populate_existing=True).state == "discarded"


@pytest.mark.parametrize(("states", "comes_back"), [(("sent", "failed"), False), (("cancelled", "cancelled"), True)])
def test_nor_when_its_people_have_got_it_meanwhile(client, over: int, confirm, states: tuple[str, ...], comes_back: bool) -> None:
    first = press(client, over)
    client.post(f"/drafts/{first}/discard")
    confirm(press(client, over), *states)

    client.post(f"/drafts/{first}/restore")

    assert (db.session.get_one(Draft, first, populate_existing=True).state == "open") is comes_back


def test_a_discarded_draft_without_a_newer_one_comes_back(client, over: int) -> None:
    first = press(client, over)
    client.post(f"/drafts/{first}/discard")

    client.post(f"/drafts/{first}/restore")

    assert db.session.get_one(Draft, first, populate_existing=True).state == "open"
    assert press(client, over) == first
