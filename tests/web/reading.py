"""Reading an answer as a person would: its words at one place."""

from __future__ import annotations

from bs4 import BeautifulSoup
from werkzeug.test import TestResponse


def soup(response: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(response.data, "html.parser")


def words(response: TestResponse, selector: str) -> str:
    """The text of the first element that `selector` finds, with single blanks; fails if there is none."""
    found = soup(response).select_one(selector)
    assert found is not None, f"no {selector}"
    return " ".join(found.get_text(" ", strip=True).split())
