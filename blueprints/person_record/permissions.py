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
from messaging.domain.consent_rules import SOURCES_BY_HAND, STATUSES_BY_HAND, TARGET_CHANGED, NewConsent
from messaging.domain.errors import DomainError
from messaging.domain.form_errors import FormRefused
from messaging.domain.typed_day import read_day
from messaging.domain.words import CONSENT_SOURCE_LABELS, CONSENT_STATUS_LABELS, Channel, ConsentStatus
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
    shown: dict[str, str] = field(default_factory=dict)


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
        return answer(person_id, typed, refused)
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


def answer(person_id: int, typed: TypedAnswer, refused: FormRefused | None = None) -> Response:
    card, now = room.card_or_404(person_id), clock.now()
    allowed = consents.permissions(person_id, now)
    values = {
        "permissions": allowed,
        "former": room.former_addresses(allowed),
        "acts": consents.acts(person_id),
        "addresses": {key[0]: room.shown_target(key[0], permission.address) for key, permission in allowed.items()},
        "shown": {key[0]: consents.target_of(key[0], permission.address) for key, permission in allowed.items()},
        "typed": typed,
        "errors": refused.sentences if refused else {},
        "statuses": [(status, CONSENT_STATUS_LABELS[status]) for status in STATUSES_BY_HAND],
        "sources": [("", "bitte wählen"), *((source, CONSENT_SOURCE_LABELS[source]) for source in SOURCES_BY_HAND)],
    }
    response = room.tab_answer(card, "permissions", status_of(refused), **values)
    if response.status_code == 409:
        response.headers.update({"HX-Retarget": "#person-record", "HX-Reswap": "outerHTML"})
    return response


def status_of(refused: FormRefused | None) -> int:
    if refused is None:
        return 200
    return 409 if refused.problem.code == TARGET_CHANGED else 422


def typed_answer() -> TypedAnswer:
    form = request.form
    texts = {name: form.get(name, "") for name in ("status", "source", "given_on", "proof")}
    shown = {channel: form.get(f"shown_{channel}", "") for channel in Channel}
    return TypedAnswer(form.getlist("channels"), form.getlist("purposes"), **texts, shown=shown)


def new_consent(typed: TypedAnswer) -> NewConsent:
    """The typed answer with its date read; a date that cannot be read counts as missing, and its field says so."""
    try:
        given_on = read_day(typed.given_on, local(clock.now()).date()) if typed.given_on.strip() else None
    except DomainError:
        given_on = None
    proof = " ".join(typed.proof.split())
    return NewConsent(typed.channels, typed.purposes, typed.status, typed.source, given_on, typed.shown, proof)


def today_words() -> str:
    return date_words(local(clock.now()).date())
