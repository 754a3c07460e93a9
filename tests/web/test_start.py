"""The start page: what needs a person first, then what runs, drafts, what was last; and the first steps of an empty house."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from messaging.domain.calendar_de import local
from messaging.models import Appointment, db, write_transaction
from messaging.services import drafts
from tests.web.made_dispatches import change_dispatch, make_account, make_dispatch, make_people, put_states
from tests.web.reading import soup, words

HTMX = {"HX-Request": "true"}


@pytest.fixture
def owner(make_user: Callable):
    return make_user("staff", "owner")


@pytest.fixture
def make(app: Flask, owner) -> Callable[..., int]:
    return lambda *args, **values: make_dispatch(app, owner, *args, **values)


def tasks(response) -> list[str]:
    return [" ".join(each.get_text(" ", strip=True).split()) for each in soup(response).select("#start-tasks li")]


def test_an_empty_house_says_what_to_do_first(client, client_as) -> None:
    page = soup(client_as("admin").get("/"))

    steps = page.select("#first-steps li")
    assert ["start-step-done" in step["class"] for step in steps] == [False, False, False]
    assert steps[0].get_text(" ", strip=True).startswith("Patienten und Termine importieren")
    assert page.select_one("#start-days") is None
    assert "Zurzeit läuft kein Versand" not in page.get_text()


def test_what_is_done_is_ticked_off_and_gone_once_there_are_people(app: Flask, client) -> None:
    make_account(app)
    assert ["start-step-done" in step["class"] for step in soup(client.get("/")).select("#first-steps li")] == [
        False,
        True,
        False,
    ]

    make_people(app, ["Groß, Ute"])

    [left] = soup(client.get("/")).select("#first-steps li")
    assert left.get_text(" ", strip=True).startswith("Vorlagen ansehen")


def test_all_is_well_in_one_calm_line(app: Flask, client) -> None:
    make_people(app, ["Groß, Ute"])

    page = client.get("/")

    assert words(page, "#start-calm") == "Alles ist erledigt. Zurzeit läuft kein Versand."
    assert tasks(page) == []


def test_what_needs_a_person_stands_first(app: Flask, client, make, waker, clock) -> None:
    unclear, paused, failed = make(subject="Eins"), make(subject="Zwei"), make(subject="Drei")
    put_states(app, unclear, "unknown", "sent", "sent", reason="answer_lost")
    put_states(app, failed, "failed", "failed", "sent")
    change_dispatch(unclear, state="finished", finished_at=clock.moment)
    change_dispatch(paused, state="paused", pause_code="login_refused")
    change_dispatch(failed, state="finished", finished_at=clock.moment)
    clock.moment += timedelta(minutes=10)
    waker.workers = 0

    first, second, third, fourth = tasks(client.get("/"))

    assert first.startswith("Kein Versandprozess aktiv.")
    assert "Bitte starten Sie Praxispost neu" in first
    assert second.startswith("1 Nachricht ist unklar Bitte entscheiden Sie")
    assert third.startswith("Angehalten: Zwei Bitte die Zugangsdaten des E-Mail-Kontos prüfen.")
    assert "3 Nachrichten warten." in third
    assert fourth.startswith("2 Nachrichten nicht zustellbar: Drei")
    assert soup(client.get("/")).select(".stage > .alert") == []


def test_failures_are_named_until_they_are_sent_again_or_old(app: Flask, client, make, clock) -> None:
    dispatch_id = make()
    put_states(app, dispatch_id, "failed", "sent", "sent")
    change_dispatch(dispatch_id, state="finished", finished_at=clock.moment)
    assert len(tasks(client.get("/"))) == 1

    clock.moment += timedelta(days=2)
    assert [each for each in tasks(client.get("/")) if "nicht zustellbar" in each] == []

    clock.moment -= timedelta(days=1)
    client.post(f"/dispatches/{dispatch_id}/resend")
    assert [each for each in tasks(client.get("/")) if "nicht zustellbar" in each] == []


def test_running_dispatches_have_bars_and_the_page_asks_again(app: Flask, client, make) -> None:
    dispatch_id = make()
    put_states(app, dispatch_id, "sent", "queued", "queued")

    page = soup(client.get("/"))

    section = page.select_one("#start-now")
    assert section["hx-trigger"] == "every 3s"
    row = section.select_one(f"#live-{dispatch_id}")
    assert (row.progress["value"], row.progress["max"]) == ("1", "3")
    assert "1 von 3 · " in row.get_text(" ", strip=True)


def test_the_page_stops_asking_and_reads_the_last_ones_when_a_dispatch_ends(client, make, clock) -> None:
    dispatch_id = make(subject="Gerade fertig")
    asked = soup(client.get("/")).select_one("#start-now")["hx-get"]
    change_dispatch(dispatch_id, state="finished", finished_at=clock.moment)

    answer = client.get(asked, headers=HTMX)

    assert not soup(answer).select_one("#start-now").has_attr("hx-get")
    assert answer.headers["HX-Trigger"] == "dispatchFinished"
    assert "Gerade fertig" in words(client.get("/start/last", headers=HTMX), "#start-last")


def test_parts_of_the_page_without_javascript_are_the_page(client) -> None:
    assert client.get("/start/now").location == "/"
    assert client.get("/start/last").location == "/"


def test_open_drafts_of_the_practice_are_listed(app: Flask, client, owner) -> None:
    draft_id = drafts.create_from_people(owner.id, make_people(app, ["Groß, Ute"]), "email", app.config["CLOCK"]())

    section = soup(client.get("/")).select_one("#start-drafts")

    assert section.a["href"] == f"/drafts/{draft_id}/recipients"
    assert "Information per E-Mail an 1 Empfänger, von Test Person" in " ".join(section.get_text(" ", strip=True).split())


def test_the_appointments_of_today_and_of_the_next_working_day_are_one_click_away(app: Flask, client, clock) -> None:
    [person_id] = make_people(app, ["Groß, Ute"])
    with write_transaction() as session:
        for number, (days, status) in enumerate([(0, "planned"), (0, "confirmed"), (0, "cancelled"), (1, "planned")]):
            start = clock.moment + timedelta(days=days)
            session.add(Appointment(number=str(number), person_id=person_id, starts_at=start, ends_at=start, status=status,
                                    local_date=local(start).date(), updated_at=clock.moment))  # fmt: skip

    links = soup(client.get("/")).select("#start-days a")

    assert [link.get_text(strip=True) for link in links] == ["Heute: 2 Termine", "Di 24.11.2026: 1 Termin"]
    assert "2 Termine" in words(client.get(links[0]["href"]), "#appointment-results")
    db.session.rollback()


def test_a_reader_may_look(app: Flask, client_as, make) -> None:
    make()

    assert client_as("reader").get("/").status_code == 200
