"""The app starts with nothing but a data folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from messaging.models import db

ROOT = Path(__file__).resolve().parents[1]


def test_a_stranger_is_sent_to_the_login(app: Flask) -> None:
    answer = app.test_client().get("/")

    assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/login")


@pytest.mark.parametrize("path", ["/login/", "/healthz/"])
def test_an_address_with_a_slash_at_its_end_is_the_same_page(app: Flask, path: str) -> None:
    """What people type or paste; a 404 would help nobody."""
    assert app.test_client().get(path).status_code == app.test_client().get(path.rstrip("/")).status_code != 404


def test_the_patients_are_for_the_owner_of_the_data_folder_alone(app: Flask) -> None:
    """Also in a folder that lets others look in."""
    home = Path(app.config["HOME"])
    home.chmod(0o755)
    with app.app_context():
        db.session.execute(text("SELECT 1"))

    found = {path.name: path.stat().st_mode & 0o077 for path in home.iterdir() if path.is_file()}

    assert "praxispost.sqlite3" in found
    assert set(found.values()) == {0}


@pytest.mark.parametrize("port", ["abc", "0", "65536", "80 80", "٣"])
def test_a_port_that_is_none_is_said_in_a_sentence(port: str) -> None:
    environment = {**os.environ, "PORT": port}
    answer = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "check", "phone"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert answer.returncode == 1
    assert answer.stderr.strip() == "PORT muss eine Zahl von 1 bis 65535 sein, zum Beispiel PORT=8000."
