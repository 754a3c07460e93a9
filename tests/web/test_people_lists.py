"""Patientensuche, Patienten and Interessenten: whole page, list alone, paging, sorting, empty lists, and who may only look."""

from __future__ import annotations

from datetime import date

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.models import write_transaction
from tests.conftest import NOW
from tests.store.crowd_of_few import add_person

HTMX = {"HX-Request": "true"}


def soup(response: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(response.data, "html.parser")


def names(response: TestResponse) -> list[str]:
    return [link.get_text(strip=True) for link in soup(response).select("tbody .person-link")]


@pytest.fixture
def people(app) -> dict[str, int]:
    with write_transaction():
        return {
            "anna": add_person(
                "Müller", "Anna", birth_date=date(1937, 3, 13), city="Dresden", postcode="01067", mobile="0176 04069017"
            ),
            "ute": add_person("Groß", "Ute", title="Prof. Dr.", email="ute.gross@example.org"),
            "old": add_person("Altmann", "Kurt", archived_at=NOW),
            "dead": add_person("Berg", "Eva", deceased=True),
            "asks": add_person("Neumann", "Bo", kind="prospect", city="Ulm"),
        }


def many(count: int) -> None:
    with write_transaction():
        for number in range(count):
            add_person("Schmidt", f"Nr{number:03d}")


@pytest.mark.parametrize("path", ["/search?q=groß", "/patients"])
def test_enter_on_a_tick_would_press_a_button_that_only_keeps_the_ticks(client: FlaskClient, people, path: str) -> None:
    first = soup(client.get(path)).select_one("#people-list [type=submit], [type=submit][form=people-list]")

    assert (first["name"], first["value"], first["tabindex"]) == ("op", "page", "-1")


def test_the_search_waits_for_something_to_be_typed(client: FlaskClient, people) -> None:
    page = soup(client.get("/search"))

    assert page.h1.get_text(strip=True) == "Patientensuche"
    assert page.select("tbody tr") == []
    assert "Wen suchen Sie?" in page.select_one("#people-results").get_text()
    assert page.select_one("#search-field")["hx-sync"] == "#search-form:replace"


def test_the_search_finds_patients_and_prospects_and_says_who_is_what(client: FlaskClient, people) -> None:
    assert names(client.get("/search?q=m%C3%BCller")) == ["Müller, Anna"]
    found = client.get("/search?q=neumann")

    assert names(found) == ["Neumann, Bo"]
    assert soup(found).find("td", attrs={"data-label": "Hinweis"}).get_text(strip=True) == "Interessent"
    assert names(client.get("/search?q=neumann&kind=patient")) == []


def test_a_row_shows_number_birth_date_town_mail_and_mobile(client: FlaskClient, people) -> None:
    [row] = soup(client.get("/search?q=anna")).select("tbody tr")

    cells = {cell["data-label"]: cell.get_text(strip=True) for cell in row.select("td[data-label]")}
    assert cells == {"Name": "Müller, Anna", "Nummer": "P00001", "Geburtsdatum": "13.03.1937", "Ort": "01067 Dresden",
                     "E-Mail": "", "Mobil": "0176 04069017", "Hinweis": ""}  # fmt: skip
    assert row.select_one(".person-link")["href"] == f"/people/{people['anna']}"
    assert row.select_one(".person-link")["hx-get"] == f"/people/{people['anna']}/panel"


def test_while_typing_only_the_list_and_the_bar_come_back(client: FlaskClient, people) -> None:
    answer = client.get("/search?q=gross", headers=HTMX)

    fragment = soup(answer)
    assert fragment.h1 is None
    assert names(answer) == ["Groß, Prof. Dr. Ute"]
    assert [element["id"] for element in fragment.find_all(attrs={"hx-swap-oob": True})] == ["action-bar"]
    assert "HX-Request" in answer.vary


def test_nobody_found_says_what_to_try(client: FlaskClient, people) -> None:
    text = soup(client.get("/search?q=<b>xyzzy</b>&kind=patient")).select_one("#people-results")

    assert "Niemand gefunden zu „<b>xyzzy</b>“" in text.get_text()
    assert text.find("a", string="Unter allen Personen suchen")["href"].startswith("/search?q=")


def test_an_empty_house_leads_to_the_import(client: FlaskClient) -> None:
    for address in ("/search", "/patients", "/prospects"):
        assert "Noch niemand gespeichert" in soup(client.get(address)).select_one("#people-results").get_text()


def test_the_tables_hold_their_own_kind_without_those_put_away(client: FlaskClient, people) -> None:
    assert names(client.get("/patients")) == ["Berg, Eva", "Groß, Prof. Dr. Ute", "Müller, Anna"]
    assert names(client.get("/prospects")) == ["Neumann, Bo"]
    assert names(client.get("/patients?filter=put_away")) == ["Altmann, Kurt"]
    assert names(client.get("/patients?filter=no_email")) == ["Berg, Eva", "Müller, Anna"]
    assert names(client.get("/patients?q=ulm")) == []


def test_remarks_say_who_is_not_written_to(client: FlaskClient, people) -> None:
    rows = {
        row.select_one(".person-link").get_text(strip=True): row
        for row in soup(client.get("/patients?filter=all")).select("tbody tr")
    }

    assert rows["Altmann, Kurt"].select_one("[data-label=Hinweis]").get_text(strip=True) == "archiviert"
    assert rows["Berg, Eva"].select_one("[data-label=Hinweis]").get_text(strip=True) == "verstorben"


def test_columns_sort_and_keep_what_was_typed(client: FlaskClient, people) -> None:
    answer = client.get("/patients?q=&sort=-name&per_page=50")

    assert names(answer) == ["Müller, Anna", "Groß, Prof. Dr. Ute", "Berg, Eva"]
    head = soup(answer).select_one("th[aria-sort=descending]")
    assert head.get_text(" ", strip=True) == "Name absteigend"
    assert head.a["href"] == "/patients?sort=name&per_page=50&page=1"
    kept = {field["name"]: field["value"] for field in soup(answer).select("input[form=search-form]")}
    assert kept == {"sort": "-name", "per_page": "50"}


def test_pages_show_25_50_100_or_all(client: FlaskClient) -> None:
    many(60)

    assert len(names(client.get("/patients"))) == 25
    assert len(names(client.get("/patients?per_page=50&page=2"))) == 10
    assert len(names(client.get("/patients?per_page=all"))) == 60
    assert names(client.get("/patients?page=99")) == names(client.get("/patients?page=3"))
    assert "1–25 von 60 Personen" in soup(client.get("/patients")).select_one(".pager").get_text()


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=-1", "page=x", "page=" + "9" * 30, "per_page=7", "sort=password", "filter=x", "kind=x", "q=" + "a" * 5000],
)
def test_nonsense_in_the_address_is_as_if_it_were_not_there(client: FlaskClient, people, query: str) -> None:
    assert client.get(f"/patients?{query}").status_code == 200
    assert client.get(f"/search?q=m&{query}").status_code == 200


