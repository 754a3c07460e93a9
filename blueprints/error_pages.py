"""What somebody sees when a request cannot be answered: a sentence with the cure, as a page or in #flash. No codes."""

from __future__ import annotations

from flask import Flask, Response, current_app, make_response, render_template, request
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError
from werkzeug.exceptions import Forbidden, HTTPException, InternalServerError, NotFound

from blueprints import answers
from blueprints.access import htmx
from blueprints.way_back import page_of_request
from messaging.domain.errors import DomainError

#: status -> (title, sentence)
SENTENCES = {
    403: ("Das dürfen Sie nicht öffnen", "Ihr Benutzerkonto hat dafür kein Recht. Bitte fragen Sie die Leitung Ihrer Praxis."),
    404: ("Diese Seite gibt es nicht", "Vielleicht wurde der Eintrag gelöscht, oder die Adresse ist nicht vollständig."),
    413: ("Das ist zu groß", "Bitte wählen Sie eine kleinere Datei. Praxispost nimmt höchstens {megabytes} MB auf einmal an."),
}
OTHERWISE = ("Das hat nicht geklappt", "Bitte laden Sie die Seite neu und versuchen Sie es dort noch einmal.")
BROKEN = "Bitte versuchen Sie es noch einmal. Bleibt es dabei, sagen Sie bitte der Person Bescheid, die Praxispost betreut."
STALE_FORM = "Bitte laden Sie die Seite neu. Sie war noch von einer früheren Anmeldung offen."


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, show)
    app.register_error_handler(CSRFError, show_stale_form)
    app.register_error_handler(DomainError, show_refusal)
    app.register_error_handler(InternalServerError, show_breakdown)
    # An id typed into a form that is larger than any column: SQLite's driver says the first, PostgreSQL the second.
    app.register_error_handler(OverflowError, show_not_found)
    app.register_error_handler(DataError, show_not_found)


def show(error: HTTPException) -> Response:
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()  # type: ignore[return-value]
    title, sentence = SENTENCES.get(error.code, OTHERWISE)
    if isinstance(error, Forbidden) and error.description != Forbidden.description:
        sentence = error.description or sentence  # a German sentence of ours, given to abort()
    text = sentence.format(megabytes=(current_app.config["MAX_CONTENT_LENGTH"] or 0) // (1024 * 1024))
    return explain(error.code, title, text)


def show_not_found(_error: Exception) -> Response:
    return show(NotFound())


def show_refusal(error: DomainError) -> Response:
    """A rule refused and the view had no better place for it."""
    return answers.problem(error.problem)


def show_stale_form(error: CSRFError) -> Response:
    """The token is of another session, but the browser vouches for our own page: nothing typed may be lost.

    htmx keeps the form on the screen. A plain form is shown again as one button that sends the same fields with a good token.
    """
    if htmx:
        return explain(400, "", STALE_FORM)
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    values = {"fields": fields, "address": request.full_path.rstrip("?"), "back": page_of_request(), "files": bool(request.files)}
    return make_response(render_template("auth/stale_form.html", signed_in=current_user.is_authenticated, **values), 400)


def show_breakdown(error: InternalServerError) -> Response:
    """Without the context of the frame: the database that it needs may be what broke."""
    template = current_app.jinja_env.get_template("_problem.html" if htmx else "errors/500.html")
    return in_flash(make_response(template.render(problem={"text": BROKEN}), 500))


def explain(status: int, title: str, text: str) -> Response:
    if htmx:
        return in_flash(make_response(render_template("_problem.html", problem={"text": text}), status))
    page = f"errors/{status}.html" if status in (403, 404) else "errors/refused.html"
    return make_response(render_template(page, title=title, text=text), status)


def in_flash(response: Response) -> Response:
    if htmx:
        response.headers.update({"HX-Retarget": "#flash", "HX-Reswap": "innerHTML"})
    return response
