"""The page "Testausgang" of the demo: what the sandbox kept. In a practice with its own data the page does not exist."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, render_template, request, url_for

from blueprints.access import may_open
from blueprints.answers import go
from blueprints.house import house
from blueprints.list_requests import list_page
from blueprints.safe_html import mail_html
from sandbox.mailbox import FOLDER, KeptMail, Mailbox

blueprint = Blueprint("outgoing_test", __name__, url_prefix="/testausgang")


@blueprint.before_request
def demo_only() -> None:
    if not house().is_demo:
        abort(404)


@blueprint.get("/")
def index() -> str:
    names = mailbox().names()
    part = list_page(request.args).within(len(names))
    shown = names[part.start : part.start + part.size]
    mails = [shown_mail(kept) for name in shown if (kept := mailbox().mail(name))]
    values = {"mails": mails, "total": len(names), "part": part}
    accounts_url = url_for("admin_mail_accounts.index") if may_open("admin_mail_accounts.index") else None
    return render_template("outgoing_test/index.html", **values, accounts_url=accounts_url)


@blueprint.get("/<name>")
def show(name: str) -> str:
    kept = mailbox().mail(name) or abort(404)
    return render_template("outgoing_test/show.html", mail=shown_mail(kept), source=kept.content.decode("utf-8", "replace"))


@blueprint.post("/leeren")
def empty() -> Response:
    mailbox().empty()
    return go("outgoing_test.index")


def mailbox() -> Mailbox:
    return Mailbox(Path(current_app.config["HOME"]) / FOLDER)


def shown_mail(kept: KeptMail) -> dict[str, object]:
    """What the page shows of a kept mail; its HTML is cleaned like any text from outside."""
    message = kept.message
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    return {
        "name": kept.name,
        "at": datetime.fromtimestamp(kept.at, UTC),
        "sender": str(message["From"]),
        "recipient": kept.recipients[0] if kept.recipients else "",
        "subject": str(message["Subject"]),
        "text": plain.get_content() if plain else "",
        "html": mail_html(rich.get_content()) if rich else "",
        "files": [part.get_filename() or "ohne Namen" for part in message.iter_attachments()],
    }
