"""Versandprotokoll, the page of a dispatch with its progress, steering it, and unclear messages."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask, render_template_string

from jobs.sending import drain_dispatch
from messaging.domain.csv_text import defused
from messaging.domain.sending_words import ATTEMPT_LABELS, DISPATCH_LABELS, MESSAGE_LABELS, STATE_GROUPS
from messaging.domain.states import DispatchState, MessageState
from messaging.models import Consent, Dispatch, Draft, Message, Person, db, write_transaction
from messaging.outbox import staging
from messaging.providers.results import Outcome
from messaging.services import drafts
from tests.web.made_dispatches import change_dispatch, make_account, make_dispatch, make_people, messages_of, put_states
from tests.web.reading import soup, words

HTMX = {"HX-Request": "true"}


@pytest.fixture
def owner(make_user: Callable):
    return make_user("staff", "owner")


@pytest.fixture
def make(app: Flask, owner) -> Callable[..., int]:
    return lambda *args, **values: make_dispatch(app, owner, *args, **values)


def flashed(response) -> str:
    return words(response, ".alert")


# -- the list -----------------------------------------------------------------------------------------------------------------


def test_an_empty_log_says_how_to_begin(client) -> None:
    assert "Noch nichts versendet" in words(client.get("/dispatches"), "#dispatch-results")


def test_the_list_shows_what_runs_first_and_numbers_that_add_up(app: Flask, client, make, clock) -> None:
    old = make(without_consent=["Ohne, Eva"], subject="Alt")
    put_states(app, old, "sent", "failed", "skipped")
    running = make(["Zwei, Eva"], subject="Läuft noch")
    clock.moment += timedelta(hours=1)
    newest = make(["Drei, Eva"], subject="Neu und fertig")
    for dispatch_id in (old, newest):
        change_dispatch(dispatch_id, state="finished", finished_at=clock.moment)

    rows = soup(client.get("/dispatches")).select("#dispatch-results tbody tr")

    assert [row["id"] for row in rows] == [f"dispatch-{running}", f"dispatch-{newest}", f"dispatch-{old}"]
    cells = {cell["data-label"]: cell.get_text(strip=True) for cell in rows[2].select("td")}
    assert (cells["ausgewählt"], cells["übergeben"], cells["nicht zustellbar"], cells["ausgelassen"]) == ("4", "1", "1", "2")
    assert cells["Von"] == "Test Person"
    assert cells["Zweck"] == "E-MailInformation"


def test_the_list_asks_for_itself_only_while_something_runs(client, make) -> None:
    dispatch_id = make()
    assert soup(client.get("/dispatches")).select_one("#dispatch-results")["hx-trigger"] == "every 5s"

    change_dispatch(dispatch_id, state="finished")

    assert not soup(client.get("/dispatches/results", headers=HTMX)).select_one("#dispatch-results").has_attr("hx-get")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=paused", ["Angehalten"]),
        ("state=running", ["Läuft"]),
        ("purpose=recall", []),
        ("channel=email", ["Läuft", "Angehalten"]),
        ("from=2026-11-24", ["Läuft"]),
        ("to=2026-11-23", ["Angehalten"]),
        ("state=unsinn", ["Läuft", "Angehalten"]),
        ("from=24.11.2026", ["Läuft"]),
        ("from=heute&to=morgen", ["Läuft"]),
        ("q=muessig", ["Angehalten"]),
        ("q=ohne", ["Angehalten"]),
        ("q=niemand", []),
    ],
)
def test_the_list_can_be_narrowed_down(client, make, clock, query: str, found: list[str]) -> None:
    paused = make(["Müßig, Jörg"], subject="Angehalten", without_consent=["Ohne, Eva"])
    change_dispatch(paused, state="paused")
    clock.moment += timedelta(days=1)
    make(["Zwei, Eva"], subject="Läuft")

    page = soup(client.get(f"/dispatches?{query}"))

    assert [link.get_text(strip=True) for link in page.select("#dispatch-results tbody .person-link")] == found
    if not found:
        assert "Filter aufheben" in page.select_one("#dispatch-results").get_text()


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ("from=morgn", "from", "„morgn“ ist kein Tag"),
        ("to=31.11.2026", "to", "gibt es im Kalender nicht"),
        ("to=9999-12-31", "to", "Bitte ein Jahr von 1900 bis 2100 eingeben."),
        ("from=24.11.2026&to=20.11.2026", "to", "Dieser Tag liegt vor dem Tag im Feld „von“"),
    ],
)
def test_a_day_that_is_none_is_named_beside_its_field(client, query: str, field: str, words: str) -> None:
    answer = client.get(f"/dispatches?{query}")
    page = soup(answer)

    assert answer.status_code == 422
    assert words in page.select_one(f"#field-{field}-error").get_text()
    assert page.select_one(f"#field-{field}")["value"] in (query.split(f"{field}=")[1], "2026-11-20")


@pytest.mark.parametrize("further", ["", "&endpoint=x", "&_external=x", "&_scheme=x", "&_anchor=x"])
def test_a_file_is_not_made_from_days_that_cannot_be_read(client, further: str) -> None:
    answer = client.get(f"/dispatches/export.csv?from=morgn&state=paused{further}")

    assert answer.status_code == 302
    assert answer.location == "/dispatches?from=morgn&state=paused"


def test_long_lists_have_pages(client, make) -> None:
    for number in range(26):
        make([f"P{number}, Eva"], subject=f"Versand {number}")

    second = soup(client.get("/dispatches?page=2", headers=HTMX))

    assert len(second.select("tbody tr")) == 1
    assert "26–26 von 26 Versänden" in second.select_one(".pager-range").get_text()


# -- the files ----------------------------------------------------------------------------------------------------------------


def rows_of(response) -> list[dict[str, str]]:
    assert response.mimetype == "text/csv"
    assert response.data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(response.data.decode("utf-8-sig")), delimiter=";"))


def test_the_list_as_a_file_has_the_same_rows_and_filter(app: Flask, client, make) -> None:
    put_states(app, make(subject="=1+1; Übung"), "sent", "failed", "queued")
    change_dispatch(make(["Zwei, Eva"]), state="paused")

    [row] = rows_of(client.get("/dispatches/export.csv?state=running"))

    assert row["Betreff"] == "'=1+1; Übung"
    assert (row["Zustand"], row["Nachrichten"], row["Übergeben"], row["Nicht zustellbar"], row["Offen"]) == (
        "läuft",
        "3",
        "1",
        "1",
        "1",
    )
    assert row["Bestätigt am"] == "Mo 23.11.2026, 8:30 Uhr"


def test_one_dispatch_as_a_file_names_everybody_with_reason_and_next_step(app: Flask, client, make) -> None:
    dispatch_id = make(["=HYPERLINK(0), Eva", "Winter, Alex", "Groß, Ute"], without_consent=["Ohne, Eva"])
    put_states(app, dispatch_id, "sent", "failed", "unknown")

    rows = {row["Name"]: row for row in rows_of(client.get(f"/dispatches/{dispatch_id}/export.csv"))}

    assert {name: row["Zustand"] for name, row in rows.items()} == {
        "Groß, Ute": "übergeben",
        "'=HYPERLINK(0), Eva": "nicht zustellbar",
        "Winter, Alex": "unklar",
        "Ohne, Eva": "vorher ausgelassen",
    }
    failed = rows["'=HYPERLINK(0), Eva"]
    assert failed["Nächster Schritt"] == "Bitte E-Mail-Adresse mit der Person klären."
    assert "Mailserver kennt dieses Postfach nicht" in failed["Grund"]
    assert failed["Wann"] == "Mo 23.11.2026, 8:30 Uhr"
    assert rows["Ohne, Eva"]["Grund"] == "Für diesen Zweck fehlt die Einwilligung."


@pytest.mark.parametrize("text", ["=1+1", "+49", "-2", "@x", "\t=1", "\r=1", "  =1", "＝1"])
def test_a_cell_that_a_spreadsheet_would_run_becomes_text(text: str) -> None:
    assert defused(text) == "'" + text


@pytest.mark.parametrize("text", ["Groß", "a=b", "", "1", "'=1"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert defused(text) == text


# -- one dispatch -------------------------------------------------------------------------------------------------------------


def progress_of(client, dispatch_id: int, shown: str = "running") -> BeautifulSoup:
    return soup(client.get(f"/dispatches/{dispatch_id}/progress?shown={shown}", headers=HTMX))


def test_a_dispatch_page_tells_who_what_and_to_whom(app: Flask, client, make) -> None:
    dispatch_id = make(without_consent=["Ohne, Eva"])
    put_states(app, dispatch_id, "sent", "failed", "queued")

    page = soup(client.get(f"/dispatches/{dispatch_id}"))

    text = " ".join(page.select_one("#main").get_text(" ", strip=True).split())
    assert "Information per E-Mail, bestätigt von Test Person, heute 8:30" in text
    assert "Praxis, praxis@example.org" in text
    assert "4 ausgewählt, 3 Nachrichten" in text
    assert "{{Briefanrede}}" in page.select_one("#dispatch-text").get_text()
    assert "Sehr geehrte Frau Groß" in page.select_one("#dispatch-text").get_text()
    assert page.select_one("#dispatch-text strong").get_text() == "neue"


def test_an_unknown_dispatch_is_not_found(client) -> None:
    for path in ("/dispatches/99", "/dispatches/99/progress", "/dispatches/99/export.csv", "/dispatches/99/cancel"):
        assert client.get(path).status_code == 404
    for step in ("pause", "resume", "cancel", "resend"):
        assert client.post(f"/dispatches/99/{step}").status_code == 404


def test_recipients_are_listed_with_state_reason_and_attempts(app: Flask, client, make) -> None:
    dispatch_id = make()
    put_states(app, dispatch_id, "sent", "failed", "retrying")

    rows = {
        row.select_one("td").get_text(strip=True): row
        for row in soup(client.get(f"/dispatches/{dispatch_id}")).select("#dispatch-recipients tbody tr")
    }

    failed = rows["Müßig, Jörg"].get_text(" ", strip=True)
    assert "nicht zustellbar" in failed
    assert "Bitte E-Mail-Adresse mit der Person klären." in failed
    assert "row-problem" in rows["Müßig, Jörg"]["class"]
    assert "neuer Versuch um 8:35" in rows["Winter, Alex"].get_text(" ", strip=True)
    assert rows["Groß, Ute"].select_one("a")["href"].startswith("/people/")


def test_a_message_shows_its_tries_beside_the_list_and_as_a_page(app: Flask, client, make) -> None:
    dispatch_id = make()
    put_states(app, dispatch_id, "failed", "sent")
    failed, sent, waiting = messages_of(dispatch_id)

    panel = words(client.get(f"/dispatches/messages/{failed}", headers=HTMX), "#side-panel-content")
    page = words(client.get(f"/dispatches/messages/{failed}"), "#main")

    for text in (panel, page):
        assert "Groß, Ute" in text
        assert "Bitte E-Mail-Adresse mit der Person klären." in text
        assert "Mo 23.11.2026, 8:30 Uhr: abgelehnt 550 5.1.1 No such mailbox here" in text
        assert db.session.get_one(Message, failed).reference in text
    assert "Wortlaut ansehen" in words(client.get(f"/dispatches/messages/{sent}"), "#main")
    assert "Noch keiner." in words(client.get(f"/dispatches/messages/{waiting}"), "#main")
    assert client.get("/dispatches/messages/999").status_code == 404


def test_recipients_can_be_filtered_by_state_name_and_reason(app: Flask, client, make) -> None:
    dispatch_id = make(without_consent=["Ohne, Eva", "Ohne, Eda"])
    put_states(app, dispatch_id, "sent", "failed", "queued")

    def names(query: str) -> list[str]:
        found = soup(client.get(f"/dispatches/{dispatch_id}?{query}", headers=HTMX))
        return [row.select_one("td").get_text(strip=True) for row in found.select("tbody tr")]

    assert names("filter=failed") == ["Müßig, Jörg"]
    assert names("q=gross") == ["Groß, Ute"]
    assert names("filter=left_out") == ["Ohne, Eda", "Ohne, Eva"]
    assert names("filter=left_out&reason=no_consent&q=eda") == ["Ohne, Eda"]
    assert names("filter=left_out&reason=deceased") == []
    chips = words(client.get(f"/dispatches/{dispatch_id}"), "#dispatch-recipients .chips")
    assert chips == "Alle Nachrichten 3 wartet 1 übergeben 1 nicht zustellbar 1 vorher ausgelassen 2"


def test_a_search_for_a_name_keeps_the_rest_of_the_filter(client, make) -> None:
    page = soup(client.get(f"/dispatches/{make()}?filter=left_out&reason=no_consent&per_page=50"))

    kept = {field["name"]: field["value"] for field in page.select("#recipient-search input[type=hidden]")}
    assert kept == {"filter": "left_out", "reason": "no_consent", "per_page": "50"}


def test_the_same_text_to_the_same_address_is_named_as_left_out(app: Flask, client, owner) -> None:
    names = ["Groß, Ute", "Groß, Ute"]
    people = make_people(app, names)
    with write_transaction() as session:
        for person in people:
            session.get_one(Person, person).email_normalized = "familie@example.org"
            session.add(Consent(person_id=person, channel="email", purpose="information", status="yes", source="form",
                                target="familie@example.org", recorded_at=app.config["CLOCK"]()))  # fmt: skip
    draft_id = drafts.create_from_people(owner.id, people, "email", app.config["CLOCK"]())
    with write_transaction() as session:
        draft = session.get_one(Draft, draft_id)
        draft.account_id, draft.subject, draft.body = make_account(app), "Neu", "<div>Neu</div>"
    dispatch_id = staging.stage(draft_id, owner.id, app.config["CLOCK"](), app.config["CLOCK"](), draft.version)

    found = client.get(f"/dispatches/{dispatch_id}?filter=left_out", headers=HTMX)

    assert "Dieselbe Adresse bekommt schon denselben Text." in words(found, "tbody")
    assert len(soup(found).select("tbody tr")) == 1


# -- progress -----------------------------------------------------------------------------------------------------------------


def test_progress_counts_by_state_and_asks_again(app: Flask, client, make) -> None:
    dispatch_id = make()
    put_states(app, dispatch_id, "sent", "failed", "queued")

    section = progress_of(client, dispatch_id).select_one("#dispatch-progress")

    assert section["hx-trigger"] == "every 2s"
    assert section["hx-get"].startswith(f"/dispatches/{dispatch_id}/progress")
    assert (section.progress["value"], section.progress["max"]) == ("2", "3")
    text = " ".join(section.get_text(" ", strip=True).split())
    assert "2 von 3 bearbeitet" in text
    assert "1 wartet" in text
    assert "1 übergeben" in text
    assert "1 nicht zustellbar" in text


def test_a_poll_keeps_no_idle_session_alive(app: Flask, client, make, clock) -> None:
    dispatch_id = make()
    client.get(f"/dispatches/{dispatch_id}")
    client.stays_signed_in = False
    for _ in range(3):
        clock.moment += timedelta(minutes=8)
        last = client.get(f"/dispatches/{dispatch_id}/progress", headers=HTMX)

    assert last.status_code == 401


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"state": "scheduled", "scheduled_at": timedelta(hours=4)}, "Beginnt von selbst heute 12:30."),
        ({"wait_until": timedelta(minutes=35), "wait_code": "per_hour"}, "wartet bis 9:05 (Stundenlimit 250)"),
        ({"wait_until": timedelta(minutes=5), "wait_code": "per_quarter_hour"}, "wartet bis 8:35 (15-Minuten-Limit 80)"),
        ({"wait_until": timedelta(minutes=5), "wait_code": "not_reachable"}, "neuer Versuch um 8:35"),
        ({"wait_until": timedelta(hours=16), "wait_code": "not_reachable"}, "neuer Versuch morgen um 0:30"),
        ({"state": "running"}, "Der Versand läuft an."),
        ({"state": "paused"}, "Angehalten. Es geht weiter, sobald jemand auf „Fortsetzen“ klickt."),
        ({"state": "cancelled", "finished_at": timedelta(0)}, "Abgebrochen heute 8:30."),
        ({"state": "finished", "finished_at": timedelta(0)}, "Fertig heute 8:30."),
    ],
)
def test_progress_says_where_it_is_in_one_sentence(app: Flask, client, make, clock, change: dict, sentence: str) -> None:
    dispatch_id = make(account_id=make_account(app, per_hour=250, per_quarter_hour=80))
    change_dispatch(
        dispatch_id, **{name: clock.moment + value if isinstance(value, timedelta) else value for name, value in change.items()}
    )

    text = progress_of(client, dispatch_id).select_one("#dispatch-sentence").get_text(" ", strip=True)

    assert text.startswith(sentence)


def test_progress_tells_speed_and_time_left(app: Flask, client, make, clock) -> None:
    dispatch_id = make()
    clock.moment += timedelta(seconds=10)
    put_states(app, dispatch_id, "sent", "sent", "queued")
    clock.moment += timedelta(seconds=20)

    assert words(client.get(f"/dispatches/{dispatch_id}"), "#dispatch-sentence") == "4 je Minute, noch unter 1 Minute"


def test_a_retry_is_announced_with_its_time(app: Flask, client, make) -> None:
    dispatch_id = make()
    put_states(app, dispatch_id, "sent", "retrying", "retrying", reason="server_busy")

    assert words(client.get(f"/dispatches/{dispatch_id}"), "#dispatch-sentence").startswith(
        "neuer Versuch um 8:35 für 2 Nachrichten"
    )


def test_a_dispatch_that_stopped_by_itself_says_why_with_the_raw_words_behind_details(client, make) -> None:
    dispatch_id = make()
    change_dispatch(dispatch_id, state="paused", pause_code="login_refused", pause_detail="535 5.7.8 rejected")

    section = progress_of(client, dispatch_id).select_one("#dispatch-progress")

    assert "Bitte die Zugangsdaten des E-Mail-Kontos prüfen." in section.select_one(".alert").get_text()
    assert "535 5.7.8 rejected" not in section.select_one(".alert").get_text()
    assert section.select_one("details").get_text(" ", strip=True) == "Details 535 5.7.8 rejected"


@pytest.mark.parametrize("state", ["finished", "cancelled"])
def test_an_ended_progress_does_not_ask_again_and_tells_the_page(client, make, state: str) -> None:
    dispatch_id = make()
    change_dispatch(dispatch_id, state=state)

    answer = client.get(f"/dispatches/{dispatch_id}/progress?shown=running", headers=HTMX)

    section = soup(answer).select_one("#dispatch-progress")
    assert [name for name in section.attrs if name.startswith("hx-")] == []
    assert answer.headers["HX-Trigger"] == "dispatchFinished"


def test_buttons_are_replaced_only_when_the_state_changed(client, make) -> None:
    dispatch_id = make()

    assert progress_of(client, dispatch_id, shown="running").select_one("#dispatch-actions") is None
    assert progress_of(client, dispatch_id, shown="paused").select_one("#dispatch-actions")["hx-swap-oob"] == "true"


def test_progress_without_javascript_is_the_page(client, make) -> None:
    dispatch_id = make()

    assert client.get(f"/dispatches/{dispatch_id}/progress").location == f"/dispatches/{dispatch_id}"


def test_no_worker_is_named_while_something_is_due(client, make, waker, clock) -> None:
    dispatch_id = make()
    clock.moment += timedelta(minutes=2)
    assert progress_of(client, dispatch_id).select_one(".alert") is None

    waker.workers = 0

    alert = progress_of(client, dispatch_id).select_one(".alert").get_text(" ", strip=True)
    assert alert.startswith("Bitte starten Sie Praxispost neu")
    assert "Kein Versandprozess aktiv." in alert


# -- steering -----------------------------------------------------------------------------------------------------------------


def state_in_store(dispatch_id: int) -> str:
    return db.session.get_one(Dispatch, dispatch_id, populate_existing=True).state


@pytest.mark.parametrize(
    ("before", "step", "after"),
    [("running", "pause", "paused"), ("scheduled", "pause", "paused"), ("paused", "resume", "running"),
     ("running", "cancel", "cancelled"), ("paused", "cancel", "cancelled"), ("scheduled", "cancel", "cancelled")],
)  # fmt: skip
def test_a_dispatch_can_be_steered_by_plain_forms(client, make, before: str, step: str, after: str) -> None:
    dispatch_id = make()
    change_dispatch(dispatch_id, state=before)

    answer = client.post(f"/dispatches/{dispatch_id}/{step}")

    assert (answer.status_code, answer.location) == (303, f"/dispatches/{dispatch_id}")
    assert state_in_store(dispatch_id) == after


def test_a_press_by_htmx_answers_with_progress_and_new_buttons(client, make) -> None:
    dispatch_id = make()

    answer = soup(client.post(f"/dispatches/{dispatch_id}/pause?shown=running", headers=HTMX))

    assert "angehalten" in answer.select_one("#dispatch-progress").get_text()
    assert answer.select_one("#dispatch-actions #dispatch-steer").get_text(strip=True) == "Fortsetzen"


def test_going_on_wakes_a_worker_after_the_commit(client, make, waker) -> None:
    dispatch_id = make()
    change_dispatch(dispatch_id, state="paused")

    client.post(f"/dispatches/{dispatch_id}/resume")

    assert [(function, args) for _, function, args in waker.put_jobs] == [(drain_dispatch, (dispatch_id,))]


def test_going_on_without_redis_says_that_it_takes_a_minute(client, make, waker) -> None:
    dispatch_id = make()
    change_dispatch(dispatch_id, state="paused")
    waker.redis_is_there = False

    client.post(f"/dispatches/{dispatch_id}/resume")

    assert "das kann eine Minute dauern" in words(client.get(f"/dispatches/{dispatch_id}"), "#flash")


@pytest.mark.parametrize(
    ("state", "step"), [("finished", "pause"), ("finished", "cancel"), ("running", "resume"), ("cancelled", "cancel")]
)
def test_a_step_that_came_too_late_is_refused_in_words(client, make, state: str, step: str) -> None:
    dispatch_id = make()
    change_dispatch(dispatch_id, state=state)

    plain = client.post(f"/dispatches/{dispatch_id}/{step}")
    by_htmx = client.post(f"/dispatches/{dispatch_id}/{step}", headers=HTMX)

    assert (plain.status_code, by_htmx.status_code) == (409, 409)
    assert "Das geht im jetzigen Zustand des Versands nicht mehr." in words(plain, "#main")
    assert "Das geht im jetzigen Zustand" in flashed(by_htmx)
    assert by_htmx.headers["HX-Retarget"] == "#flash"
    assert state_in_store(dispatch_id) == state


def test_cancelling_asks_first_in_one_sentence(app: Flask, client, make) -> None:
    dispatch_id = make()
    put_states(app, dispatch_id, "sent")

    question = client.get(f"/dispatches/{dispatch_id}/cancel")

    assert words(question, "#cancel-question") == (
        "2 Nachrichten gehen dann nicht mehr hinaus, 1 ist schon übergeben; das lässt sich nicht rückgängig machen."
    )
    assert state_in_store(dispatch_id) == "running"
    change_dispatch(dispatch_id, state="finished")
    assert client.get(f"/dispatches/{dispatch_id}/cancel").location == f"/dispatches/{dispatch_id}"


def test_those_it_did_not_reach_get_a_new_draft_and_the_page_says_so_from_then_on(app: Flask, client, make) -> None:
    dispatch_id = make()
    put_states(app, dispatch_id, "sent", "failed", "failed")
    change_dispatch(dispatch_id, state="finished")
    assert words(client.get(f"/dispatches/{dispatch_id}"), "#dispatch-resend") == "Nur Fehlgeschlagene erneut senden (2)"

    answer = client.post(f"/dispatches/{dispatch_id}/resend")

    draft_id = db.session.scalar(db.select(db.func.max(Draft.id)))
    assert answer.location == f"/drafts/{draft_id}/recipients"
    assert "schon einen Entwurf von Test Person" in words(client.get(f"/dispatches/{dispatch_id}"), "#dispatch-progress .alert")


def test_nothing_failed_means_nothing_to_send_again(app: Flask, client, make) -> None:
    dispatch_id = make()
    put_states(app, dispatch_id, "sent", "sent", "sent")
    change_dispatch(dispatch_id, state="finished")

    assert soup(client.get(f"/dispatches/{dispatch_id}")).select_one("#dispatch-resend") is None
    assert "ist nichts fehlgeschlagen" in flashed(client.post(f"/dispatches/{dispatch_id}/resend", headers=HTMX))


def test_a_reader_sees_everything_and_steers_nothing(app: Flask, client_as, make) -> None:
    dispatch_id = make()
    put_states(app, dispatch_id, "unknown", "failed")
    reader = client_as("reader")

    page = soup(reader.get(f"/dispatches/{dispatch_id}"))
    unclear = soup(reader.get("/dispatches/unclear"))

    assert page.select("#dispatch-actions form, #dispatch-actions #dispatch-cancel") == []
    assert unclear.select("#unclear-list form") == []
    assert reader.get("/dispatches/export.csv").status_code == 200
    assert reader.get(f"/dispatches/{dispatch_id}/cancel").status_code == 403
    assert reader.post(f"/dispatches/{dispatch_id}/pause").status_code == 403
    assert reader.post(f"/dispatches/unclear/{messages_of(dispatch_id)[0]}", data={"decision": "sent"}).status_code == 403


# -- words --------------------------------------------------------------------------------------------------------------------


def test_badges_and_files_use_the_same_words_for_a_state(app: Flask, client) -> None:
    source = (
        '{% from "_components/badges.html" import message_state, dispatch_state %}{{ message_state(m) }}|{{ dispatch_state(d) }}'
    )
    with app.test_request_context():
        for state, label in MESSAGE_LABELS.items():
            message = render_template_string(source, m=state, d="running").partition("|")[0]
            assert BeautifulSoup(message, "html.parser").get_text(strip=True) == label
        for state, label in DISPATCH_LABELS.items():
            dispatch = render_template_string(source, m="sent", d=state).partition("|")[2]
            assert BeautifulSoup(dispatch, "html.parser").get_text(strip=True) == label


def test_every_state_can_be_filtered_by_exactly_once() -> None:
    grouped = [state for states in STATE_GROUPS.values() for state in states]

    assert sorted(grouped) == sorted(MessageState)
    assert set(MESSAGE_LABELS) == set(MessageState)
    assert set(DISPATCH_LABELS) == set(DispatchState)


def test_every_outcome_of_a_try_has_a_word() -> None:
    assert {*map(str, Outcome), "released", "skipped", ""} <= set(ATTEMPT_LABELS)
