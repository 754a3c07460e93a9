"""Alt+A in the Patientensuche: nobody before anything is typed, and always those who are asked for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from tests.store.crowd_of_few import add_person


@pytest.fixture
def search(
    app: Flask, csrf: None, client: FlaskClient, serve: Callable[[Flask], str], open_page: Callable[..., Page]
) -> Callable[[], Page]:
    def open_search() -> Page:
        cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
        assert cookie is not None
        page = open_page(f"{serve(app)}/login")
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": page.url}])
        page.goto(page.url.replace("/login", "/search"))
        return page

    return open_search


def test_alt_a_on_the_empty_search_ticks_nobody(search: Callable[[], Page]) -> None:
    add_person("Abel")
    page = search()
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)

    page.locator("h1").click()
    page.keyboard.press("Alt+a")
    page.reload()

    assert posts == []
    expect(page.locator("#action-bar")).to_be_hidden()


def test_alt_a_right_after_typing_ticks_those_who_are_found(search: Callable[[], Page]) -> None:
    for name in ("Abel", "Abend", "Busch"):
        add_person(name)
    page = search()
    page.locator("#search-form [name=q]").fill("busch")
    expect(page.locator("tr[data-row]")).to_have_count(1)

    page.locator("#search-form [name=q]").fill("abe")
    page.keyboard.press("Alt+a")

    expect(page.locator("tr[data-row].row-ticked")).to_have_count(2)
    expect(page.locator("#action-bar")).to_contain_text("2 ausgewählt")
