"""The client of the web tests: it checks every page that it fetches, so that no screen needs a test of its own for that."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.test import TestResponse

from tests.conftest import HouseClient
from tests.web.page_checks import problems_of


class PageClient(HouseClient):
    """Fails on a page or fragment that is not as every page must be."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        problems = problems_of(response)
        assert not problems, f"{response.request.method} {response.request.path}: " + "; ".join(problems)
        return response

    def token(self, url: str = "/account") -> str:
        """A CSRF token of this session, read from a page as a browser would."""
        page = BeautifulSoup(self.get(url).data, "html.parser")
        return str(page.find("meta", attrs={"name": "csrf-token"})["content"])  # type: ignore[index]


@pytest.fixture
def app(app: Flask) -> Flask:
    app.test_client_class = PageClient
    return app
