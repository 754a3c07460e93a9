"""Files beside the text: attached and removed by small requests of their own, which never touch the text."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from messaging.domain.attachment_rules import MOST_BYTES
from messaging.models import Attachment, db, write_transaction
from tests.web.drafts_of import HTMX, make_draft, page_of, the_draft, words_of

PDF = b"%PDF-1.7\nx"


def attach(client: FlaskClient, draft_id: int, *files: tuple[str, bytes], htmx: bool = True) -> Any:
    data = {"files": [(BytesIO(content), name) for name, content in files]}
    headers = HTMX if htmx else {}
    return client.post(f"/drafts/{draft_id}/attachments", data=data, content_type="multipart/form-data", headers=headers)


def stored() -> list[tuple[str, str, int]]:
    """The files that go with the mails."""
    rows = db.session.scalars(select(Attachment).where(Attachment.draft_id.is_not(None)).order_by(Attachment.id))
    return [(row.filename, row.media_type, row.size) for row in rows]


def kept() -> list[str]:
    return list(db.session.scalars(select(Attachment.filename).where(Attachment.removed_from_id.is_not(None))))


def remove(client: FlaskClient, page: BeautifulSoup, name: str) -> TestResponse:
    return client.post(page.select_one(f".attachment form:has([title='{name} entfernen'])")["action"], headers=HTMX)


def undo(client: FlaskClient, draft_id: int, **headers: Any) -> TestResponse:
    return client.post(f"/drafts/{draft_id}/attachments/put-back", **headers)


def test_files_are_listed_with_their_sizes_and_the_text_stays(client: FlaskClient) -> None:
    draft_id = make_draft(subject="bleibt")

    answer = attach(client, draft_id, ("Anfahrt.pdf", PDF), ("termin.ics", b"BEGIN:VCALENDAR\nEND:VCALENDAR"))

    assert stored() == [("Anfahrt.pdf", "application/pdf", 10), ("termin.ics", "text/calendar", 29)]
    assert "2 Dateien, 39 Byte von höchstens 10 MB" in words_of(answer, "#composer-attachments")
    assert (the_draft(draft_id).subject, the_draft(draft_id).version) == ("bleibt", 1)


def test_the_preview_hears_of_new_files(client: FlaskClient) -> None:
    assert attach(client, make_draft(), ("a.pdf", PDF)).headers["HX-Trigger"] == "filesChanged"


def test_one_bad_file_keeps_all_out_and_says_what_to_do(client: FlaskClient) -> None:
    answer = attach(client, make_draft(), ("gut.pdf", PDF), ("rechnung.pdf", b"MZ\x90"))

    assert (answer.status_code, stored()) == (422, [])
    assert "Bitte als PDF speichern" in words_of(answer, "#field-files-error")


def test_all_files_together_have_a_limit(client: FlaskClient) -> None:
    draft_id = make_draft()
    with write_transaction() as session:
        session.add(
            Attachment(draft_id=draft_id, filename="a.pdf", media_type="application/pdf", size=MOST_BYTES - 9, content=PDF)
        )

    answer = attach(client, draft_id, ("b.pdf", PDF))

    assert answer.status_code == 422
    assert "10 MB" in words_of(answer, "#field-files-error")


def test_a_file_can_be_removed_and_removing_it_twice_is_no_mistake(client: FlaskClient) -> None:
    draft_id = make_draft()
    page = page_of(attach(client, draft_id, ("a.pdf", PDF)))
    url = page.select_one(".attachment form")["action"]

    answers = [client.post(url, headers=HTMX), client.post(url, headers=HTMX)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert stored() == []


def test_a_removed_file_can_be_put_back_to_its_place(client: FlaskClient) -> None:
    draft_id = make_draft()
    page = page_of(attach(client, draft_id, ("a.pdf", PDF), ("b.pdf", PDF)))

    gone = remove(client, page, "a.pdf")
    names_between = [name for name, *_ in stored()]
    back = undo(client, draft_id, headers=HTMX)

    assert "„a.pdf“ entfernt · rückgängig" in words_of(gone, "#file-undo")
    assert names_between == ["b.pdf"]
    assert ([name for name, *_ in stored()], kept()) == (["a.pdf", "b.pdf"], [])
    assert page_of(back).select_one("#file-undo") is None
    assert back.headers["HX-Trigger"] == "filesChanged"


def test_only_the_last_removal_can_be_undone(client: FlaskClient) -> None:
    draft_id = make_draft()
    page = page_of(attach(client, draft_id, ("a.pdf", PDF), ("b.pdf", PDF)))

    remove(client, page, "a.pdf")
    answer = remove(client, page, "b.pdf")

    assert "„b.pdf“ entfernt" in words_of(answer, "#file-undo")
    assert kept() == ["b.pdf"]


def test_a_new_file_ends_the_undo(client: FlaskClient) -> None:
    draft_id = make_draft()
    remove(client, page_of(attach(client, draft_id, ("a.pdf", PDF))), "a.pdf")

    answer = attach(client, draft_id, ("b.pdf", PDF))

    assert page_of(answer).select_one("#file-undo") is None
    assert kept() == []


def test_undoing_twice_or_nothing_is_no_mistake(client: FlaskClient) -> None:
    draft_id = make_draft()
    remove(client, page_of(attach(client, draft_id, ("a.pdf", PDF))), "a.pdf")

    answers = [undo(client, draft_id, headers=HTMX), undo(client, draft_id, headers=HTMX)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [name for name, *_ in stored()] == ["a.pdf"]


def test_a_file_comes_back_only_where_there_is_room(client: FlaskClient) -> None:
    draft_id = make_draft()
    remove(client, page_of(attach(client, draft_id, ("a.pdf", PDF))), "a.pdf")
    with write_transaction() as session:
        session.add(Attachment(draft_id=draft_id, filename="b.pdf", media_type="application/pdf", size=MOST_BYTES, content=PDF))

    answer = undo(client, draft_id, headers=HTMX)

    assert answer.status_code == 422
    assert "10 MB" in words_of(answer, "#field-files-error")
    assert [name for name, *_ in stored()] == ["b.pdf"]


def test_without_javascript_an_undo_ends_on_the_composer(client: FlaskClient) -> None:
    draft_id = make_draft()
    remove(client, page_of(attach(client, draft_id, ("a.pdf", PDF))), "a.pdf")

    page = client.get(f"/drafts/{draft_id}/compose")
    answer = undo(client, draft_id)

    assert "„a.pdf“ entfernt" in words_of(page, "#file-undo")
    assert answer.location == f"/drafts/{draft_id}/compose"


def test_a_file_of_another_draft_is_not_touched(client: FlaskClient) -> None:
    attach(client, make_draft(), ("a.pdf", PDF))

    client.post(f"/drafts/{make_draft()}/attachments/1/remove")

    assert len(stored()) == 1


def test_without_javascript_both_end_on_the_composer(client: FlaskClient) -> None:
    draft_id = make_draft()

    good = attach(client, draft_id, ("a.pdf", PDF), htmx=False)
    bad = attach(client, draft_id, ("a.exe", b"MZ"), htmx=False)
    page = client.get(f"/drafts/{draft_id}/compose")

    assert {good.location, bad.location} == {f"/drafts/{draft_id}/compose"}
    assert "weder PDF noch Bild" in words_of(page, "#flash")


def test_a_discarded_draft_takes_no_file(client: FlaskClient) -> None:
    assert attach(client, make_draft(state="discarded"), ("a.pdf", PDF)).status_code == 422
    assert stored() == []


def test_no_file_chosen_changes_nothing(client: FlaskClient) -> None:
    assert attach(client, make_draft()).status_code == 200


def test_a_reader_attaches_nothing(client_as: Callable[[str], FlaskClient]) -> None:
    assert attach(client_as("reader"), make_draft(), ("a.pdf", PDF)).status_code == 403
