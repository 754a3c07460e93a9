"""Changing master data: the form with its checks while typing, new persons, contact block, death and archive."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Response, abort, flash, make_response, render_template, request, url_for

from blueprints.access import current_user_id, needs
from blueprints.answers import go, page_or_fragment
from blueprints.edit_base import base_of_form
from blueprints.person_record import room
from blueprints.person_record.room import blueprint
from jobs import clock
from messaging.domain import person_rules
from messaging.domain.edit_merge import merge
from messaging.domain.errors import DomainError
from messaging.domain.form_errors import FormRefused
from messaging.domain.person_rules import FIELD_LABELS
from messaging.domain.words import Channel, PersonKind, Role
from messaging.services import person_editing
from messaging.services.person_editing import Saved
from messaging.services.person_record import Card

CHECKED_WHILE_TYPING = ("phone", "mobile", "sms", "email", "postcode")
NEW_ADDRESS = {Channel.EMAIL: "E-Mail-Adresse", Channel.SMS: "Nummer"}
FORMS_OF_ADDRESS = ("", "Herr", "Frau", "divers", "Familie")

#: value of a button -> what it does, what it says, and the button that undoes it
MARKS = {
    "deceased-on": (lambda *ids: person_editing.set_deceased(ids[0], True, *ids[1:]),
                    "Als verstorben gekennzeichnet. Es geht nichts mehr an diese Person.", "deceased-off"),
    "deceased-off": (lambda *ids: person_editing.set_deceased(ids[0], False, *ids[1:]),
                     "Nicht mehr als verstorben gekennzeichnet.", "deceased-on"),
    "archived-on": (lambda *ids: person_editing.set_archived(ids[0], True, *ids[1:]),
                    "Archiviert. Die Person steht nicht mehr in den Listen.", "archived-off"),
    "archived-off": (lambda *ids: person_editing.set_archived(ids[0], False, *ids[1:]), "Aus dem Archiv geholt.", "archived-on"),
    "blocked-off": (person_editing.unblock, "Die Kontaktsperre ist aufgehoben.", "blocked-again"),
    "blocked-again": (person_editing.block_again, "Die Kontaktsperre gilt wieder.", "blocked-off"),
}  # fmt: skip


@blueprint.get("/people/<int:person_id>/edit")
@needs(Role.STAFF)
def edit(person_id: int) -> Response:
    card = room.card_or_404(person_id)
    return form_answer(card, person_editing.texts_of(card.fields), base=person_editing.texts_of(card.fields))


@blueprint.post("/people/<int:person_id>/edit")
def update(person_id: int) -> Response:
    card, texts = room.card_or_404(person_id), typed_texts()
    version = request.form.get("version", default=0, type=int)
    if version != card.version and base_of_form(FIELD_LABELS) == person_editing.texts_of(card.fields):
        version = card.version  # only block, death or archive changed, and those are not in this form
    try:
        saved = person_editing.change(person_id, version, texts, current_user_id(), clock.now())
    except FormRefused as refused:
        return form_answer(card, texts, base=base_of_form(FIELD_LABELS), version=version, problems=refused.problems)
    except DomainError as refused:
        if refused.problem is not person_editing.STALE:
            raise
        return both_answer(room.card_or_404(person_id), texts)
    return saved_answer(saved)


@blueprint.get("/people/new")
@needs(Role.STAFF)
def new() -> Response:
    return form_answer(None, person_editing.clean({}))


@blueprint.post("/people/new")
def create() -> Response:
    texts = typed_texts()
    fields, _ = person_editing.read_fields(person_editing.clean(texts), clock.now())
    alike = person_editing.same_person(fields) if fields["last_name"] and "second" not in request.form else []
    if alike:
        return form_answer(None, texts, alike=alike)
    try:
        saved = person_editing.create(kind(), texts, current_user_id(), clock.now())
    except FormRefused as refused:
        return form_answer(None, texts, problems=refused.problems)
    return saved_answer(saved, "Karteikarte angelegt.")


@blueprint.post("/people/check/<name>")
def check_field(name: str) -> Response:
    """One field of the form with what is wrong with it, asked when somebody leaves it."""
    if name not in CHECKED_WHILE_TYPING:
        abort(404)
    texts = person_editing.clean(typed_texts())
    problem = person_rules.field_problem(name, texts[name], texts["country"])
    values = {"name": name, "error": problem.text if problem else None, "note": person_rules.field_note(name, texts)}
    response = make_response(render_template("person_record/_field.html", texts=texts, labels=FIELD_LABELS, **values))
    response.vary.add("HX-Request")
    return response


@blueprint.get("/people/<int:person_id>/block")
@needs(Role.STAFF)
def ask_block_reason(person_id: int) -> Response:
    return block_answer(room.card_or_404(person_id), "", None)


@blueprint.post("/people/<int:person_id>/block")
def block(person_id: int) -> Response:
    card, reason = room.card_or_404(person_id), request.form.get("reason", "")
    try:
        person_editing.block(person_id, reason, current_user_id(), clock.now())
    except DomainError as refused:
        return block_answer(card, reason, refused.problem.text)
    undo = {"undo_url": url_for("person_record.mark", person_id=person_id), "undo_fields": {"mark": "blocked-off"}}
    flash({"text": "Kontaktsperre gesetzt. Es geht nichts mehr an diese Person.", **undo}, "success")
    return go("person_record.show", person_id=person_id)


@blueprint.post("/people/<int:person_id>/mark")
def mark(person_id: int) -> Response:
    """Deceased, archived, block lifted: one button each, and each can be undone."""
    room.card_or_404(person_id)
    do, sentence, undo = MARKS.get(request.form.get("mark", "")) or abort(400)
    do(person_id, current_user_id(), clock.now())
    undo_url = url_for("person_record.mark", person_id=person_id)
    flash({"text": sentence, "undo_url": undo_url, "undo_fields": {"mark": undo}}, "success")
    return go("person_record.show", person_id=person_id)


def form_answer(card: Card | None, texts: Mapping[str, str], status: int = 200, **more: Any) -> Response:
    """The form with these texts. `more`: base, version, problems, differences, alike."""
    problems = more.get("problems") or {}
    values = {
        "card": card,
        "kind": card.kind if card else kind(),
        "texts": texts,
        "labels": FIELD_LABELS,
        "base": json.dumps(more.get("base") or {}),
        "version": more.get("version") or (card.version if card else 0),
        "errors": {name: problem.text for name, problem in problems.items()},
        "notes": {name: person_rules.field_note(name, texts) for name in CHECKED_WHILE_TYPING},
        "differences": more.get("differences", ()),
        "alike": more.get("alike", []),
        "forms_of_address": form_options(texts.get("form_of_address", "")),
        "action": url_for("person_record.update", person_id=card.id) if card else url_for("person_record.create", kind=kind()),
    }
    refused = 422 if problems or more.get("alike") else status
    return page_or_fragment("person_record/edit.html", "person_record/_form.html", refused, **values)


def both_answer(card: Card, texts: Mapping[str, str]) -> Response:
    """Somebody else saved first: both values of every field that differs, and a form in which neither is lost."""
    stored = person_editing.texts_of(card.fields)
    merged = merge(FIELD_LABELS, base_of_form(FIELD_LABELS), stored, person_editing.clean(texts))
    response = form_answer(card, merged.texts, 409, base=stored, differences=merged.differences)
    response.headers.update({"HX-Retarget": "#person-form", "HX-Reswap": "outerHTML"})
    return response


def saved_answer(saved: Saved, sentence: str = "Stammdaten gespeichert.") -> Response:
    flash(sentence if saved.changed else "Es war nichts zu ändern.", "success")
    if saved.reminders_on:
        flash("Terminerinnerungen per SMS sind eingeschaltet. Unter „Kontakt erlaubt“ können Sie das widerrufen.", "info")
    tab = url_for("person_record.permissions", person_id=saved.person_id)
    for channel in saved.unpermitted:
        text = f"Für die neue {NEW_ADDRESS[channel]} gibt es noch keine Einwilligung."
        flash({"text": text, "link_url": tab, "link_text": "Kontakt erlaubt"}, "warning")
    return go("person_record.show", person_id=saved.person_id)


def block_answer(card: Card, reason: str, error: str | None) -> Response:
    values = {"card": card, "reason": reason, "error": error}
    status = 422 if error else 200
    return page_or_fragment("person_record/block.html", "person_record/_block_form.html", status, **values)


def typed_texts() -> dict[str, str]:
    return {name: request.form.get(name, "") for name in FIELD_LABELS}


def kind() -> str:
    """Patient unless the address says otherwise."""
    wanted = request.args.get("kind", "")
    return wanted if wanted in set(PersonKind) else PersonKind.PATIENT


def form_options(stored: str) -> list[tuple[str, str]]:
    """The forms of address, and one from an import that is none of them."""
    known = [(form, form or "unbekannt") for form in FORMS_OF_ADDRESS]
    return known if stored in FORMS_OF_ADDRESS else [*known, (stored, stored)]
