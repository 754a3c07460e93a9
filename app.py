"""The composition root: reads the settings, wires the parts, returns the app. Nobody imports this module.

No rule and no route lives here; `flask --app app`, the web server, the workers and the tests call `create_app`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import Migrate

import blueprints
from jobs import cli, clock, queues
from jobs.embedded_redis import redis_url
from messaging.models.store import db, guard_session, prepare_engine
from messaging.models.vault import Vault, load_or_create_key

MAX_UPLOAD_BYTES = 64 * 1024 * 1024


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Build the app from the environment (DESIGN, contracts); `config` overrides single settings, mainly for tests."""
    app = Flask(__name__, static_folder="static", template_folder="templates")
    app.url_map.strict_slashes = False  # people type addresses by hand
    app.config.update(settings_from(os.environ))
    app.config.update(config or {})
    finish_settings(app)
    clock.init_app(app)
    init_store(app)
    queues.init_app(app)
    blueprints.init_app(app)
    cli.init_app(app)
    return app


def settings_from(environ: Mapping[str, str]) -> dict[str, Any]:
    """The five settings of the environment, all optional."""
    home = Path(environ.get("PRAXISPOST_HOME") or Path(__file__).parent / "instance").absolute()
    return {
        "HOME": home,
        "SQLALCHEMY_DATABASE_URI": environ.get("DATABASE_URL") or "",
        "REDIS_URL": environ.get("REDIS_URL") or "",
        "PORT": port_of(environ.get("PORT") or "8000"),
        "SECRET_KEY_FILE": environ.get("PRAXISPOST_SECRET_KEY_FILE") or "",
    }


def port_of(text: str) -> int:
    """The port as a number; ends the program with a sentence when it is none."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65_536:
        sys.exit("PORT muss eine Zahl von 1 bis 65535 sein, zum Beispiel PORT=8000.")
    return int(text)


def finish_settings(app: Flask) -> None:
    """Derive from the data folder what was not given; create the folder and the key on first use."""
    home = Path(app.config["HOME"])
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    uri = app.config["SQLALCHEMY_DATABASE_URI"] or f"sqlite:///{home / 'praxispost.sqlite3'}"
    app.config["SQLALCHEMY_DATABASE_URI"] = uri.replace("postgres://", "postgresql://", 1).replace(
        "postgresql://", "postgresql+psycopg://", 1
    )
    app.config["REDIS_URL"] = app.config["REDIS_URL"] or redis_url(home)
    key = load_or_create_key(Path(app.config["SECRET_KEY_FILE"] or home / "secret.key"))
    app.config["SECRET_KEY"] = app.config["SECRET_KEY"] or key.session_secret  # Flask's own default is None
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_CONTENT_LENGTH"] or MAX_UPLOAD_BYTES
    # an error of the database must not carry names and addresses of patients into the log
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", {"hide_parameters": True})
    app.extensions["vault"] = Vault(key.vault_secret)


def init_store(app: Flask) -> None:
    """Bind the database, its SQLite settings and the migrations."""
    db.init_app(app)
    Migrate(app, db, directory=str(Path(__file__).parent / "migrations"), render_as_batch=True)
    with app.app_context():
        prepare_engine(db.engine)
        guard_session(db.session)
