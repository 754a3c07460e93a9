"""The tabs that only show: master data, appointments, messages with their texts as sent; and the panel beside a list."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, request

from blueprints.access import current_user_id
from blueprints.answers import go, page_or_fragment
from blueprints.list_requests import list_page
from blueprints.person_record import room
from blueprints.person_record.room import blueprint
from blueprints.safe_html import mail_html
from jobs import clock
from messaging.domain.words import Channel
from messaging.services import consents, drafts, person_record
from messaging.services.person_record import Card


@blueprint.get("/people/<int:person_id>")
def show(person_id: int) -> Response:
    card = room.card_or_404(person_id)
    return room.tab_answer(card, "show", **show_values(card))


@blueprint.get("/people/<int:person_id>/panel")
def panel(person_id: int) -> Response:
    """The record beside a list; by itself, as a plain link, it is the record."""
    card = room.card_or_404(person_id)
    coming = person_record.appointments(person_id, clock.now())
    values = room.frame(card, "show") | show_values(card) | {"next": coming.next}
    return page_or_fragment("person_record/show.html", "person_record/_panel.html", **values)


@blueprint.get("/people/<int:person_id>/appointments")
def appointments(person_id: int) -> Response:
    card = room.card_or_404(person_id)
    return room.tab_answer(card, "appointments", appointments=person_record.appointments(person_id, clock.now()))


@blueprint.get("/people/<int:person_id>/messages")
def messages(person_id: int) -> Response:
    card, page = room.card_or_404(person_id), list_page(request.args)
    total, lines = person_record.messages(person_id, page.number, page.size)
    if not lines and total:
        page = page.within(total)
        total, lines = person_record.messages(person_id, page.number, page.size)
    args = {"person_id": person_id, "page": page.number, "per_page": page.per_page}
    return room.tab_answer(card, "messages", lines=lines, total=total, page=page, args=args)


@blueprint.get("/people/<int:person_id>/messages/<int:message_id>")
def message(person_id: int, message_id: int) -> Response:
    """The record entry: what was sent, word for word."""
    sent = person_record.sent_text(person_id, message_id) or abort(404)
    values = {"card": room.card_or_404(person_id), "sent": sent, "safe_html": mail_html(sent.html), **room.WORDS}
    return page_or_fragment("person_record/message.html", "person_record/_message.html", **values)


@blueprint.post("/people/<int:person_id>/write")
def write(person_id: int) -> Response:
    """Begin an e-mail to this one person."""
    room.card_or_404(person_id)
    draft_id = drafts.create_from_people(current_user_id(), [person_id], Channel.EMAIL, clock.now())
    return go("recipients.index", draft_id=draft_id)


def show_values(card: Card) -> dict[str, Any]:
    permissions = consents.permissions(card.id, clock.now())
    return {
        "permissions": permissions,
        "former": room.former_addresses(permissions),
        "contact_lines": room.contact_lines(card),
    }
