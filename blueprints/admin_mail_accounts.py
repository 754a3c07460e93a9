"""E-Mail-Konten: list, form, connection check. Rules are in the domain; only a worker ever talks to a mail server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, flash, make_response, render_template, request, url_for

from blueprints.access import current_user_id, needs, passive
from blueprints.answers import go, page_or_fragment, wants_fragment
from blueprints.edit_base import base_of_form
from jobs import clock
from jobs.errands import run_errand
from jobs.queues import URGENT, wake
from messaging.domain.calendar_de import plural
from messaging.domain.edit_merge import EditRefused
from messaging.domain.form_errors import FormRefused
from messaging.domain.mail_account_rules import suggested_port, warnings_of
from messaging.domain.words import TLS_LABELS, Role, TlsMode
from messaging.services import mail_accounts
from messaging.services.mail_accounts import NOBODY_WORKS, TEXTS, Account, Check, TypedAccount

blueprint = Blueprint("admin_mail_accounts", __name__, url_prefix="/admin/mail-accounts")

TLS_CHOICES = [
    (TlsMode.TLS, TLS_LABELS[TlsMode.TLS], "Von Anfang an verschlüsselt; am besten, wenn der Hoster es anbietet."),
    (TlsMode.STARTTLS, TLS_LABELS[TlsMode.STARTTLS], "Wird vor der Anmeldung verschlüsselt; sonst bricht Praxispost ab."),
    (TlsMode.NONE, TLS_LABELS[TlsMode.NONE], "Nur für einen Mailserver auf diesem Rechner."),
]
NEW = {**dict.fromkeys(TEXTS, ""), "tls_mode": TlsMode.TLS, "port": "465", "verify_certificate": "1", "per_hour": "250"}


@blueprint.get("")
@needs(Role.MANAGER)
def index() -> str:
    return render_template("admin_mail_accounts/index.html", accounts=mail_accounts.accounts(), tls_labels=TLS_LABELS)


@blueprint.get("/new")
@needs(Role.MANAGER)
def new() -> Response:
    return form_answer(None, NEW)


@blueprint.post("")
@needs(Role.MANAGER)
def create() -> Response:
    typed = typed_account()
    try:
        account_id = mail_accounts.create(typed, current_user_id(), clock.now())
    except FormRefused as refused:
        return refused_answer(None, typed, refused, typed.texts)
    flash("Das Konto ist angelegt. Bitte prüfen Sie jetzt die Verbindung.", "success")
    return go("admin_mail_accounts.edit", account_id=account_id)


@blueprint.get("/<int:account_id>")
@needs(Role.MANAGER)
def edit(account_id: int) -> Response:
    account = account_or_404(account_id)
    return form_answer(account, mail_accounts.texts_of(account), check=check_asked_for(account_id))


@blueprint.post("/<int:account_id>")
@needs(Role.MANAGER)
def update(account_id: int) -> Response:
    account, typed = account_or_404(account_id), typed_account()
    try:
        mail_accounts.change(account_id, typed, current_user_id(), clock.now())
    except EditRefused as refused:
        return refused_answer(account, typed, refused, refused.merge.texts, base=refused.merge.stored)
    waiting = len(account.open_dispatches)
    more = f" {plural(waiting, 'offener Versand nimmt', 'offene Versände nehmen')} ab jetzt diese Angaben." if waiting else ""
    flash(f"Das Konto ist gespeichert.{more}", "success")
    return go("admin_mail_accounts.edit", account_id=account_id)


@blueprint.post("/<int:account_id>/switch")
@needs(Role.MANAGER)
def switch(account_id: int) -> Response:
    account_or_404(account_id)
    on = request.form.get("on") == "1"
    mail_accounts.switch(account_id, on, current_user_id(), clock.now())
    undo_url = url_for("admin_mail_accounts.switch", account_id=account_id)
    words = "eingeschaltet" if on else "ausgeschaltet. Es steht beim Verfassen nicht mehr zur Wahl"
    flash({"text": f"Das Konto ist {words}.", "undo_url": undo_url, "undo_fields": {"on": "0" if on else "1"}}, "success")
    return go("admin_mail_accounts.index")


@blueprint.post("/<int:account_id>/check")
@needs(Role.MANAGER)
def check(account_id: int) -> Response:
    """Have a worker connect with what is stored. Without Redis nobody can be woken, and that is said at once."""
    account_or_404(account_id)
    errand_id = mail_accounts.start_check(account_id, current_user_id(), clock.now())
    awake = wake(URGENT, run_errand, errand_id)
    if not wants_fragment():
        return go("admin_mail_accounts.edit", account_id=account_id, check=errand_id)
    return check_answer(account_id, check_or_404(account_id, errand_id) if awake else Check(errand_id, NOBODY_WORKS, bad=True))


@blueprint.get("/<int:account_id>/check/<int:errand_id>")
@needs(Role.MANAGER)
@passive
def show_check(account_id: int, errand_id: int) -> Response:
    """The answer so far; the page asks until there is one."""
    account_or_404(account_id)
    found = check_or_404(account_id, errand_id)
    if not wants_fragment():
        return go("admin_mail_accounts.edit", account_id=account_id, check=errand_id)
    return check_answer(account_id, found)


@blueprint.post("/connection")
@needs(Role.MANAGER)
def connection() -> Response:
    """Port and warnings for the chosen encryption; saves nothing."""
    texts = typed_account().texts
    port = suggested_port(texts["tls_mode"], texts["port"])
    values = {"texts": {**texts, "port": port}, "warnings": connection_warnings({**texts, "port": port}), "errors": {}}
    return make_response(render_template("admin_mail_accounts/_port.html", **values))


def account_or_404(account_id: int) -> Account:
    return mail_accounts.account(account_id) or abort(404)


def check_or_404(account_id: int, errand_id: int) -> Check:
    return mail_accounts.check(account_id, errand_id, clock.now()) or abort(404)


def check_asked_for(account_id: int) -> Check | None:
    """The check named in the address of a page without JavaScript."""
    errand_id = request.args.get("check", type=int)
    return mail_accounts.check(account_id, errand_id, clock.now()) if errand_id else None


def check_answer(account_id: int, found: Check) -> Response:
    return make_response(render_template("admin_mail_accounts/_check.html", account_id=account_id, check=found))


def typed_account() -> TypedAccount:
    texts = {name: " ".join(request.form.get(name, "").split()) for name in TEXTS}
    return TypedAccount(texts, base_of_form(TEXTS), request.form.get("password", ""), "remove_password" in request.form)


def refused_answer(
    account: Account | None, typed: TypedAccount, refused: FormRefused, texts: Mapping[str, str], **more: Any
) -> Response:
    """The form with these texts, but not the password: it is never sent back."""
    errors = refused.sentences
    if typed.password:
        errors.setdefault("password", "Bitte das Passwort noch einmal eingeben. Es wird nie zurückgeschickt.")
    return form_answer(account, texts, errors=errors, remove=typed.remove_password, **more)


def connection_warnings(texts: Mapping[str, str]) -> list[str]:
    return warnings_of(texts["tls_mode"], texts["port"], bool(texts["verify_certificate"]))


def form_answer(account: Account | None, texts: Mapping[str, str], **more: Any) -> Response:
    """The form with these texts. `more`: base (these texts unless it is given), errors, remove, check."""
    errors = more.get("errors", {})
    values = {
        "account": account,
        "texts": texts,
        "base": json.dumps(more.get("base", texts)),
        "remove_password": more.get("remove", False),
        "errors": errors,
        "warnings": connection_warnings(texts),
        "tls_choices": TLS_CHOICES,
        "check": more.get("check"),
        "account_id": account.id if account else None,
    }
    status = 422 if errors else 200
    return page_or_fragment("admin_mail_accounts/edit.html", "admin_mail_accounts/_form.html", status, **values)
