"""Ticks: with and without JavaScript, over pages and searches, all hits, one's own only, and what can be done with them."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from messaging.models import Draft, Recipient, db, write_transaction
from tests.store.crowd_of_few import add_appointment, add_person

HTMX = {"HX-Request": "true"}


def soup(response: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(response.data, "html.parser")


def ticked_rows(response: TestResponse) -> list[int]:
    return [int(box["value"]) for box in soup(response).select("input[name=row][checked]")]


def bar(response: TestResponse) -> tuple[int, int]:
    """(ticked altogether, ticked among the hits) as the action bar says."""
    found = soup(response).select_one("#action-bar")
    return int(found["data-count"]), int(found["data-hits-selected"])


@pytest.fixture
def people(app) -> list[int]:
    with write_transaction():
        return [
            add_person("Schmidt" if number % 2 else "Wagner", f"Nr{number:02d}", email=f"p{number}@example.org")
            for number in range(30)
        ]


def change(
    client: FlaskClient, operation: str, *rows: int, url: str = "/selection?list=patients", **fields: object
) -> TestResponse:
    return client.post(url, data={"op": operation, "scope": "people", "row": list(rows), **fields}, headers=HTMX)


def test_a_tick_is_answered_with_the_bar(client: FlaskClient, people) -> None:
    answer = change(client, "add", people[0], people[1])

    assert bar(answer) == (2, 2)
    assert "2 ausgewählt" in soup(answer).select_one(".action-bar-count").get_text()
    assert "HX-Request" in answer.vary
    assert bar(change(client, "remove", people[0])) == (1, 1)


def test_ticks_survive_paging_and_a_new_search(client: FlaskClient, people) -> None:
    change(client, "add", people[0])

    assert bar(client.get("/patients?page=2")) == (1, 1)
    assert ticked_rows(client.get("/search?q=wagner")) == [people[0]]
    assert bar(client.get("/search?q=schmidt", headers=HTMX)) == (1, 0)
    assert ticked_rows(client.get("/patients?per_page=all")) == [people[0]]


def test_all_hits_are_those_of_the_filter_on_every_page(client: FlaskClient, people) -> None:
    button = soup(client.get("/search?q=schmidt")).select_one("form[data-people-list]")
    answer = change(client, "add_hits", url=button["data-selection-url"])

    assert bar(answer) == (15, 15)
    assert bar(client.get("/search?q=schmidt")) == (15, 15)
    assert soup(client.get("/search?q=schmidt")).select_one("#select-hits").has_attr("disabled")
    assert bar(change(client, "remove_hits", url="/selection?list=search&q=schmidt+nr01")) == (14, 0)
    assert bar(change(client, "clear")) == (0, 0)


def test_without_javascript_a_page_of_ticks_is_sent_and_the_list_comes_back(client: FlaskClient, people) -> None:
    change(client, "add", people[3], people[20])
    form = soup(client.get("/patients?q=schmidt")).select_one("form[data-people-list]")
    shown = [int(field["value"]) for field in form.select("input[name=shown]")]

    answer = client.post(
        form["action"], data={"op": "page", "shown": shown, "row": people[1], "next": form.select_one("[name=next]")["value"]}
    )

    assert (answer.status_code, answer.location) == (303, "/patients?q=schmidt")
    assert ticked_rows(client.get("/patients?per_page=all&sort=number")) == [people[1], people[20]]


def test_everybody_has_ticks_of_their_own(client_as, people) -> None:
    staff, boss = client_as("staff"), client_as("manager")
    change(staff, "add", people[0])
    change(boss, "add", people[1], people[2])

    assert ticked_rows(staff.get("/patients?per_page=all&sort=number")) == [people[0]]
    assert bar(boss.get("/patients")) == (2, 2)


def test_who_may_only_look_can_tick_nothing(client_as, people) -> None:
    reader = client_as("reader")

    assert change(reader, "add", people[0]).status_code == 403
    assert reader.post("/selection/act?list=patients", data={"action": "email"}).status_code == 403
    assert reader.get("/selection/people").status_code == 200


@pytest.mark.parametrize(
    ("url", "data", "status"),
    [
        ("/selection?list=nothing", {"op": "add"}, 404),
        ("/selection", {"op": "add"}, 404),
        ("/selection?list=patients", {"op": "explode"}, 400),
        ("/selection?list=patients", {}, 400),
        ("/selection?list=patients", {"op": "add", "row": ["x", "", "99999999999", "-1"]}, 303),
        ("/selection?list=appointments&from=31.2.2026", {"op": "add_hits"}, 409),
        ("/selection/act?list=patients", {"action": "fax", "synced": "1"}, 400),
    ],
)
def test_nonsense_ticks_nobody(client: FlaskClient, people, url: str, data: dict, status: int) -> None:
    assert client.post(url, data=data).status_code == status
    assert bar(client.get("/patients")) == (0, 0)


@pytest.mark.parametrize("name", ["endpoint", "_external", "_scheme", "_anchor", "page"])
@pytest.mark.parametrize("place", ["patients", "appointments"])
def test_the_addresses_of_the_bar_carry_only_what_the_list_knows(client: FlaskClient, people, place: str, name: str) -> None:
    row = add_appointment(people[0]) if place == "appointments" else people[0]

    answer = change(client, "add", row, url=f"/selection?list={place}&sort=time&{name}=2")

    assert answer.status_code == 200
    assert soup(answer).select_one("[name=action]")["formaction"] == f"/selection/act?list={place}&sort=time"


@pytest.mark.parametrize("operation", ["add_hits", "remove_hits"])
@pytest.mark.parametrize("typed", ["", "&q=", "&q=+,;", "&filter=active&kind=patient"])
def test_a_search_that_waits_for_a_word_has_no_hits(client: FlaskClient, people, typed: str, operation: str) -> None:
    change(client, "add", people[0])

    answer = change(client, operation, url=f"/selection?list=search{typed}")

    assert answer.status_code == 409
    assert "Bitte zuerst suchen." in soup(answer).get_text()
    assert bar(client.get("/patients")) == (1, 1)


def test_the_way_back_stays_in_the_house(client: FlaskClient, people) -> None:
    answer = client.post("/selection?list=patients", data={"op": "clear", "next": "//evil.example.com/"})

    assert answer.location == "/"


def test_an_email_begins_as_a_draft_of_everybody_ticked(client: FlaskClient, people) -> None:
    change(client, "add", *people[:4])

    answer = client.post("/selection/act?list=patients", data={"action": "email", "scope": "people", "synced": "1"})

    draft = db.session.scalars(select(Draft)).one()
    assert (answer.status_code, answer.location) == (303, f"/drafts/{draft.id}/recipients")
    assert set(db.session.scalars(select(Recipient.person_id))) == set(people[:4])
    assert bar(client.get("/patients")) == (4, 4)


def test_without_javascript_the_ticks_of_the_page_count_before_the_action(client: FlaskClient, people) -> None:
    change(client, "add", people[0])

    client.post("/selection/act?list=patients", data={"action": "email", "shown": people[:3], "row": [people[1], people[2]]})

    assert set(db.session.scalars(select(Recipient.person_id))) == set(people[1:3])


def test_nobody_ticked_is_said_and_leads_back(client: FlaskClient, people) -> None:
    answer = client.post("/selection/act?list=patients", data={"action": "email", "synced": "1", "next": "/patients?page=2"})

    assert answer.status_code == 409
    assert "Bitte zuerst Personen oder Termine ankreuzen." in soup(answer).get_text()
    assert [link["href"] for link in soup(answer).find_all("a") if "Zurück zur Liste" in link.get_text()] == ["/patients?page=2"]
    assert db.session.scalar(select(Draft.id)) is None


@pytest.mark.parametrize(("action", "word"), [("sms", "SMS"), ("letter", "Brief")])
def test_a_channel_that_is_not_there_yet_says_so(client: FlaskClient, people, action: str, word: str) -> None:
    change(client, "add", people[0])
    item = soup(client.get("/patients")).select_one(f"button[name=action][value={action}]")
    answer = client.post("/selection/act?list=patients", data={"action": action, "synced": "1"})

    assert item.has_attr("disabled")
    assert "noch nicht eingerichtet" in item.get_text()
    assert answer.status_code == 409
    assert f"Die Versandart {word} ist in Praxispost noch nicht eingerichtet." in soup(answer).get_text()


def test_the_list_of_the_ticked_is_exactly_these_and_can_be_unticked(client: FlaskClient, people) -> None:
    change(client, "add", people[0], people[1], people[2])

    answer = client.post("/selection/act?list=patients", data={"action": "edit", "synced": "1"})
    page = client.get(answer.location)
    change(client, "remove", people[0], url=soup(page).select_one("form[data-people-list]")["action"])

    assert answer.location == "/selection/people"
    assert sorted(ticked_rows(page)) == people[:3]
    assert sorted(ticked_rows(client.get("/selection/people"))) == people[1:3]
    assert ticked_rows(client.get("/selection/people?q=schmidt")) == [people[1]]


def test_an_empty_list_of_the_ticked_leads_to_the_search(client: FlaskClient, people) -> None:
    for address, target in (("/selection/people", "/search"), ("/selection/appointments", "/search/appointments")):
        assert soup(client.get(address)).select_one(".empty a")["href"] == target


def test_appointments_are_ticked_by_appointment(client: FlaskClient, people) -> None:
    first, second = (add_appointment(people[0], at=at) for at in ("09:00", "10:00"))
    other = add_appointment(people[1], at="11:00", practitioner="Dr. Muster")

    assert bar(change(client, "add", first, url="/selection?list=appointments")) == (1, 1)
    assert bar(change(client, "add_hits", url="/selection?list=appointments&practitioner=Dr.+Muster")) == (2, 2)
    assert ticked_rows(client.get("/appointments")) == [first, other]
    assert ticked_rows(client.get("/selection/appointments")) == [first, other]
    assert bar(client.get("/patients")) == (0, 0)

    client.post("/selection/act?list=appointments", data={"action": "email", "synced": "1"})

    assert list(db.session.scalars(select(Recipient.appointment_id).order_by(Recipient.position))) == [first, other]
    assert second not in ticked_rows(client.get("/appointments"))
