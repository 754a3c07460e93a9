"""The app starts with nothing but a data folder."""

from flask import Flask


def test_a_stranger_is_sent_to_the_login(app: Flask) -> None:
    assert app.url_map is not None
