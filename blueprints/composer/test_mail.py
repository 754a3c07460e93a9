"""The test mail: saves what is typed, asks a worker to send it to one typed address, and shows its answer."""

from __future__ import annotations

from flask import Response, abort, flash, render_template, request

from blueprints.access import current_user_id, passive
from blueprints.answers import go, wants_fragment
from blueprints.composer import room
from blueprints.composer.room import blueprint
from jobs import clock
from jobs.errands import run_errand
from jobs.queues import URGENT, wake
from messaging.domain.errors import DomainError
from messaging.services import composing, test_mails
from messaging.services.composing import Text


@blueprint.post("/drafts/<int:draft_id>/test-mail")
def send_test_mail(draft_id: int) -> Response:
    text = room.typed()
    try:
        version = composing.save(draft_id, text, room.typed_version(), clock.now())
    except DomainError as refusal:
        return room.refused(draft_id, text, refusal)
    wish = test_mails.Wish(draft_id, request.form.get("recipient", type=int), request.form.get("test_address", ""))
    try:
        errand_id = test_mails.ask_for(wish, current_user_id(), clock.now())
    except DomainError as refusal:
        return refused(wish, text, test_mails.refused(refusal.problem), version)
    wake(URGENT, run_errand, errand_id)
    return answer(draft_id, test_mails.state(errand_id, draft_id, current_user_id(), clock.now()), version)


@blueprint.get("/drafts/<int:draft_id>/test-mail/<int:errand_id>")
@passive
def show_test_mail(draft_id: int, errand_id: int) -> Response:
    room.draft_or_404(draft_id)
    test = test_mails.state(errand_id, draft_id, current_user_id(), clock.now()) or abort(404)
    return answer(draft_id, test)


def refused(wish: test_mails.Wish, text: Text, test: test_mails.TestMail, version: int) -> Response:
    """Nobody was asked: the reason stands beside the address, which stays as it was typed."""
    if wants_fragment():
        return answer(wish.draft_id, test, version, 422)
    return room.page(room.draft_or_404(wish.draft_id), text, 422, test=test, test_address=wish.address)


def answer(draft_id: int, test: test_mails.TestMail, version: int | None = None, status: int = 200) -> Response:
    """The line beside the button; without JavaScript a message on the page."""
    if not wants_fragment():
        flash(test.sentence, "danger" if test.bad else "info")
        return go("composer.index", draft_id=draft_id)
    values = {"draft": room.draft_or_404(draft_id), "test": test, "version": version, "saved_out_of_band": True}
    return Response(render_template("composer/_test_mail_answer.html", **values), status)
