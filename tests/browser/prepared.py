"""Drafts and dispatches that are there before a test begins, made by the same services that the screens call.

The test of the main way makes them by mouse; the others need not wait for that.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from jobs.sending import wake_dispatch
from messaging.domain.words import Channel, Purpose
from messaging.models import Draft, MailAccount, Person, Signature, User, db, write_transaction
from messaging.services import dispatching, drafts, recipients
from messaging.services.demo.practice import LOGIN
from tests.browser.house import House
from tests.browser.practice_files import CROWD, Export

SUBJECT = "Neues aus der Praxis"
BODY = "<div>{{Briefanrede}}<br>wir haben neue Zeiten.<br>{{{Signatur}}}</div>"


def user_id(name: str = LOGIN) -> int:
    return db.session.scalars(select(User.id).filter_by(name=name)).one()


def person_id(export: Export, place: int) -> int:
    return db.session.scalars(select(Person.id).filter_by(number=export.number(place))).one()


def draft(house: House, export: Export, *, written: bool = False) -> int:
    """A draft of everybody in the export, at the check window; `written`: with those without permission left out, and a text."""
    with house.app.app_context():
        people = [person_id(export, place) for place in range(len(CROWD))]
        draft_id = drafts.create_from_people(user_id(), people, Channel.EMAIL, house.now(), Purpose.APPOINTMENT)
        if written:
            recipients.untick_not_allowed(draft_id)
            write(draft_id)
    return draft_id


def write(draft_id: int) -> None:
    with write_transaction() as session:
        made = session.get_one(Draft, draft_id)
        made.account_id = session.scalars(select(MailAccount.id).filter_by(username="praxis")).one()
        made.signature_id = session.scalars(select(Signature.id)).first()
        made.subject, made.body = SUBJECT, BODY


def dispatch(house: House, export: Export, scheduled_at: datetime | None = None) -> int:
    """A confirmed dispatch; the workers of the house are woken, unless it is for later."""
    draft_id = draft(house, export, written=True)
    with house.app.app_context():
        version = db.session.get_one(Draft, draft_id).version
        promised = dispatching.plan(draft_id, house.now()).sendable
        confirmed = dispatching.confirm(draft_id, user_id(), house.now(), version, promised, scheduled_at)
        if scheduled_at is None:
            wake_dispatch(confirmed.dispatch_id, promised)
    return confirmed.dispatch_id


def scheduled_dispatch(house: House, export: Export) -> int:
    return dispatch(house, export, house.now() + timedelta(days=3))
