"""The web: HTTP in, HTML out. Views load, call one service, answer; rules live in messaging."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

from blueprints import access, error_pages, ids, page_frame, response_headers

#: Every room of the web. Each module holds `blueprint`.
ROOMS = (
    "auth",
    "start",
    "search",
    "appointments",
    "people",
    "person_record",
    "selection",
    "drafts",
    "recipients",
    "recipients_overrides",
    "composer",
    "confirm",
    "dispatches",
    "message_templates",
    "signatures",
    "imports",
    "admin",
    "admin_users",
    "admin_mail_accounts",
    "admin_practice",
    "admin_audit",
    "outgoing_test",
    "health",
)


def init_app(app: Flask) -> None:
    ids.init_app(app)
    page_frame.init_app(app)
    access.init_app(app)
    response_headers.init_app(app)
    error_pages.init_app(app)
    for room in ROOMS:
        app.register_blueprint(import_module(f"blueprints.{room}").blueprint)
