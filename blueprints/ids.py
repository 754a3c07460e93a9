"""Ids that somebody typed into an address or a form: what no row can have is no row, not a breakdown."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter

#: What PostgreSQL's integer columns hold; SQLite's hold more.
LARGEST = 2**31 - 1


class Id(IntegerConverter):
    """`<int:…>` in an address; larger numbers match no route, which is a 404."""

    def __init__(self, url_map: Any, *args: Any, **options: Any) -> None:
        super().__init__(url_map, *args, **{"max": LARGEST, **options})


def init_app(app: Flask) -> None:
    """Before any route is registered."""
    app.url_map.converters["int"] = Id
