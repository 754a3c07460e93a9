"""The app starts with nothing but a data folder."""

from __future__ import annotations

import pytest
from flask import Flask


def test_a_stranger_is_sent_to_the_login(app: Flask) -> None:
    answer = app.test_client().get("/")

    assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/login")


@pytest.mark.parametrize("path", ["/login/", "/healthz/"])
def test_an_address_with_a_slash_at_its_end_is_the_same_page(app: Flask, path: str) -> None:
    """What people type or paste; a 404 would help nobody."""
    assert app.test_client().get(path).status_code == app.test_client().get(path.rstrip("/")).status_code != 404
