"""Back from what htmx has pushed: the page that comes must be as alive as the one that was opened first."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.web.gallery import gallery_app


@pytest.fixture
def page(serve: Callable[[Flask], str], open_page: Callable[..., Page]) -> Page:
    return open_page(serve(gallery_app()))


def test_a_lost_server_is_named_after_going_back_too(page: Page) -> None:
    page.locator("#pager-next").click()
    expect(page.locator("#tick-26")).to_be_visible()
    page.go_back()
    expect(page.locator("#tick-1")).to_be_visible()
    page.wait_for_load_state()

    page.context.set_offline(True)
    page.locator("#tick-1").click()

    expect(page.get_by_text("Keine Verbindung zum Praxispost-Server.")).to_be_visible()
