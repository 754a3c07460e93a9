"""The check window on the screen: what it shows, what every button does with and without JavaScript, who may press it."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.models import AuditEntry, db
from messaging.services import drafts, recipients, recipients_overrides
from tests.store import recipient_world as world
from tests.store.recipient_world import NOW

HTMX = {"HX-Request": "true"}
WHY = "hat heute am Telefon darum gebeten"


@pytest.fixture
def people(app: Flask) -> dict[str, int]:
    """One allowed, one never asked, one who withdrew, one without an address."""
    made = {
        "yes": world.allowed("Abel"),
        "unasked": world.person("Brandt"),
        "revoked": world.person("Conrad"),
        "no_mail": world.allowed("Dietz", email=""),
    }
    world.consent(made["revoked"], "revoked")
    return made


@pytest.fixture
def draft_id(people: dict[str, int]) -> int:
    return world.draft(list(people.values()), owner=world.user("anna"))


def url(draft_id: int, rest: str = "") -> str:
    return f"/drafts/{draft_id}/recipients{rest}"


def soup_of(response: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(response.data, "html.parser")


def text_of(element: Tag | None) -> str:
    assert element is not None
    return " ".join(element.get_text(" ").split())


def window(client: FlaskClient, draft_id: int, **args: Any) -> BeautifulSoup:
    response = client.get(url(draft_id), query_string=args)
    assert response.status_code == 200
    return soup_of(response)


def table_of(soup: BeautifulSoup) -> list[list[str]]:
    """The rows as a reader sees them; the first cell says whether the row is ticked."""
    rows = []
    for row in soup.select("#recipients-checklist tbody tr"):
        box = row.select_one("input[type=checkbox]")
        assert box is not None
        mark = "–" if box.has_attr("disabled") else "☑" if box.has_attr("checked") else "☐"
        rows.append([mark, *(text_of(cell) for cell in row.find_all("td")[1:])])
    return rows


def numbers_of(soup: BeautifulSoup) -> list[str]:
    return [text_of(number) for number in soup.select("#recipients-summary .number")]


def buttons_of(soup: BeautifulSoup, selector: str) -> list[str]:
    return [text_of(button) for button in soup.select(f"{selector} button, {selector} a") if not button.has_attr("hidden")]


def flash_of(soup: BeautifulSoup) -> str:
    return text_of(soup.select_one("#flash"))


def roots_of(response: TestResponse) -> list[str]:
    return [str(root.get("id")) for root in soup_of(response).find_all(True, recursive=False)]


# What it shows


def test_the_window_shows_every_recipient_with_permission_and_reason(client: FlaskClient, draft_id: int) -> None:
    soup = window(client, draft_id)

    rows = table_of(soup)
    assert [row[:4] for row in rows] == [
        ["☑", "Abel", "m00001@example.org", "JA"],
        ["☑", "Brandt", "m00002@example.org", "NEIN"],
        ["☑", "Conrad", "m00003@example.org", "NEIN"],
        ["–", "Dietz", "–", "JA"],
    ]
    assert rows[0][4] == ""
    assert rows[1][4].startswith("Bitte Einwilligung einholen. Für diesen Zweck fehlt die Einwilligung.")
    assert rows[2][4].startswith("Neue Einwilligung nötig. Die Person hat ihre Einwilligung widerrufen.")
    assert rows[3][4] == (
        "Bitte E-Mail-Adresse nachtragen. Es ist keine E-Mail-Adresse eingetragen. Stammdaten öffnen neu prüfen"
    )
    assert numbers_of(soup) == ["4 ausgewählt", "1 erlaubt", "1 versendbar", "3 ausgelassen"]
    left_out = text_of(soup.select_one("#recipients-summary"))
    assert all(words in left_out for words in ("1 ohne E-Mail-Adresse", "1 ohne Einwilligung", "1 mit Widerruf"))
    assert buttons_of(soup, ".chips") == ["Alle 4", "Erlaubt 1", "Nicht erlaubt 2", "Nicht möglich 1"]
    assert buttons_of(soup, "#action-bar") == ["Nicht erlaubte entfernen (2)", "Abbrechen", "Übernahme: 1 →"]


def test_the_master_data_open_in_a_new_tab_and_the_name_opens_the_record_beside(
    client: FlaskClient, draft_id: int, people: dict[str, int]
) -> None:
    row = window(client, draft_id).select("tbody tr")[3]

    link = row.select_one("a[target=_blank]")
    assert link is not None
    assert link["href"] == f"/people/{people['no_mail']}"
    asked = window(client, draft_id).select_one("tbody tr:nth-of-type(2) a[target=_blank]")
    assert asked is not None
    assert asked["href"] == f"/people/{people['unasked']}/permissions"
    name = row.select_one("a[data-side-panel]")
    assert name is not None
    assert (name["href"], name["hx-get"]) == (f"/people/{people['no_mail']}", f"/people/{people['no_mail']}/panel")
    assert (name["hx-target"], "row-problem" in row["class"]) == ("#side-panel", True)


def test_appointments_stand_in_a_column_of_their_own(client: FlaskClient, people: dict[str, int]) -> None:
    draft_id = world.reminder([world.appointment(people["yes"], hours=0.5)])

    soup = window(client, draft_id)

    assert [text_of(head) for head in soup.select("thead th")][2:5] == [
        "E-Mail",
        "Termin",
        "erlaubt – alle ohne Erlaubnis abwählen",
    ]
    assert table_of(soup)[0][3] == "Mo 23.11. 9:00"
    assert text_of(soup.select_one("#field-purpose option[selected]")) == "Terminerinnerung"


@pytest.mark.parametrize(("channel", "head"), [("email", "E-Mail"), ("sms", "Mobilnummer"), ("letter", "Anschrift")])
def test_every_channel_names_its_address(client: FlaskClient, people: dict[str, int], channel: str, head: str) -> None:
    soup = window(client, world.draft([people["yes"]], channel))

    assert text_of(soup.select("thead th")[2]) == head
    assert text_of(soup.select_one("#field-purpose option[selected]")) == "Information"


def test_filters_and_pages_can_be_reloaded_and_answer_htmx_with_the_list_alone(client: FlaskClient, draft_id: int) -> None:
    whole = window(client, draft_id, filter="not_allowed")
    part = client.get(url(draft_id), query_string={"filter": "not_allowed"}, headers=HTMX)

    assert [row[1] for row in table_of(whole)] == ["Brandt", "Conrad"]
    assert table_of(soup_of(part)) == table_of(whole)
    assert roots_of(part) == ["recipients-checklist", "recipients-summary", "action-bar", "flash"]
    assert text_of(whole.select_one(".chip[aria-current]")) == "Nicht erlaubt 2"


@pytest.mark.parametrize("args", [{"filter": "x"}, {"page": "-3"}, {"page": "viele"}, {"per_page": "7"}, {"page": "99"}])
def test_nonsense_in_the_address_shows_the_usual_list(client: FlaskClient, draft_id: int, args: dict[str, str]) -> None:
    assert len(table_of(window(client, draft_id, **args))) == 4


def test_an_empty_filter_says_so_and_leads_back(client: FlaskClient, people: dict[str, int]) -> None:
    soup = window(client, world.draft([people["yes"]]), filter="impossible")

    assert "Unter diesem Filter steht kein Empfänger." in soup.get_text()
    assert text_of(soup.select_one(".empty a")) == "Alle zeigen"
    form = soup.select_one("form#people-list")  # the buttons around the list belong to it
    assert form is not None
    assert all(button["form"] == form["id"] for button in soup.select("#accept, #remove-not-allowed, #recheck-all"))


def test_a_second_page_carries_filter_and_size_along(client: FlaskClient) -> None:
    draft_id = world.draft([world.allowed(f"N{number:02}") for number in range(30)])

    soup = window(client, draft_id, page=2)

    assert [row[1] for row in table_of(soup)] == ["N25", "N26", "N27", "N28", "N29"]
    assert "26–30 von 30 Empfängern" in soup.get_text()
    remove = soup.select_one("#remove-not-allowed-head")
    assert remove is not None
    assert remove["formaction"] == remove["hx-post"] == url(draft_id, "/remove-not-allowed?page=2")
    assert client.post(remove["formaction"]).location == url(draft_id, "?page=2")


def test_somebody_elses_draft_may_be_opened_and_its_owner_is_named(client: FlaskClient, draft_id: int) -> None:
    assert "Entwurf von Anna Beispiel." in window(client, draft_id).get_text()
    own = world.draft([1], owner=world.user("staff"))
    assert "Entwurf von" not in window(client, own).get_text()


def test_names_are_text_whatever_they_look_like(client: FlaskClient) -> None:
    soup = window(client, world.draft([world.allowed("O'Neill & <b>Söhne</b> {{7*7}}")]))

    assert table_of(soup)[0][1] == "O'Neill & <b>Söhne</b> {{7*7}}"
    assert soup.select("tbody b") == []


# Buttons


def test_one_click_on_erlaubt_answers_with_list_numbers_and_bar(client: FlaskClient, draft_id: int) -> None:
    response = client.post(url(draft_id, "/remove-not-allowed"), headers=HTMX)

    soup = soup_of(response)
    assert response.status_code == 200
    assert roots_of(response) == ["recipients-checklist", "recipients-summary", "action-bar", "flash"]
    assert [row[0] for row in table_of(soup)] == ["☑", "☐", "☐", "–"]
    assert numbers_of(soup) == ["4 ausgewählt", "1 erlaubt", "1 versendbar", "3 ausgelassen"]
    assert "2 entfernt · rückgängig" in text_of(soup.select_one("#action-bar"))
    assert flash_of(soup) == ""


def test_undo_brings_them_back_and_a_second_press_only_says_so(client: FlaskClient, draft_id: int) -> None:
    removed = soup_of(client.post(url(draft_id, "/remove-not-allowed"), headers=HTMX))
    undo = removed.select_one("#undo-removed")
    assert undo is not None

    first = soup_of(client.post(undo["hx-post"], headers=HTMX))
    second = soup_of(client.post(undo["hx-post"], headers=HTMX))

    assert [row[0] for row in table_of(first)] == ["☑", "☑", "☑", "–"]
    assert first.select_one("#undo-removed") is None
    assert flash_of(second) == "Das ist schon rückgängig gemacht."
    assert table_of(second) == table_of(first)


def test_removing_nobody_says_why(client: FlaskClient, draft_id: int, people: dict[str, int]) -> None:
    client.post(url(draft_id, "/remove-not-allowed"))
    again = soup_of(client.post(url(draft_id, "/remove-not-allowed"), headers=HTMX))
    all_fine = soup_of(client.post(url(world.draft([people["yes"]]), "/remove-not-allowed"), headers=HTMX))

    assert flash_of(again) == "Alle nicht erlaubten Empfänger sind schon entfernt."
    assert flash_of(all_fine) == "Alle Empfänger sind erlaubt."


def test_a_tick_answers_with_bar_and_numbers(client: FlaskClient, draft_id: int, people: dict[str, int]) -> None:
    row = world.row_of(draft_id, people["yes"]).id

    off = client.post(url(draft_id, "/ticks"), data={"op": "remove", "row": [row]}, headers=HTMX)

    assert roots_of(off) == ["action-bar", "recipients-summary"]
    assert numbers_of(soup_of(off)) == ["4 ausgewählt", "1 erlaubt", "0 versendbar", "4 ausgelassen"]
    accept = soup_of(off).select_one("#accept")
    assert accept is not None
    assert accept.has_attr("disabled")
    assert "Noch bekommt niemand diese Nachricht" in text_of(soup_of(off).select_one("#action-bar"))
    on = client.post(url(draft_id, "/ticks"), data={"op": "add", "row": [row]}, headers=HTMX)
    assert numbers_of(soup_of(on))[2] == "1 versendbar"


@pytest.mark.parametrize(
    ("op", "filter_name", "ticks"),
    [
        ("add_hits", "all", [True, True, True, False]),
        ("add_hits", "not_allowed", [False, True, True, False]),
        ("remove_hits", "allowed", [False, False, False, False]),
        ("clear", "all", [False, False, False, False]),
    ],
)
def test_whole_filters_are_ticked_at_once(
    client: FlaskClient, draft_id: int, op: str, filter_name: str, ticks: list[bool]
) -> None:
    recipients.tick_all(draft_id, "all", on=False)

    response = client.post(url(draft_id, "/ticks"), query_string={"filter": filter_name}, data={"op": op})

    assert response.status_code == 303
    assert world.ticks(draft_id) == ticks


def test_an_operation_that_does_not_exist_is_refused(client: FlaskClient, draft_id: int) -> None:
    assert client.post(url(draft_id, "/ticks"), data={"op": "frobnicate"}).status_code == 400
    assert client.post(url(draft_id, "/ticks"), data={"op": "remove", "row": ["x", "-1"]}).status_code == 303
    assert world.ticks(draft_id) == [True, True, True, False]


@pytest.mark.parametrize("button", ["/ticks", "/remove-not-allowed", "/undo", "/recheck", "/accept"])
def test_without_javascript_every_button_takes_the_ticks_of_the_page_along(
    client: FlaskClient, draft_id: int, people: dict[str, int], button: str
) -> None:
    shown = [row.id for row in world.rows(draft_id)]
    kept = world.row_of(draft_id, people["unasked"]).id

    client.post(url(draft_id, button), data={"op": "page", "shown": shown, "row": [kept]})

    assert not world.row_of(draft_id, people["yes"]).ticked
    assert world.row_of(draft_id, people["unasked"]).ticked is (button != "/remove-not-allowed")


def test_with_javascript_stale_ticks_of_one_window_do_not_undo_those_of_another(
    client: FlaskClient, draft_id: int, people: dict[str, int]
) -> None:
    row = world.row_of(draft_id, people["yes"]).id
    client.post(url(draft_id, "/ticks"), data={"op": "remove", "row": [row]}, headers=HTMX)  # the other window

    client.post(url(draft_id, "/recheck"), data={"shown": [row], "row": [row]}, headers=HTMX)

    assert not world.row_of(draft_id, people["yes"]).ticked
    assert [line[0] for line in table_of(window(client, draft_id))] == ["☐", "☑", "☑", "–"]


def test_two_windows_agree(client: FlaskClient, client_as: Any, draft_id: int) -> None:
    other = client_as("manager")

    client.post(url(draft_id, "/remove-not-allowed"))

    assert [row[:4] for row in table_of(window(other, draft_id))] == [row[:4] for row in table_of(window(client, draft_id))]
    other.post(url(draft_id, "/undo"))
    assert [row[0] for row in table_of(window(client, draft_id))] == ["☑", "☑", "☑", "–"]


def test_checking_again_says_what_has_changed(client: FlaskClient, draft_id: int, people: dict[str, int]) -> None:
    world.consent(people["unasked"])
    row = world.row_of(draft_id, people["no_mail"]).id

    one = soup_of(client.post(url(draft_id, f"/{row}/recheck"), headers=HTMX))
    everything = client.post(url(draft_id, "/recheck"))

    assert flash_of(one) == "Neu geprüft: Nichts hat sich geändert."
    assert everything.status_code == 303
    soup = window(client, draft_id)
    assert flash_of(soup) == "Neu geprüft: 1 Zeile hat sich geändert."
    assert numbers_of(soup)[1:3] == ["2 erlaubt", "2 versendbar"]


def test_the_purpose_can_be_changed_and_everything_is_checked_for_it(
    client: FlaskClient, draft_id: int, people: dict[str, int]
) -> None:
    world.consent(people["unasked"], purpose="recall")

    answer = client.post(url(draft_id, "/purpose"), data={"purpose": "recall"}, headers=HTMX)

    assert [row[3] for row in table_of(soup_of(answer))] == ["NEIN", "JA", "NEIN", "NEIN"]
    assert text_of(window(client, draft_id).select_one("#field-purpose option[selected]")) == "Recall"
    wrong = client.post(url(draft_id, "/purpose"), data={"purpose": "werbung"})
    assert wrong.status_code == 422
    assert "Diesen Zweck gibt es nicht." in wrong.text
    assert client.post(url(draft_id, "/purpose"), data={"purpose": "werbung"}, headers=HTMX).status_code == 422


def test_the_take_over_leads_to_the_text_and_says_why_not(client: FlaskClient, draft_id: int, people: dict[str, int]) -> None:
    assert client.post(url(draft_id, "/accept"), data={"action": "compose"}).location == f"/drafts/{draft_id}/compose"

    recipients.tick_all(draft_id, "allowed", on=False)

    refused = client.post(url(draft_id, "/accept"))
    assert refused.status_code == 422
    assert "So bekommt niemand diese Nachricht." in flash_of(soup_of(refused))


def test_a_duplicate_is_pointed_out_and_can_be_ticked(client: FlaskClient, people: dict[str, int]) -> None:
    draft_id = world.reminder([world.appointment(people["yes"], hours=hours) for hours in (1, 2)])
    recipients.set_purpose(draft_id, "information", NOW)

    soup = window(client, draft_id, filter="duplicates")

    assert [(row[0], row[5]) for row in table_of(soup)] == [("☐", "doppelt Steht schon weiter oben.")]
    assert "Doppelt 1" in buttons_of(soup, ".chips")
    assert "1 doppelt" in text_of(soup.select_one("#recipients-summary"))
    recipients.tick_all(draft_id, "duplicates", on=True)
    assert numbers_of(window(client, draft_id))[2] == "2 versendbar"


# Written reasons


def override_url(draft_id: int, row: int, rest: str = "") -> str:
    return url(draft_id, f"/{row}/override{rest}")


def test_a_manager_may_let_one_go_with_a_reason_that_stays_visible(client_as: Any, draft_id: int, people: dict[str, int]) -> None:
    manager = client_as("manager")
    row = world.row_of(draft_id, people["unasked"]).id
    assert "begründen" in table_of(window(manager, draft_id))[1][4]

    page = soup_of(manager.get(override_url(draft_id, row)))
    assert "Für diesen Zweck fehlt die Einwilligung." in page.get_text()
    answer = manager.post(override_url(draft_id, row), data={"reason": WHY})

    assert (answer.status_code, answer.location) == (303, url(draft_id))
    soup = window(manager, draft_id)
    assert table_of(soup)[1][3:] == [
        "NEIN",
        f"mit Begründung erlaubt {WHY} (Test Person) zurücknehmen neu prüfen",
    ]
    assert numbers_of(soup) == ["4 ausgewählt", "1 erlaubt", "2 versendbar", "2 ausgelassen"]
    taken_back = soup_of(manager.post(override_url(draft_id, row, "/withdraw"), headers=HTMX))
    assert numbers_of(taken_back)[2] == "1 versendbar"
    assert [entry.action for entry in db.session.scalars(db.select(AuditEntry))][-2:] == ["override_given", "override_withdrawn"]


def test_a_reason_that_is_none_comes_back_with_what_was_typed(client_as: Any, draft_id: int, people: dict[str, int]) -> None:
    manager = client_as("manager")
    row = world.row_of(draft_id, people["unasked"]).id

    refused = manager.post(override_url(draft_id, row), data={"reason": "weil ja"})

    assert refused.status_code == 422
    field = soup_of(refused).select_one("textarea#field-reason")
    assert field is not None
    assert (text_of(field), field["aria-invalid"]) == ("weil ja", "true")


@pytest.mark.parametrize("who", ["revoked", "no_mail", "yes"])
def test_no_form_opens_where_no_reason_helps(client_as: Any, draft_id: int, people: dict[str, int], who: str) -> None:
    manager = client_as("manager")
    row = world.row_of(draft_id, people[who]).id

    assert manager.get(override_url(draft_id, row)).status_code == 409
    assert manager.post(override_url(draft_id, row), data={"reason": WHY}).status_code == 409
    assert world.row_of(draft_id, people[who]).override_reason == ""


def test_staff_see_a_reason_but_can_neither_give_nor_take_it(client: FlaskClient, draft_id: int, people: dict[str, int]) -> None:
    row = world.row_of(draft_id, people["unasked"]).id
    recipients_overrides.override(draft_id, row, WHY, world.user("anna"), NOW)

    hint = table_of(window(client, draft_id))[1][4]

    assert "mit Begründung erlaubt" in hint
    assert "zurücknehmen" not in hint
    assert client.get(override_url(draft_id, row)).status_code == 403
    assert client.post(override_url(draft_id, row), data={"reason": WHY}).status_code == 403
    assert client.post(override_url(draft_id, row, "/withdraw")).status_code == 403


# Who may, and when not


POSTS = ["/ticks", "/remove-not-allowed", "/undo", "/recheck", "/1/recheck", "/purpose", "/accept"]
FIELDS = {"op": "clear", "purpose": "recall"}


@pytest.mark.parametrize("rest", POSTS)
def test_a_reader_looks_and_changes_nothing(client_as: Any, draft_id: int, rest: str) -> None:
    reader = client_as("reader")

    assert reader.post(url(draft_id, rest), data=FIELDS).status_code == 403
    assert reader.post(url(draft_id, rest), data=FIELDS, headers=HTMX).status_code == 403
    soup = window(reader, draft_id)
    assert [row[0] for row in table_of(soup)] == ["–"] * 4
    assert soup.select("#recipients-checklist form, #recipients-checklist button, #purpose-form, #accept") == []
    assert world.ticks(draft_id) == [True, True, True, False]


@pytest.mark.parametrize("rest", POSTS)
def test_a_confirmed_draft_is_read_only_and_leads_to_its_dispatch(client: FlaskClient, draft_id: int, rest: str) -> None:
    dispatch_id = world.confirmed(draft_id)
    before = world.ticks(draft_id)

    plain = client.post(url(draft_id, rest), data=FIELDS)
    htmx = client.post(url(draft_id, rest), data=FIELDS, headers=HTMX)

    assert (plain.status_code, htmx.status_code) == (409, 409)
    assert "Aus diesem Entwurf wurde schon ein Versand" in plain.text
    assert htmx.headers["HX-Retarget"] == "#flash"
    for answer in (plain, htmx):
        assert f"/dispatches/{dispatch_id}" in [link["href"] for link in soup_of(answer).select("a[href]")]
    assert world.ticks(draft_id) == before


def test_the_window_of_a_confirmed_draft_shows_what_was_sent(client: FlaskClient, draft_id: int) -> None:
    dispatch_id = world.confirmed(draft_id)

    soup = window(client, draft_id)

    assert [row[0] for row in table_of(soup)] == ["–"] * 4
    assert text_of(soup.select_one("#action-bar")) == "Zum Versand"
    link = soup.select_one("#action-bar a")
    assert link is not None
    assert link["href"] == f"/dispatches/{dispatch_id}"


@pytest.mark.parametrize("rest", ["", *POSTS])
def test_a_discarded_draft_says_so_and_an_unknown_one_is_not_there(client: FlaskClient, draft_id: int, rest: str) -> None:
    drafts.discard(draft_id, world.user("anna"), NOW)
    open_url = client.post if rest else client.get

    discarded = open_url(url(draft_id, rest), data=FIELDS)

    assert discarded.status_code == 409
    assert "Dieser Entwurf wurde verworfen." in discarded.text
    assert open_url(url(4711, rest), data=FIELDS).status_code == 404


def test_a_row_of_another_draft_is_not_touched(client_as: Any, draft_id: int, people: dict[str, int]) -> None:
    other = world.draft([people["unasked"]])
    foreign = world.rows(other)[0].id
    manager = client_as("manager")

    manager.post(url(draft_id, "/ticks"), data={"op": "remove", "row": [foreign]})

    assert world.ticks(other) == [True]
    assert manager.get(override_url(draft_id, foreign)).status_code == 404
    assert manager.post(override_url(draft_id, foreign), data={"reason": WHY}).status_code == 409
    assert world.rows(other)[0].override_reason == ""


# The list of drafts


def test_drafts_are_listed_discarded_and_fetched_back(client: FlaskClient, draft_id: int) -> None:
    listed = soup_of(client.get("/drafts"))
    assert [text_of(cell) for cell in listed.select("tbody td")][:6] == [
        "(noch ohne Text)", "E-Mail", "Information", "4", "1", "Anna Beispiel",
    ]  # fmt: skip

    answer = client.post(f"/drafts/{draft_id}/discard")

    assert (answer.status_code, answer.location) == (303, "/drafts")
    after = soup_of(client.get("/drafts"))
    assert "Der Entwurf ist verworfen." in flash_of(after)
    undo = after.select_one("#flash form")
    assert undo is not None
    assert "Keine angefangenen Entwürfe" in after.get_text()
    assert "Wiederherstellen" in after.get_text()
    assert client.post(undo["action"]).location == url(draft_id)
    assert len(table_of(window(client, draft_id))) == 4


def test_cancelling_leads_back_to_the_list_it_came_from(client: FlaskClient, draft_id: int, people: dict[str, int]) -> None:
    reminder = world.reminder([world.appointment(people["yes"])])

    assert client.post(f"/drafts/{draft_id}/discard", data={"to_origin": 1}).location == "/selection/people"
    assert client.post(f"/drafts/{reminder}/discard", data={"to_origin": 1}).location == "/selection/appointments"


def test_readers_see_drafts_and_cannot_discard_them(client_as: Any, draft_id: int) -> None:
    reader = client_as("reader")

    assert "Verwerfen" not in reader.get("/drafts").text
    assert reader.post(f"/drafts/{draft_id}/discard").status_code == 403
    assert reader.post(f"/drafts/{draft_id}/restore").status_code == 403
    assert reader.post("/drafts/4711/discard").status_code == 403


def test_discarding_what_is_not_there_or_already_sent(client: FlaskClient, draft_id: int) -> None:
    world.confirmed(draft_id)

    assert client.post("/drafts/4711/discard").status_code == 404
    assert client.post(f"/drafts/{draft_id}/discard").status_code == 409
    assert client.post(f"/drafts/{draft_id}/restore").status_code == 409
