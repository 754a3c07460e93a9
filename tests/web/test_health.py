"""/healthz, the alarms on every page and the rule behind both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from messaging.domain.watching import SignsOfLife, trouble
from messaging.models import Attempt, write_transaction
from messaging.services import health, heartbeats
from tests.conftest import NOW
from tests.web.made_dispatches import change_dispatch, make_dispatch, put_states
from tests.web.reading import soup, words

WELL, NO_REDIS, NO_WORKER = SignsOfLife(True, 2), SignsOfLife(False), SignsOfLife(True, 0)


@pytest.fixture
def make(app: Flask, make_user: Callable) -> Callable[..., int]:
    owner = make_user("staff", "owner")
    return lambda *args, **values: make_dispatch(app, owner, *args, **values)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.mark.parametrize(
    ("signs", "tick", "due", "running_for", "code"),
    [
        # all is well
        (WELL, 1, None, 600, None),
        (WELL, 1, 0, 600, None),
        (WELL, 5, None, 600, None),
        # the house is starting: programs come up one after another
        (NO_REDIS, None, 10, 0.5, None),
        (NO_WORKER, None, None, 4, None),
        (NO_REDIS, None, None, 4, None),
        (WELL, None, None, 4, None),
        (WELL, 900, None, 4, None),
        # starting, but something should be going out
        (NO_WORKER, None, 2, 2, "no_worker"),
        (NO_REDIS, None, 2, 2, "redis_gone"),
        (WELL, 900, 2, 2, None),
        # later a missing part is named even if nothing is due; the cause before its effects
        (NO_REDIS, 60, None, 600, "redis_gone"),
        (NO_WORKER, 60, None, 600, "no_worker"),
        (WELL, 5.1, None, 600, "no_tick"),
        (WELL, None, None, 5.1, "no_tick"),
        (WELL, 900, None, 5.1, "no_tick"),
    ],
)
def test_the_house_raises_its_voice(signs, tick, due, running_for, code) -> None:
    last_tick = None if tick is None else NOW - minutes(tick)
    oldest_due = None if due is None else NOW - minutes(due)

    found = trouble(signs, last_tick, oldest_due, NOW - minutes(running_for), NOW)

    assert (found and found.code) == code


@pytest.mark.parametrize(
    ("signs", "tick", "due", "moved", "running_for", "code"),
    [
        # something is due, but the last hand-over ended just now, or the first is about to begin
        (WELL, 1, 60, 9, 600, None),
        (WELL, 1, 10, None, 600, None),
        (WELL, 1, None, 600, 600, None),
        (WELL, 1, 11, None, 600, "stuck"),
        (WELL, 1, 60, 11, 600, "stuck"),
        # a house that has just been started finds what was due yesterday
        (WELL, 1, 900, 900, 9, None),
        (WELL, 1, 900, 900, 11, "stuck"),
        # the cause before its effect
        (NO_WORKER, 1, 60, 11, 600, "no_worker"),
        (WELL, 6, 60, 11, 600, "no_tick"),
    ],
)
def test_due_work_that_nobody_moves_is_an_alarm(signs, tick, due, moved, running_for, code) -> None:
    oldest_due = None if due is None else NOW - minutes(due)
    last_moved = None if moved is None else NOW - minutes(moved)

    found = trouble(signs, NOW - minutes(tick), oldest_due, NOW - minutes(running_for), NOW, last_moved)

    assert (found and found.code) == code


def test_the_words_tell_since_when_nothing_moves() -> None:
    found = trouble(WELL, NOW, NOW - minutes(60), NOW - minutes(600), NOW, NOW - minutes(14))

    assert "Seit 14 Minuten bewegt sich nichts" in found.sentence
    assert found.cure.startswith("Bitte starten Sie Praxispost neu")


@pytest.fixture
def stuck(app: Flask, clock, make) -> int:
    """A running dispatch with three due messages, twelve minutes after it was confirmed; everything else is well."""
    dispatch_id = make()
    clock.moment += minutes(12)
    heartbeats.beat(heartbeats.TICK, clock.moment)
    return dispatch_id


def problem_of(app: Flask) -> str | None:
    return app.test_client().get("/healthz").get_json()["problem"]


def test_due_work_that_nobody_moves_is_told_to_programs_and_people(app: Flask, client, stuck: int) -> None:
    answer = app.test_client().get("/healthz")
    alarm = words(client.get("/account"), ".stage > .alert")

    assert (answer.status_code, answer.get_json()["problem"]) == (503, "stuck")
    assert "Seit 12 Minuten bewegt sich nichts, obwohl Nachrichten fällig sind." in alarm
    assert alarm.startswith("Bitte starten Sie Praxispost neu")
    assert "Seit 12 Minuten bewegt sich nichts" in words(client.get("/"), "#start-now")
    assert "Seit 12 Minuten bewegt sich nichts" in words(client.get(f"/dispatches/{stuck}"), "#dispatch-progress .alert-danger")


@pytest.mark.parametrize(
    "change",
    [
        {"state": "paused"},
        {"wait_until": NOW + minutes(30), "wait_code": "per_hour"},
        {"wait_until": NOW + minutes(30), "wait_code": "not_reachable"},
        # what it waited for is over, or a person let it go on, just now
        {"wait_until": NOW + minutes(11), "wait_code": "per_hour"},
        {"judged_from": NOW + minutes(11)},
        {"started_at": NOW + minutes(11)},
    ],
)
def test_what_waits_or_may_go_on_since_a_moment_is_not_stuck(app: Flask, stuck: int, change: dict) -> None:
    change_dispatch(stuck, **change)

    assert problem_of(app) is None


@pytest.mark.parametrize(
    ("attempt", "problem"),
    [
        ({"ended_at": NOW + minutes(5), "outcome": "accepted"}, None),
        ({"ended_at": NOW + minutes(5), "outcome": "rejected"}, None),
        ({"ended_at": None, "began_at": NOW + minutes(11)}, None),
        ({"ended_at": NOW + minutes(1), "outcome": "accepted"}, "stuck"),
        # taken and given back again is no movement: a drain that always fails does just that
        ({"ended_at": NOW + minutes(11), "outcome": "released"}, "stuck"),
        ({"ended_at": None, "began_at": None}, "stuck"),
    ],
)
def test_any_hand_over_of_any_dispatch_is_movement(app: Flask, make, stuck: int, attempt: dict, problem: str | None) -> None:
    other = make(["Zwei, Eva"])
    put_states(app, other, "sent")
    change_dispatch(other, state="finished")
    with write_transaction() as session:
        session.execute(update(Attempt).values(**attempt))

    assert problem_of(app) == problem


def test_a_late_tick_is_named_with_its_time() -> None:
    found = trouble(WELL, NOW - minutes(90), None, NOW - minutes(600), NOW)

    assert "zuletzt heute 7:00 gemeldet" in found.text


def test_healthz_is_open_and_tells_a_program_how_it_is(app: Flask, clock, make) -> None:
    put_states(app, make(), "sent")
    heartbeats.beat(heartbeats.TICK, clock.moment)
    clock.moment += timedelta(seconds=90)

    answer = app.test_client().get("/healthz")

    assert answer.status_code == 200
    assert answer.get_json() == {
        "status": "ok", "problem": None, "database": "ok", "redis": "ok", "workers": 2, "queues": {"send": 0},
        "last_tick": "2026-11-23T07:30:00+00:00", "oldest_due_seconds": 90,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("what", "problem"),
    [({"workers": 0}, "no_worker"), ({"redis_is_there": False}, "redis_gone"), ({}, "no_tick")],
)
def test_healthz_answers_503_when_something_is_wrong(app: Flask, clock, waker, what: dict, problem: str) -> None:
    for name, value in what.items():
        setattr(waker, name, value)
    clock.moment += minutes(6)

    answer = app.test_client().get("/healthz")

    assert (answer.status_code, answer.get_json()["problem"]) == (503, problem)


def test_a_database_that_does_not_answer_is_a_finding(app: Flask, monkeypatch) -> None:
    def broken(now):
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(health, "work", broken)

    answer = app.test_client().get("/healthz")

    assert (answer.status_code, answer.get_json()["database"]) == (503, "error")


@pytest.mark.parametrize(
    ("change", "due"),
    [
        ({}, True),
        ({"state": "paused"}, False),
        ({"state": "finished"}, False),
        ({"wait_until": NOW + minutes(30)}, False),
        ({"wait_until": NOW - minutes(30)}, True),
        ({"state": "scheduled", "scheduled_at": NOW - minutes(3)}, True),
        ({"state": "scheduled", "scheduled_at": NOW + minutes(3)}, False),
    ],
)
def test_what_is_due_is_what_should_be_going_out_now(app: Flask, clock, make, change: dict, due: bool) -> None:
    change_dispatch(make(), **{"state": "running", **change})

    assert bool(health.work(clock.moment + minutes(1)).oldest_due) is due


def test_a_house_that_is_well_shows_no_alarm(client, make) -> None:
    make()

    assert soup(client.get("/dispatches")).select(".stage > .alert") == []


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ({"workers": 0}, "Kein Versandprozess aktiv."),
        ({"redis_is_there": False}, "Redis, der Wecker der Versandprozesse, antwortet nicht."),
        ({}, "Der Zeitgeber hat sich noch nicht gemeldet."),
    ],
)
def test_every_page_names_a_missing_part_with_its_cure(client, clock, waker, what: dict, sentence: str) -> None:
    for name, value in what.items():
        setattr(waker, name, value)
    clock.moment += minutes(6)

    alarm = words(client.get("/account"), ".stage > .alert")

    assert alarm.startswith("Bitte starten Sie Praxispost neu")
    assert sentence in alarm
    assert soup(client.get("/dispatches/results", headers={"HX-Request": "true"})).select(".alert") == []


def test_a_paused_dispatch_is_named_on_other_pages(client, make) -> None:
    dispatch_id = make(subject="Neue Zeiten")
    change_dispatch(dispatch_id, state="paused", pause_code="login_refused")

    page = soup(client.get("/account"))

    alarm = page.select_one(".stage > .alert-danger")
    assert "Der Versand „Neue Zeiten“ ist angehalten. Bitte die Zugangsdaten" in alarm.get_text(" ", strip=True)
    assert alarm.a["href"] == f"/dispatches/{dispatch_id}"
    assert soup(client.get(f"/dispatches/{dispatch_id}")).select(".stage > .alert") == []


def test_what_a_person_paused_is_no_fault(client, make) -> None:
    change_dispatch(make(), state="paused")

    assert "alert-warning" in soup(client.get("/account")).select_one(".stage > .alert")["class"]


def test_several_paused_dispatches_are_one_line(client, make) -> None:
    for _ in range(3):
        change_dispatch(make(), state="paused")

    [alarm] = soup(client.get("/account")).select(".stage > .alert")

    assert "3 Versände sind angehalten." in alarm.get_text()
    assert len(soup(client.get(alarm.a["href"])).select("#dispatch-results tbody tr")) == 3
