"""What all views of the record share: the person behind the address, the frame around every tab. No routes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, url_for
from flask_login import current_user

from blueprints.access import may_open
from blueprints.answers import page_or_fragment
from jobs import clock
from messaging.domain.email_address import EMAIL_PROBLEMS
from messaging.domain.phone import PHONE_PROBLEMS, display_phone
from messaging.domain.reasons import REASONS
from messaging.domain.words import (
    APPOINTMENT_STATUS_LABELS,
    CHANNEL_LABELS,
    CONSENT_SOURCE_LABELS,
    CONSENT_STATUS_LABELS,
    KIND_LABELS,
    PURPOSE_LABELS,
    Channel,
    Role,
    role_reaches,
)  # fmt: skip
from messaging.services import person_record, refused_addresses
from messaging.services.consents import Key, Permission
from messaging.services.person_record import Card

blueprint = Blueprint("person_record", __name__)

TABS = (
    ("show", "Stammdaten"),
    ("permissions", "Kontakt erlaubt"),
    ("appointments", "Termine"),
    ("messages", "Nachrichten"),
)
#: Words of the field for the templates of this room.
WORDS = {
    "channel_labels": CHANNEL_LABELS,
    "purpose_labels": PURPOSE_LABELS,
    "status_labels": CONSENT_STATUS_LABELS,
    "source_labels": CONSENT_SOURCE_LABELS,
    "appointment_labels": APPOINTMENT_STATUS_LABELS,
    "kind_labels": KIND_LABELS,
    "reasons": REASONS,
    "shown_target": lambda channel, target: shown_target(channel, target),
}


def card_or_404(person_id: int) -> Card:
    return person_record.card(person_id, clock.now()) or abort(404)


def tab_answer(card: Card, tab: str, status: int = 200, **values: Any) -> Response:
    """One tab of the record: the whole page, or for htmx the part below the page's head."""
    name = f"person_record/{tab}.html", f"person_record/_{tab}.html"
    return page_or_fragment(*name, status, **frame(card, tab), **values)


def frame(card: Card, tab: str) -> dict[str, Any]:
    """What the page around a tab needs."""
    here = {"card": card, "tab": tab, "tabs_of": tabs(card.id, tab)}
    here["address_refused"] = refused_addresses.is_refused(card.checked["email_normalized"])
    return {**WORDS, **here, "may_edit": may_edit(), "may_see_dispatch": may_open("dispatches.show")}


def tabs(person_id: int, current: str) -> list[tuple[str, str, bool]]:
    return [(text, url_for(f"person_record.{name}", person_id=person_id), name == current) for name, text in TABS]


def may_edit() -> bool:
    return role_reaches(current_user.role, Role.STAFF)


def former_addresses(permissions: dict[Key, Permission]) -> list[tuple[Channel, bool]]:
    """Channels with a yes for an address or number the person no longer has, and whether something is allowed all the same."""
    former = []
    for channel in Channel:
        mine = [permission for key, permission in permissions.items() if key[0] == channel]
        if any(permission.is_for_former_address for permission in mine):
            former.append((channel, any(permission.allowed for permission in mine)))
    return former


def shown_target(channel: str, target: str) -> str:
    return display_phone(target) if channel == Channel.SMS and target else target


def contact_lines(card: Card) -> list[dict[str, str]]:
    """Phones and mail as the page shows them, each with what is wrong with it."""
    return [
        {"label": "Telefon", "value": _shown(card, "phone"), "problem": ""},
        {"label": "Handy", "value": _shown(card, "mobile"), "problem": ""},
        {"label": "SMS", "value": _shown(card, "sms"), "problem": _sentence(PHONE_PROBLEMS, card.checked["sms_problem"])},
        {"label": "E-Mail", "value": card.fields["email"], "problem": _sentence(EMAIL_PROBLEMS, card.checked["email_problem"])},
    ]


def _shown(card: Card, name: str) -> str:
    number = card.checked[f"{name}_e164"]
    return display_phone(number) if number else card.fields[name]


def _sentence(problems: dict[str, Any], code: str) -> str:
    return problems[code].text if code else ""
