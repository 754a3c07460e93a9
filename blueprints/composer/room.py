"""What all views of the composer share: the draft behind the address, the typed text, and how they answer with it. No routes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from flask_login import current_user
from markupsafe import Markup

from blueprints.access import current_user_id
from blueprints.answers import go, wants_fragment
from jobs import clock
from messaging.domain.attachment_rules import ENDINGS, size_words
from messaging.domain.errors import DomainError
from messaging.domain.html_text import to_plain_text
from messaging.domain.states import DraftState
from messaging.domain.words import PURPOSE_LABELS, Role, role_reaches
from messaging.models import Draft, MessageTemplate, db
from messaging.services import attachments, composing, composing_choices, dispatching, drafts, preview, test_mails
from messaging.services.attachments import AttachedFile
from messaging.services.composing import Text

blueprint = Blueprint("composer", __name__)

ENDED = {DraftState.CONFIRMED: drafts.CONFIRMED, DraftState.DISCARDED: drafts.DISCARDED}


def draft_or_404(draft_id: int) -> Draft:
    """The draft as it is stored now."""
    draft = db.session.get(Draft, draft_id, populate_existing=True)
    return draft or abort(404)


def typed() -> Text:
    """What the form holds."""
    form = request.form
    return composing.typed_text(
        form.get("subject", ""), form.get("body", ""), form.get("account", type=int), form.get("signature", type=int)
    )


def typed_version() -> int:
    """The version the typed text began from; the current one if somebody decided to overwrite."""
    return request.form.get("overwrite", type=int) or request.form.get("version", default=0, type=int)


def wanted_position() -> int:
    """Whose mail the preview shows: the one a button asks for, else the one it shows already."""
    values = request.values
    return values.get("position", type=int) or values.get("shown", type=int) or 1


def may_edit(draft: Draft) -> bool:
    return draft.state == DraftState.OPEN and role_reaches(current_user.role, Role.STAFF)


def page(draft: Draft, text: Text, status: int = 200, **more: Any) -> Response:
    """The whole composer with this text, stored or not."""
    values = {**page_values(draft, text), **preview_values(draft, text)}
    values |= {**file_values(draft.id, values["files"]), **more}
    return make_response(render_template("composer/page.html", **values), status)


def page_values(draft: Draft, text: Text) -> dict[str, Any]:
    return {
        **text_values(draft, text),
        "version": draft.version,
        "choices": composing_choices.choices(draft),
        "purpose_label": PURPOSE_LABELS[draft.purpose],
        "step_urls": step_urls(draft),
        "stale": False,
        "test_address": test_mails.last_address(current_user_id()),
    }


def text_values(draft: Draft, text: Text) -> dict[str, Any]:
    template = db.session.get(MessageTemplate, draft.message_template_id) if draft.message_template_id else None
    return {
        "draft": draft,
        "text": text,
        "plain_body": to_plain_text(text.body),
        "errors": {},
        "can_edit": may_edit(draft),
        "with_undo": draft.replaced_text is not None,
        "template_name": template.name if template else "",
    }


def preview_values(draft: Draft, text: Text) -> dict[str, Any]:
    seen = preview.preview(draft, text, wanted_position(), clock.now())
    return {
        "draft": draft,
        "preview": seen,
        "mail_html": Markup(seen.mail.html if seen.mail else ""),  # sanitised after it was filled, see ShownMail
        "can_edit": may_edit(draft),
        "files": attachments.attached(draft.id),
    }


def file_values(draft_id: int, files: Sequence[AttachedFile]) -> dict[str, Any]:
    """What the list of files shows; the preview needs no more than the files, and is drawn with every keystroke."""
    return {
        "files": files,
        "files_size": size_words(sum(file.size for file in files)),
        "removed_file": attachments.last_removed(draft_id),
        "file_endings": ENDINGS,
    }


def step_urls(draft: Draft) -> dict[str, str]:
    lists = "appointments.index" if draft.origin == "appointments" else "search.index"
    return {
        "select": url_for(lists),
        "check": url_for("recipients.index", draft_id=draft.id),
        "send": url_for("confirm.index", draft_id=draft.id),
    }


def ended(draft: Draft) -> Response:
    """A draft that is no longer open: on to its dispatch, or the sentence why not."""
    dispatch_id = dispatching.dispatch_of(draft.id)
    if dispatch_id is not None:
        return go("dispatches.show", dispatch_id=dispatch_id)
    raise DomainError(ENDED[DraftState(draft.state)])


def refused(draft_id: int, text: Text, refusal: DomainError) -> Response:
    """A text that was not saved stays on the screen, with the reason and what can be done."""
    draft = draft_or_404(draft_id)
    if draft.state != DraftState.OPEN:
        return ended(draft)
    if isinstance(refusal, composing.TooLong):
        return too_long(draft, text, refusal)
    if refusal.problem is not composing.STALE:
        raise refusal
    values = {"draft": draft, "problem": refusal.problem, "current_version": draft.version}
    if wants_fragment():
        return into_flash(make_response(render_template("composer/_stale.html", **values), 409))
    return page(draft, text, 409, stale=True, problem=refusal.problem, current_version=draft.version)


def too_long(draft: Draft, text: Text, refusal: composing.TooLong) -> Response:
    if wants_fragment():
        values = {"problem": {"text": refusal.problem.sentence}}
        return into_flash(make_response(render_template("_problem.html", **values), 422))
    errors = {f"field-{place}": sentence for place, sentence in refusal.sentences.items()}
    return page(draft, text, 422, errors=errors)


def into_flash(response: Response) -> Response:
    response.headers.update({"HX-Retarget": "#flash", "HX-Reswap": "innerHTML"})
    return response
