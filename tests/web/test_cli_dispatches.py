"""`dispatch list` and `dispatch show`, for scripts and for whoever runs the house."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask import Flask

from tests.web.made_dispatches import change_dispatch, make_dispatch, put_states


@pytest.fixture
def make(app: Flask, make_user: Callable) -> Callable[..., int]:
    owner = make_user("staff", "owner")
    return lambda *args, **values: make_dispatch(app, owner, *args, **values)


@pytest.fixture
def run(app: Flask) -> Callable:
    """Run `dispatch …` and return its result."""
    return lambda *args: app.test_cli_runner().invoke(args=["dispatch", *args])


def test_nothing_yet_is_an_answer_too(run) -> None:
    assert run("list").output == "Kein Versand gefunden.\n"
    assert json.loads(run("list", "--json").output) == []


def test_the_list_has_numbers_and_no_names(app: Flask, run, make) -> None:
    put_states(app, make(without_consent=["Ohne, Eva"]), "sent", "failed", "unknown")

    text, rows = run("list").output, json.loads(run("list", "--json").output)

    assert "läuft" in text
    assert "3 von 3 bearbeitet, 1 übergeben, 1 nicht zustellbar, 1 unklar" in text
    [row] = rows
    assert {name: row[name] for name in ("state", "selected", "total", "open", "sent", "failed", "unknown", "left_out")} == {
        "state": "running", "selected": 4, "total": 3, "open": 0, "sent": 1, "failed": 1, "unknown": 1, "left_out": 1,
    }  # fmt: skip
    assert row["created_at"] == "2026-11-23T07:30:00+00:00"
    assert "Groß" not in text + json.dumps(rows, ensure_ascii=False)
    assert "example.org" not in text + json.dumps(rows)


def test_the_list_can_be_narrowed_down_by_state(run, make) -> None:
    paused, running = make(), make()
    change_dispatch(paused, state="paused")

    assert [row["id"] for row in json.loads(run("list", "--json", "--state", "paused").output)] == [paused]
    assert [row["id"] for row in json.loads(run("list", "--json", "--state", "running").output)] == [running]


def test_one_dispatch_tells_where_it_is_and_why_it_stands(app: Flask, run, make) -> None:
    dispatch_id = make()
    put_states(app, dispatch_id, "sent", "queued", "queued")
    change_dispatch(dispatch_id, state="paused", pause_code="login_refused", pause_detail="535 rejected")

    text, told = run("show", str(dispatch_id)).output, json.loads(run("show", str(dispatch_id), "--json").output)

    assert "Bitte die Zugangsdaten des E-Mail-Kontos prüfen." in text
    assert "535 rejected" in text
    assert "2 wartet" in text
    assert told["counts"] == {"sent": 1, "queued": 2}
    assert (told["pause_code"], told["wait_until"], told["ended"]) == ("login_refused", None, False)


def test_an_unknown_dispatch_is_refused_with_a_cure(run) -> None:
    result = run("show", "99")

    assert result.exit_code == 1
    assert result.stderr == "Den Versand 99 gibt es nicht. Bitte mit `dispatch list` nachsehen.\n"