def test_more_rows_than_a_browser_can_draw_are_paged_and_said(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    many(12)
    monkeypatch.setattr("messaging.services.list_page.DRAWN_AT_MOST", 10)
    monkeypatch.setattr("blueprints.list_views.DRAWN_AT_MOST", 10)

    page = soup(client.get("/patients?per_page=all"))

    assert len(page.select("tbody tr")) == 10
    assert "1–10 von 12 Personen" in page.select_one(".pager").get_text()
    assert "„alle“ zeigt 10 Zeilen auf einmal" in page.select_one("#people-results").get_text()
    assert len(names(client.get("/patients?per_page=all&page=2"))) == 2


def test_an_uncounted_number_of_hits_says_more_than(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    many(60)
    monkeypatch.setattr("messaging.services.person_search.FEW_ENTRIES", 10)
    monkeypatch.setattr("messaging.services.person_search.ROWS_READ", (35,))

    page = soup(client.get("/search?q=schmidt"))

    assert page.select_one(".hits").get_text(" ", strip=True) == "mehr als 30 Treffer"
    assert "1–25 von mehr als 30 Personen" in page.select_one(".pager").get_text()
    assert page.select_one("#select-hits").get_text(strip=True) == "alle Treffer auswählen"
    assert page.select_one("#pager-next")["href"] == "/search?q=schmidt&page=2"


def test_who_may_only_look_sees_the_rows_but_no_ticks(client_as, people) -> None:
    page = soup(client_as("reader").get("/search?q=anna"))

    assert [row.select_one(".person-link").get_text(strip=True) for row in page.select("tbody tr")] == ["Müller, Anna"]
    assert page.select("input[type=checkbox], #action-bar, #select-hits, form[method=post] table") == []
