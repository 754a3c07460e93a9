"""The Patientensuche before anything is typed: it shows nobody, so no key may tick anybody."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from tests.store import recipient_world as world


def test_alt_a_on_the_empty_search_ticks_nobody(
    app: Flask, csrf: None, client: FlaskClient, serve: Callable[[Flask], str], open_page: Callable[..., Page]
) -> None:
    world.allowed("Abel")
    cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    page = open_page(f"{serve(app)}/login")
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": page.url}])
    page.goto(page.url.replace("/login", "/search"))
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)

    page.locator("h1").click()
    page.keyboard.press("Alt+a")
    page.reload()

    assert posts == []
    expect(page.locator("#action-bar")).to_be_hidden()
