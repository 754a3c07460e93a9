"""The tab Kontakt erlaubt: what is allowed now, recording what the person said, and the whole history."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Response, flash, request, url_for

from blueprints.access import current_user_id
from blueprints.answers import go
from blueprints.person_record import room
from blueprints.person_record.room import blueprint
from jobs import clock
from messaging.domain.calendar_de import date_words, local, plural
from messaging.domain.consent_rules import SOURCES_BY_HAND, STATUSES_BY_HAND, NewConsent
from messaging.domain.errors import DomainError
from messaging.domain.form_errors import FormRefused
from messaging.domain.typed_day import read_day
from messaging.domain.words import CONSENT_SOURCE_LABELS, CONSENT_STATUS_LABELS, ConsentStatus
from messaging.services import consents


@dataclass(frozen=True)
class TypedAnswer:
    """The form as somebody typed it; it comes back unchanged when something is missing."""

    channels: list[str] = field(default_factory=list)
    purposes: list[str] = field(default_factory=list)
    status: str = ConsentStatus.YES
    source: str = ""
    given_on: str = ""
    proof: str = ""


@blueprint.get("/people/<int:person_id>/permissions")
def permissions(person_id: int) -> Response:
    asked = TypedAnswer(request.args.getlist("channel"), request.args.getlist("purpose"), given_on=today_words())
    return answer(person_id, asked)


@blueprint.post("/people/<int:person_id>/permissions")
def record_answer(person_id: int) -> Response:
    typed = typed_answer()
    room.card_or_404(person_id)
    try:
        entries = consents.record_answer(person_id, new_consent(typed), current_user_id(), clock.now())
    except FormRefused as refused:
        return answer(person_id, typed, {name: problem.text for name, problem in refused.problems.items()})
    flash(
        f"{plural(entries, 'Eintrag', 'Einträge')} gespeichert: {CONSENT_STATUS_LABELS[ConsentStatus(typed.status)]}.", "success"
    )
    return go("person_record.permissions", person_id=person_id)


@blueprint.post("/people/<int:person_id>/permissions/withdraw")
def withdraw_all(person_id: int) -> Response:
    room.card_or_404(person_id)
    done = consents.withdraw_all(person_id, current_user_id(), clock.now())
    if not done.entries:
        flash("Es war schon alles widerrufen.", "info")
        return go("person_record.permissions", person_id=person_id)
    undo = url_for("person_record.undo_withdrawal", person_id=person_id)
    text = "Alles widerrufen: Diese Person bekommt nichts mehr, auf keinem Weg."
    flash({"text": text, "undo_url": undo, "undo_fields": {"after": done.after, "until": done.until}}, "success")
    return go("person_record.permissions", person_id=person_id)


@blueprint.post("/people/<int:person_id>/permissions/undo")
def undo_withdrawal(person_id: int) -> Response:
    room.card_or_404(person_id)
    after, until = (request.form.get(name, default=0, type=int) for name in ("after", "until"))
    entries = consents.undo_withdrawal(person_id, after, until, current_user_id(), clock.now())
    flash("Der Widerruf ist zurückgenommen. Beides steht im Verlauf." if entries else "Es gab nichts zurückzunehmen.", "info")
    return go("person_record.permissions", person_id=person_id)


def answer(person_id: int, typed: TypedAnswer, errors: dict[str, str] | None = None) -> Response:
    card, now = room.card_or_404(person_id), clock.now()
    allowed = consents.permissions(person_id, now)
    values = {
        "permissions": allowed,
        "former": room.former_addresses(allowed),
        "acts": consents.acts(person_id),
        "addresses": {key[0]: room.shown_target(key[0], permission.address) for key, permission in allowed.items()},
        "typed": typed,
        "errors": errors or {},
        "statuses": [(status, CONSENT_STATUS_LABELS[status]) for status in STATUSES_BY_HAND],
        "sources": [("", "bitte wählen"), *((source, CONSENT_SOURCE_LABELS[source]) for source in SOURCES_BY_HAND)],
    }
    return room.tab_answer(card, "permissions", 422 if errors else 200, **values)


def typed_answer() -> TypedAnswer:
    form = request.form
    texts = {name: form.get(name, "") for name in ("status", "source", "given_on", "proof")}
    return TypedAnswer(form.getlist("channels"), form.getlist("purposes"), **texts)


def new_consent(typed: TypedAnswer) -> NewConsent:
    """The typed answer with its date read; a date that cannot be read counts as missing, and its field says so."""
    try:
        given_on = read_day(typed.given_on, local(clock.now()).date()) if typed.given_on.strip() else None
    except DomainError:
        given_on = None
    proof = " ".join(typed.proof.split())
    return NewConsent(typed.channels, typed.purposes, typed.status, typed.source, given_on, proof)


def today_words() -> str:
    return date_words(local(clock.now()).date())
