"""The import on the screen: upload, columns, dry run, progress, report, and what is refused at which field."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from jobs import importing
from messaging.models import ImportRun, Person, db, write_transaction
from messaging.services import import_files, import_runs
from messaging.services.import_states import CLAIMS_AT_MOST, SILENT_AFTER
from tests.conftest import FakeWaker, MovableClock
from tests.web.reading import soup, words

HTMX = {"HX-Request": "true"}
HEAD = "Pat-Nr;Vorname;Nachname;Ort;E-Mail;Kasse;Kontakt Mail"
LIKE_PROSPECTS = "Nr.;Name;Vorname;Geb.-Datum;E-Mail;Herkunft\n17;Groß;Ute;01.02.1980;ute@example.org;Empfehlung\n"
FILE = f"{HEAD}\nM1;Ute;Groß;Chemnitz;ute@example.org;AOK;ja\nM2;?ukasz;Wójcik;Berlin;a@@b;TK;nein\n;Ohne;Nummer;;;;\n"


@pytest.fixture
def upload(client: FlaskClient) -> Callable[..., TestResponse]:
    def send(content: str | bytes = FILE, kind: str = "patients", name: str = "patienten.csv") -> TestResponse:
        raw = content.encode() if isinstance(content, str) else content
        return client.post("/imports", data={"kind": kind, "file": (io.BytesIO(raw), name)})

    return send


@pytest.fixture
def checked(client: FlaskClient, upload: Callable[..., TestResponse]) -> str:
    """The address of a run whose dry run is done."""
    here = upload().location
    client.post(f"{here}/check", data=columns_on(client, here))
    importing.run_import(1)
    return here


def columns_on(client: FlaskClient, here: str) -> dict[str, Any]:
    """What the form for the columns would send if nothing were changed."""
    form = soup(client.get(f"{here}/columns")).select_one("#columns-form")
    chosen = {field["name"]: (field.select_one("option[selected]") or {"value": ""})["value"] for field in form.select("select")}
    return {**chosen, "purposes": [box["value"] for box in form.select("input[name=purposes][checked]")]}


def run_now(run_id: int = 1) -> ImportRun:
    return db.session.get_one(ImportRun, run_id, populate_existing=True)


def people() -> int:
    return db.session.scalar(select(func.count()).select_from(Person)) or 0


def test_the_page_says_what_an_import_does(client: FlaskClient) -> None:
    page = words(client.get("/imports"), "main")

    assert "Eine leere Zelle ändert nichts." in page
    assert "Versicherung, Beruf und alles zur Behandlung wird nicht gelesen." in page


def test_a_file_is_uploaded_and_its_columns_are_recognised(client: FlaskClient, upload) -> None:
    response = upload()

    assert (response.status_code, response.location) == (303, "/imports/1")
    page = client.get("/imports/1")
    assert "3 Zeilen, Semikolon, UTF-8" in words(page, ".page-lead")
    chosen = {row.th.get_text(strip=True): row.select_one("option[selected]") for row in soup(page).select("tbody tr")}
    assert {name: option.get_text() if option else None for name, option in chosen.items()} == {
        "Pat-Nr": "Patientennummer",
        "Vorname": "Vorname",
        "Nachname": "Nachname",
        "Ort": "Ort",
        "E-Mail": "E-Mail",
        "Kasse": None,
        "Kontakt Mail": "Kontakt Mail",
    }


def test_insurance_is_neither_shown_nor_to_be_chosen(client: FlaskClient, upload) -> None:
    upload()

    row = next(row for row in soup(client.get("/imports/1")).select("tbody tr") if row.th.get_text(strip=True) == "Kasse")

    assert row.select_one("select") is None
    assert "wird nie gelesen" in row.get_text()
    assert "AOK" not in row.get_text()


def test_only_reminders_are_ticked_for_a_yes(client: FlaskClient, upload) -> None:
    upload()

    boxes = soup(client.get("/imports/1")).select("input[name=purposes]")

    assert [box["value"] for box in boxes if box.has_attr("checked")] == ["appointment"]
    assert len(boxes) == 5


def test_appointments_ask_for_no_purposes(client: FlaskClient, upload) -> None:
    upload("Termin-Nr;Pat-Nr;Datum;Uhrzeit\nT1;M1;23.11.2026;08:00", "appointments")

    assert soup(client.get("/imports/1")).select("input[name=purposes]") == []


@pytest.mark.parametrize(
    ("content", "kind", "sentence"),
    [
        (b"", "patients", "Die Datei ist leer."),
        (b"%PDF-1.7", "patients", "PDF"),
        (b"PK\x03\x04\x14\x00[Content_Types].xml", "patients", "Excel-Arbeitsmappe"),
        (HEAD, "patients", "keine Zeile mit Daten"),
        (f'{HEAD}\nM1;"Ute;', "patients", "In Zeile 2 beginnt ein Anführungszeichen"),
        (FILE, "appointments", "Bitte oben „Patienten“ wählen."),
        ("Interessenten-Nr;Name\nI1;Groß", "patients", "Bitte oben „Interessenten“ wählen."),
        ("M00001;Groß;04.12.1975\nM00002;Meyer;05.12.1975", "patients", "Spaltenköpfe"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_at_its_field(upload, content, kind, sentence) -> None:
    response = upload(content, kind)

    assert response.status_code == 422
    assert sentence in words(response, "#field-file-error")
    assert soup(response).select_one(f"input[name=kind][value={kind}]").has_attr("checked")
    assert db.session.scalar(select(func.count()).select_from(ImportRun)) == 0


def test_patients_that_look_like_prospects_are_imported_all_the_same(client: FlaskClient, upload) -> None:
    here = upload(LIKE_PROSPECTS).location

    notice = words(client.get(here), "#import-doubt")
    client.post(f"{here}/check", data=columns_on(client, here))
    importing.run_import(1)
    client.post(f"{here}/apply")
    importing.run_import(1)

    assert "Diese Datei sieht nach Interessenten aus." in notice
    assert "Sind es Interessenten? Dann verwerfen Sie diesen Import und wählen „Interessenten“." in notice
    assert db.session.execute(select(Person.kind, Person.number, Person.source)).all() == [("patient", "17", "Empfehlung")]


def test_the_way_from_the_doubt_to_prospects_is_one_button(client: FlaskClient, upload) -> None:
    here = upload(LIKE_PROSPECTS).location
    form = soup(client.get(here)).select_one("#import-doubt-way form")

    response = client.post(form["action"], data={field["name"]: field["value"] for field in form.select("input")})

    assert (response.status_code, response.location) == (303, "/imports?kind=prospects")
    assert soup(client.get(response.location)).select_one("input[name=kind][value=prospects]").has_attr("checked")
    assert run_now().state == "discarded"


def test_the_doubt_stays_when_columns_are_refused(client: FlaskClient, upload) -> None:
    here = upload(LIKE_PROSPECTS).location
    typed = {**columns_on(client, here), "column-1": ""}

    refused = client.post(f"{here}/check", data=typed, headers=HTMX)

    assert refused.status_code == 422
    assert "sieht nach Interessenten aus" in words(refused, "#import-doubt")


@pytest.mark.parametrize(("content", "kind"), [(FILE, "patients"), (LIKE_PROSPECTS, "prospects")])
def test_there_is_no_doubt_where_the_choice_fits(client: FlaskClient, upload, content: str, kind: str) -> None:
    page = client.get(upload(content, kind).location)

    assert soup(page).select_one("#import-doubt") is None


def test_an_unknown_kind_in_the_address_chooses_patients(client: FlaskClient) -> None:
    assert soup(client.get("/imports?kind=cats")).select_one("input[name=kind][value=patients]").has_attr("checked")


def test_what_is_missing_in_the_form_is_said_at_each_field(client: FlaskClient) -> None:
    response = client.post("/imports", data={"kind": "cats"})

    assert response.status_code == 422
    assert "Bitte Patienten, Interessenten oder Termine wählen." in words(response, "#field-kind-error")
    assert "Bitte eine CSV-Datei wählen." in words(response, "#field-file-error")


def test_a_file_that_is_too_large_is_refused_at_its_field(app: Flask, upload, monkeypatch) -> None:
    monkeypatch.setattr(import_files, "LARGEST_MEGABYTES", 0)
    assert "Bitte den Export in mehrere Dateien teilen." in words(upload(), "#field-file-error")
    app.config["MAX_CONTENT_LENGTH"] = 100

    response = upload()

    assert response.status_code == 422
    assert "Bitte den Export in mehrere Dateien teilen." in words(response, "#field-file-error")


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize(
    ("changes", "place", "sentence"),
    [
        ({"column-2": ""}, "#form-problems", "Es fehlt die Spalte „Nachname“."),
        ({"column-3": "last_name"}, "#field-column-3-error", "„Nachname“ kommt schon aus der Spalte „Nachname“."),
        ({"column-5": "note"}, "#form-problems", "Dieses Feld gibt es nicht."),
        ({"column-1": "blood_group"}, "#field-column-1-error", "Dieses Feld gibt es nicht."),
        ({"purposes": ["spam"]}, "#form-problems", "Diesen Zweck gibt es nicht."),
    ],
)
def test_columns_that_do_not_fit_are_refused_and_nothing_chosen_is_lost(
    client, upload, headers, changes, place, sentence
) -> None:
    here = upload().location
    typed = {**columns_on(client, here), "column-0": "number", **changes}

    response = client.post(f"{here}/check", data=typed, headers=headers)

    assert response.status_code == 422
    assert sentence in words(response, place)
    for name, field in typed.items():
        option = soup(response).select_one(f"select[name={name}] option[selected]") if name.startswith("column") else None
        assert option is None or option["value"] == field
    assert run_now().state == "uploaded"


def test_the_dry_run_goes_to_a_worker_and_writes_nothing(client: FlaskClient, upload, waker: FakeWaker) -> None:
    here = upload().location

    response = client.post(f"{here}/check", data=columns_on(client, here))

    assert (response.status_code, response.location) == (303, here)
    assert waker.put_jobs == [("long", importing.run_import, (1,))]
    importing.run_import(1)
    page = client.get(here)
    assert words(page, "#import-numbers") == "2 neu 0 geändert 0 unverändert 1 abgewiesen 2 Hinweise"
    assert "Bisher ist nichts geändert." in words(page, "#import-result")
    assert people() == 0


def test_the_report_names_row_column_value_and_cure(client: FlaskClient, checked: str) -> None:
    rows = [
        [cell.get_text(" ", strip=True) for cell in row.select("td")]
        for row in soup(client.get(checked)).select("#import-report tbody tr")
    ]

    assert rows == [
        ["3", "Hinweis", "Vorname", "?ukasz", rows[0][4]],
        ["3", "Hinweis", "E-Mail", "a@@b", "Bitte nur ein @ stehen lassen. In der Adresse steht das Zeichen @ mehrmals."],
        [
            "4",
            "abgewiesen",
            "Pat-Nr",
            "leer",
            "Bitte die Nummer nachtragen. Ohne Nummer lässt sich die Zeile beim nächsten Import nicht wiederfinden.",
        ],
    ]
    assert "CSV UTF-8" in rows[0][4]


def test_the_report_is_filtered_as_page_and_as_fragment(client: FlaskClient, checked: str) -> None:
    for headers in ({}, HTMX):
        found = soup(client.get(f"{checked}?filter=refused", headers=headers))

        assert [row.td.get_text(strip=True) for row in found.select("#import-report tbody tr")] == ["4"]
        assert (found.html is None) == bool(headers)
    assert len(soup(client.get(f"{checked}?filter=nonsense&page=99")).select("#import-report tbody tr")) == 3


def test_the_report_counts_its_entries_in_the_dative(client: FlaskClient, checked: str) -> None:
    assert words(client.get(checked), ".pager-range") == "1–3 von 3 Einträgen"


def test_the_report_is_a_file_too(client: FlaskClient, checked: str) -> None:
    response = client.get(f"{checked}/report.csv")

    assert response.mimetype == "text/csv"
    assert response.headers["Content-Disposition"] == 'attachment; filename="importbericht-1.csv"'
    assert response.get_data(as_text=True).splitlines()[0] == "\ufeffZeile;Spalte;Wert;Art;Grund und Abhilfe"
    assert len(response.get_data(as_text=True).splitlines()) == 4


def test_the_import_is_written_once_however_often_it_is_asked_for(client: FlaskClient, checked: str, waker: FakeWaker) -> None:
    first = client.post(f"{checked}/apply")
    again = client.post(f"{checked}/apply", headers=HTMX)
    importing.run_import(1)
    late = client.post(f"{checked}/apply")

    assert (first.status_code, first.location) == (303, checked)
    assert (again.status_code, again.headers["HX-Redirect"]) == (204, checked)
    assert late.status_code == 303
    assert len(waker.put_jobs) == 2  # the dry run and one import
    assert people() == 2
    page = client.get(checked)
    assert "Übernommen: 2 Patienten." in words(page, "#import-result")
    assert "Patienten ansehen" in words(page, "#import-result")
    assert not list(importing.folder().iterdir())


def test_the_progress_asks_for_itself_and_ends_by_itself(client: FlaskClient, upload) -> None:
    here = upload().location
    client.post(f"{here}/check", data=columns_on(client, here))

    polled = client.get(f"{here}/progress", headers=HTMX)
    section = soup(polled).select_one("#import-run")
    assert (section["hx-get"], section["hx-trigger"]) == (f"{here}/progress", "every 2s")
    assert "Probelauf: 0 von 3 Zeilen" in section.get_text(" ", strip=True)
    assert soup(client.get(here)).select_one("#import-run[hx-get]")
    importing.run_import(1)

    ended = soup(client.get(f"{here}/progress", headers=HTMX)).select_one("#import-run")
    assert not ended.has_attr("hx-get")
    assert "2 Patienten übernehmen" in ended.get_text(" ", strip=True)


def test_the_address_of_the_progress_leads_to_the_page(client: FlaskClient, checked: str) -> None:
    assert client.get(f"{checked}/progress").location == checked


def test_a_run_that_nobody_takes_is_named_and_can_be_asked_for_again(client, upload, clock: MovableClock, waker) -> None:
    here = upload().location
    client.post(f"{here}/check", data=columns_on(client, here))
    assert "Noch hat kein" not in words(client.get(here), "#import-progress")
    clock.moment += timedelta(seconds=30)

    assert "Noch hat kein Versandprozess begonnen." in words(client.get(here), "#import-progress")
    assert client.post(f"{here}/resume").location == here
    assert len(waker.put_jobs) == 2


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [(1, "hat sich seit 8:30 nicht mehr gemeldet"), (CLAIMS_AT_MOST, "Mehrere Prozesse sind an dieser Datei gescheitert")],
)
def test_a_worker_that_died_is_named_and_the_run_goes_on(client, upload, clock: MovableClock, claims, sentence) -> None:
    here = upload().location
    client.post(f"{here}/check", data=columns_on(client, here))
    with write_transaction() as session:
        session.execute(update(ImportRun).values(worker="gone", progress_at=clock(), claims=claims))
    clock.moment += SILENT_AFTER + timedelta(seconds=1)

    assert sentence in words(client.get(here), "#import-progress")
    client.post(f"{here}/resume")
    importing.run_import(1)

    assert run_now().state == "checked"


def test_columns_can_be_changed_after_the_dry_run(client: FlaskClient, checked: str) -> None:
    typed = {**columns_on(client, checked), "column-3": "", "purposes": ["recall", "information"]}

    client.post(f"{checked}/check", data=typed)
    importing.run_import(1)
    client.post(f"{checked}/apply")
    importing.run_import(1)

    assert run_now().options["yes_purposes"] == ["recall", "information"]
    assert set(db.session.scalars(select(Person.city))) == {""}
    assert client.get(f"{checked}/columns").location == checked


def test_an_import_can_be_given_up_and_its_file_is_gone(client: FlaskClient, checked: str) -> None:
    response = client.post(f"{checked}/discard")

    assert response.location == "/imports"
    assert not list(importing.folder().iterdir())
    assert "verworfen" in words(client.get(checked), "#import-result")
    assert client.post(f"{checked}/discard").location == "/imports"
    refused = client.post(f"{checked}/apply")
    assert refused.status_code == 409
    assert "Bitte die Seite neu laden." in words(refused, "main")


def test_a_file_that_got_lost_is_said_in_words(client: FlaskClient, upload) -> None:
    here = upload().location
    typed = columns_on(client, here)
    for stored in importing.folder().iterdir():
        stored.unlink()

    assert "Bitte die Datei noch einmal hochladen." in words(client.get(here), "main")
    client.post(f"{here}/check", data=typed)
    importing.run_import(1)

    assert "Die hochgeladene Datei ist nicht mehr da." in words(client.get(here), "#import-result")


def test_the_same_file_again_brings_nothing_new_and_says_so(client: FlaskClient, checked: str, upload) -> None:
    client.post(f"{checked}/apply")
    importing.run_import(1)
    here = upload().location
    assert "schon übernommen" in words(client.get(here), "#import-columns")

    client.post(f"{here}/check", data=columns_on(client, here))
    importing.run_import(2)

    page = client.get(here)
    assert "Die Datei bringt nichts Neues." in words(page, "#import-result")
    assert soup(page).select_one(f"form[action='{here}/apply']") is None
    assert "patienten.csv" in words(client.get("/imports"), "tbody")


def test_many_equal_hints_are_told_once_above_the_report(client: FlaskClient, upload) -> None:
    here = upload("Pat-Nr;Vorname;Nachname\n" + "".join(f"M{number};?ukasz;Test\n" for number in range(30))).location
    client.post(f"{here}/check", data=columns_on(client, here))
    importing.run_import(1)

    assert "30-mal derselbe Hinweis Bitte als „CSV UTF-8“ exportieren" in words(client.get(here), "#import-result")


def test_names_of_files_and_columns_are_text(client: FlaskClient, upload) -> None:
    evil = '<b onclick="x">.csv'
    here = upload("Pat-Nr;Nachname;<script>alert(1)</script>\nM1;<i>Groß</i>;{{7*7}}\n", name=f"../../{evil}").location

    page = client.get(here)

    assert "<script>alert(1)" not in page.get_data(as_text=True)
    assert "{{7*7}}" in words(page, "#import-columns")
    assert ".." not in import_runs.fetch(1).filename


@pytest.mark.parametrize("role", ["reader"])
def test_a_reader_may_not_import(client_as, role: str) -> None:
    reader = client_as(role)

    assert reader.get("/imports").status_code == 403
    assert reader.post("/imports", data={"kind": "patients"}).status_code == 403
    assert not [link for link in soup(reader.get("/search")).select("nav a") if "Import" in link.get_text()]


@pytest.mark.parametrize("path", ["", "/progress", "/columns", "/report.csv"])
def test_an_unknown_run_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(f"/imports/99{path}").status_code == 404


def test_the_command_line_imports_and_answers_in_words(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "patienten.csv"
    file.write_text(FILE, encoding="cp1252", errors="replace")
    run = app.test_cli_runner().invoke

    dry = run(args=["import", "patients", str(file), "--dry-run"])
    assert people() == 0
    real = run(args=["import", "patients", str(file), "--yes-for", "recall"])

    assert (dry.exit_code, real.exit_code, people()) == (0, 0, 2)
    assert "Probelauf: nichts wurde geschrieben." in dry.output
    assert "3 Zeilen: 2 neu, 0 geändert, 0 unverändert, 1 abgewiesen; 2 Hinweise." in real.output
    assert "Zeile 4, Pat-Nr: abgewiesen. Bitte die Nummer nachtragen." in real.output
    assert not list(importing.folder().iterdir())


def test_the_command_line_answers_in_json(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "patienten.csv"
    file.write_text(FILE, encoding="utf-8")

    answer = json.loads(app.test_cli_runner().invoke(args=["import", "patients", str(file), "--json"]).output)

    assert (answer["kind"], answer["file"], answer["dry_run"], answer["state"]) == ("patients", "patienten.csv", False, "done")
    assert answer["counts"] == {
        "rows": 3,
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "refused": 1,
        "warnings": 2,
        "consents": 6,
        "consents_without_target": 0,
    }
    assert [(line["row"], line["column"], line["severity"]) for line in answer["problems"]] == [
        (3, "Vorname", "warning"),
        (3, "E-Mail", "warning"),
        (4, "Pat-Nr", "refused"),
    ]


@pytest.mark.parametrize(
    ("content", "sentence"), [("Pat-Nr;Ort\nM1;Berlin", "Es fehlt die Spalte „Nachname“."), ("%PDF", "PDF-Datei")]
)
def test_the_command_line_refuses_a_file_with_status_one(app: Flask, tmp_path: Path, content: str, sentence: str) -> None:
    file = tmp_path / "file.csv"
    file.write_text(content, encoding="utf-8")

    refused = app.test_cli_runner().invoke(args=["import", "patients", str(file)])

    assert refused.exit_code == 1
    assert sentence in refused.output
    assert not list(importing.folder().iterdir())


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_the_command_line_imports_patients_that_look_like_prospects_with_a_hint(app: Flask, tmp_path: Path, dry) -> None:
    file = tmp_path / "patienten.csv"
    file.write_text(LIKE_PROSPECTS, encoding="utf-8")

    result = app.test_cli_runner().invoke(args=["import", "patients", str(file), *dry])

    assert result.exit_code == 0
    assert "Hinweis: Diese Datei sieht nach Interessenten aus. Sind es Interessenten?" in result.output
    assert "„import prospects“" in result.output
    assert "1 Zeile: 1 neu" in result.output
    assert people() == (0 if dry else 1)


def test_the_hint_is_a_field_of_the_json_answer(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "patienten.csv"
    file.write_text(LIKE_PROSPECTS, encoding="utf-8")
    run = app.test_cli_runner().invoke

    doubtful = json.loads(run(args=["import", "patients", str(file), "--json"]).output)
    sure = json.loads(run(args=["import", "prospects", str(file), "--json"]).output)

    assert doubtful["hint"].startswith("Diese Datei sieht nach Interessenten aus.")
    assert (doubtful["counts"]["created"], sure["hint"]) == (1, "")


def test_the_command_line_refuses_a_prospects_number_for_patients(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "interessenten.csv"
    file.write_text("Interessenten-Nr;Name;Herkunft\nI1;Groß;Messe\n", encoding="utf-8")

    refused = app.test_cli_runner().invoke(args=["import", "patients", str(file), "--json"])

    assert (refused.exit_code, json.loads(refused.output)["code"], people()) == (1, "other_kind", 0)
