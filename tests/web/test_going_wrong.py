"""What a page of a dispatch says while messages go wrong: the list follows, and the red numbers lead to whom they mean."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.web.made_dispatches import make_dispatch, put_states
from tests.web.reading import soup

HTMX = {"HX-Request": "true"}


@pytest.fixture
def make(app: Flask, make_user: Callable) -> Callable[..., int]:
    owner = make_user("staff", "owner")
    return lambda *args, **values: make_dispatch(app, owner, *args, **values)


@pytest.mark.parametrize(
    ("states", "told"), [(("sent",), None), (("failed",), "dispatchWentWrong"), (("unknown",), "dispatchWentWrong")]
)
def test_the_list_is_read_again_when_something_went_wrong(
    app: Flask, client, make, states: tuple[str, ...], told: str | None
) -> None:
    dispatch_id = make()
    poll = soup(client.get(f"/dispatches/{dispatch_id}")).select_one("#dispatch-progress")["hx-get"]
    put_states(app, dispatch_id, *states)

    first = client.get(poll, headers=HTMX)
    second = client.get(soup(first).select_one("#dispatch-progress")["hx-get"], headers=HTMX)

    assert first.headers.get("HX-Trigger") == told
    assert second.headers.get("HX-Trigger") is None
    assert told is None or told in soup(client.get(f"/dispatches/{dispatch_id}")).select_one("#dispatch-recipients")["hx-trigger"]


def test_what_needs_somebody_leads_to_its_recipients(app: Flask, client, make) -> None:
    dispatch_id = make()
    put_states(app, dispatch_id, "failed", "sent")

    links = soup(client.get(f"/dispatches/{dispatch_id}")).select("#dispatch-progress .numbers a")

    assert [(link.get_text(" ", strip=True), link["href"]) for link in links] == [
        ("1 nicht zustellbar", f"/dispatches/{dispatch_id}?filter=failed")
    ]
