"""Terminliste: days one click away, filters, broken and empty days; one list in two places. Today is Monday, 23.11.2026."""

from __future__ import annotations

from datetime import date

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.store.crowd_of_few import MONDAY, add_appointment, add_consent, add_person

HTMX = {"HX-Request": "true"}
PLACES = ["/appointments", "/search/appointments"]


def soup(response: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(response.data, "html.parser")


def names(response: TestResponse) -> list[str]:
    return [link.get_text(strip=True) for link in soup(response).select("tbody .person-link")]


@pytest.fixture
def appointments(app) -> None:
    anna = add_person("Müller", "Anna", email="anna@example.org")
    add_consent(anna, "email", "yes", "anna@example.org")
    add_appointment(anna, MONDAY, "09:00", type="Kontrolle", practitioner="Dr. Muster", location="Raum 1")
    add_appointment(add_person("Groß", "Ute"), MONDAY, "08:00", type="Vorsorge", practitioner="Dr. Beispiel", status="cancelled")
    add_appointment(add_person("Zander", "Bo"), date(2026, 11, 24), "10:00")


@pytest.mark.parametrize("place", PLACES)
def test_without_a_day_it_is_today(client: FlaskClient, appointments, place: str) -> None:
    answer = client.get(place)

    assert names(answer) == ["Groß, Ute", "Müller, Anna"]
    assert soup(answer).select_one(".hits").get_text(" ", strip=True) == "Mo 23.11.2026: 2 Termine"
    assert soup(answer).select_one("#day-today")["aria-current"] == "date"


@pytest.mark.parametrize("place", PLACES)
def test_other_days_are_one_click_away(client: FlaskClient, appointments, place: str) -> None:
    page = soup(client.get(f"{place}?from=2026-11-20&type=Kontrolle"))

    assert page.select_one("#day-previous")["href"] == f"{place}?type=Kontrolle&from=2026-11-19"
    assert page.select_one("#day-next")["href"] == f"{place}?type=Kontrolle&from=2026-11-21"
    assert page.select_one("#day-today")["href"] == f"{place}?type=Kontrolle&from=2026-11-23"
    assert page.select_one("#day-working")["href"] == f"{place}?type=Kontrolle&from=2026-11-24"
    assert "Di 24.11.2026" in page.select_one("#day-working").get_text()
    assert names(client.get(f"{place}?from=2026-11-24")) == ["Zander, Bo"]


def test_the_working_day_after_friday_is_monday(client: FlaskClient, clock) -> None:
    clock.moment = clock.moment.replace(day=27)

    assert "Mo 30.11.2026" in soup(client.get("/appointments")).select_one("#day-working").get_text()


def test_a_stretch_of_days_shows_each_day_and_moves_by_its_length(client: FlaskClient, appointments) -> None:
    answer = client.get("/appointments?from=23.11.&to=24.11.")
    page = soup(answer)

    assert names(answer) == ["Groß, Ute", "Müller, Anna", "Zander, Bo"]
    assert page.find("td", attrs={"data-label": "Zeit"}).get_text(strip=True) == "Mo 23.11.2026 8:00–8:20"
    assert page.select_one("#day-next")["href"] == "/appointments?from=2026-11-25&to=2026-11-26"
    assert page.select_one("#day-from")["value"] == "2026-11-23"


def test_the_first_and_the_last_day_of_all_have_neighbours_too(client: FlaskClient, appointments) -> None:
    page = soup(client.get("/appointments?from=1.1.1900&to=31.12.2100"))

    assert "to=1899-12-31" in page.select_one("#day-previous")["href"]
    assert "from=2101-01-01" in page.select_one("#day-next")["href"]


def test_only_the_list_comes_back_for_htmx(client: FlaskClient, appointments) -> None:
    answer = client.get("/search/appointments?practitioner=Dr.+Muster", headers=HTMX)

    assert names(answer) == ["Müller, Anna"]
    assert soup(answer).h1 is None
    assert "HX-Request" in answer.vary
    assert soup(answer).select_one("#field-practitioner option[selected]")["value"] == "Dr. Muster"


def test_a_row_says_when_what_who_and_whether_a_reminder_is_allowed(client: FlaskClient, appointments) -> None:
    called_off, row = soup(client.get("/appointments")).select("tbody tr")

    cells = {cell["data-label"]: cell.get_text(" ", strip=True) for cell in row.select("td[data-label]")}
    no_number = "– Bitte Mobilnummer im Feld SMS nachtragen. Im Feld SMS steht keine Nummer."
    assert cells == {
        "Zeit": "9:00–9:20",
        "Name": "Müller, Anna",
        "Terminart": "Kontrolle",
        "Behandler": "Dr. Muster",
        "Status": "geplant",
        "E-Mail erlaubt": "JA",
        "SMS erlaubt": no_number,
        "Ort": "Raum 1",
    }
    assert called_off.select_one("[data-label=Zeit] span")["class"] == ["called-off"]
    assert called_off.select_one("[data-label=Status]").get_text(strip=True) == "abgesagt"


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize(
    ("query", "field", "kept", "sentence"),
    [
        ("from=31.2.2026", "from", "31.2.2026", "Den Tag 31.2.2026 gibt es im Kalender nicht."),
        ("from=0001-01-01", "from", "0001-01-01", "Das Jahr 1 liegt zu weit entfernt."),
        ("from=23.11.2026&to=bald", "to", "bald", "Bitte ein Datum wie 23.11.2026 eingeben."),
        ("from=24.11.2026&to=23.11.2026", "to", "2026-11-23", "Bitte einen späteren Tag eingeben."),
    ],
)
def test_a_broken_day_is_named_at_its_field_and_stays_as_typed(
    client: FlaskClient, appointments, headers: dict, query: str, field: str, kept: str, sentence: str
) -> None:
    answer = client.get(f"/appointments?{query}", headers=headers)
    typed = soup(answer).select_one(f"#day-{field}")

    assert answer.status_code == 422
    assert typed["value"] == kept
    assert typed["aria-invalid"] == "true"
    assert sentence in soup(answer).select_one(f"#day-{field}-error").get_text()
    assert names(answer) == []


def test_an_empty_day_leads_to_the_nearest_days_with_appointments(client: FlaskClient, appointments) -> None:
    page = soup(client.get("/appointments?from=2026-12-01"))

    assert "Für Di 01.12.2026 sind keine Termine gespeichert." in page.select_one(".empty").get_text()
    assert [link["href"] for link in page.select(".empty a")] == ["/appointments?from=2026-11-24"]


def test_a_filter_that_fits_nothing_can_be_left(client: FlaskClient, appointments) -> None:
    page = soup(client.get("/appointments?status=no_show"))

    assert page.select_one(".empty a")["href"] == "/appointments?from=2026-11-23&to=2026-11-23"


def test_a_house_without_appointments_leads_to_the_import(client: FlaskClient) -> None:
    assert "Noch keine Termine gespeichert" in soup(client.get("/appointments")).select_one(".empty").get_text()


def test_who_may_only_look_sees_the_rows_but_no_ticks(client_as, appointments) -> None:
    answer = client_as("reader").get("/appointments")

    assert names(answer) == ["Groß, Ute", "Müller, Anna"]
    assert soup(answer).select("input[type=checkbox], #action-bar, #select-hits") == []


def test_the_two_tabs_of_the_search_lead_to_each_other(client: FlaskClient) -> None:
    for place, other in (("/search", "Terminliste"), ("/search/appointments", "Suche")):
        tabs = {tab.get_text(strip=True): tab for tab in soup(client.get(place)).select(".nav-tabs a")}
        assert set(tabs) == {"Suche", "Terminliste"}
        assert not tabs[other].has_attr("aria-current")
