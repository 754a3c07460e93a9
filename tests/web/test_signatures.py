"""Signaturen: listed, written, copied, put away and fetched back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from messaging.models import Dispatch, Draft, Signature, User, db, write_transaction
from tests.web.drafts_of import HTMX, NOW, make_draft, make_signature, page_of, words_of
from tests.web.made_dispatches import change_dispatch, make_account, make_dispatch
from tests.web.record_pages import form_of, inputs_of

URL = "/signatures"


def fields(**changed: Any) -> dict[str, Any]:
    return {"name": "Praxis", "body": "<div>Ihr Team der {{Praxisname}}</div>", **changed}


def the_signature(signature_id: int) -> Signature:
    return db.session.get_one(Signature, signature_id, populate_existing=True)


def tab(client: FlaskClient, signature_id: int) -> dict[str, str]:
    """The form as it is open in a tab from now on."""
    return form_of(client, f"{URL}/{signature_id}", "signature-form")


def names() -> list[str]:
    return list(db.session.scalars(select(Signature.name).where(Signature.archived_at.is_(None)).order_by(Signature.id)))


def sent_with(app: Flask, owner: User, signature_id: int, account_id: int | None = None) -> int:
    """A dispatch that closes with this signature."""
    dispatch_id = make_dispatch(app, owner, account_id=account_id)
    with write_transaction() as session:
        session.get_one(Draft, session.get_one(Dispatch, dispatch_id).draft_id).signature_id = signature_id
    return dispatch_id


def test_the_list_shows_the_signatures_themselves(client: FlaskClient) -> None:
    signature_id = make_signature("<div>Ihr <strong>Team</strong></div>")

    assert words_of(client.get(URL), f"#signature-{signature_id} .mail-body strong") == "Team"


@pytest.mark.parametrize(
    ("drafts", "dispatches", "words"),
    [
        (0, 0, "noch nicht verwendet"),
        (1, 0, "verwendet in 1 Entwurf"),
        (0, 1, "verwendet in 1 Versand"),
        (2, 1, "verwendet in 1 Versand und 2 Entwürfen"),
    ],
)
def test_the_list_says_how_often_a_signature_is_used(
    app: Flask, client: FlaskClient, make_user: Callable[..., User], drafts: int, dispatches: int, words: str
) -> None:
    signature_id, owner = make_signature(), make_user("staff", "owner")
    for _ in range(drafts):
        make_draft(signature_id=signature_id)
    for _ in range(dispatches):
        sent_with(app, owner, signature_id)

    answer = client.get(URL)

    assert words_of(answer, f"#signature-{signature_id} .attachment-size") == words
    assert len(page_of(answer).select(f"a[href='{URL}/{signature_id}#text-uses']")) == (drafts + dispatches > 0)


def test_where_a_signature_is_used_leads_there(app: Flask, client: FlaskClient, make_user: Callable[..., User]) -> None:
    signature_id = make_signature()
    draft_id = make_draft(signature_id=signature_id, subject="Sommer")
    make_draft(signature_id=signature_id, subject="verworfen", state="discarded")
    make_draft(signature_id=make_signature(name="Andere"), subject="fremd")
    dispatch_id = sent_with(app, make_user("staff", "owner"), signature_id)

    links = page_of(client.get(f"{URL}/{signature_id}")).select("#text-uses a")

    assert {link["href"]: link.get_text().rpartition(": ")[2] for link in links} == {
        f"/drafts/{draft_id}/compose": "Sommer",
        f"/dispatches/{dispatch_id}": "Neues aus der Praxis",
    }


def test_a_dispatch_is_listed_with_the_day_on_which_it_began_or_was_confirmed(
    app: Flask, client: FlaskClient, make_user: Callable[..., User]
) -> None:
    signature_id, owner, account_id = make_signature(), make_user("staff", "owner"), make_account(app)
    began, planned = (sent_with(app, owner, signature_id, account_id) for _ in range(2))
    change_dispatch(began, created_at=NOW - timedelta(days=9), started_at=NOW - timedelta(days=8))
    change_dispatch(planned, created_at=NOW - timedelta(days=5), started_at=None)

    links = page_of(client.get(f"{URL}/{signature_id}")).select("#text-uses a")

    assert [link.get_text().partition(": ")[0] for link in links] == ["Versand vom 18.11.2026", "Versand vom 15.11.2026"]


@pytest.mark.parametrize(("uses", "words"), [(20, ""), (21, "und 1 weiterer"), (24, "und 4 weitere")])
def test_a_long_list_of_uses_says_how_many_are_not_shown(client: FlaskClient, uses: int, words: str) -> None:
    signature_id = make_signature()
    for _ in range(uses):
        make_draft(signature_id=signature_id)
    make_draft(signature_id=signature_id, state="discarded")

    answer = client.get(f"{URL}/{signature_id}")

    assert len(page_of(answer).select("#text-uses a")) == 20
    assert words_of(answer, "#text-uses li:not(:has(a))") == words


def test_a_signature_that_nobody_uses_lists_no_uses(client: FlaskClient) -> None:
    assert not page_of(client.get(f"{URL}/{make_signature()}")).select("#text-uses")


def test_an_empty_list_helps_on(client: FlaskClient) -> None:
    assert page_of(client.get(URL)).select_one(f".empty a[href='{URL}/new']")


def test_a_signature_is_written_and_changed(client: FlaskClient) -> None:
    client.post(URL, data=fields())
    client.post(f"{URL}/1", data=tab(client, 1) | {"body": "Mit freundlichen Grüßen\nIhr Team"})

    assert (the_signature(1).name, the_signature(1).body) == ("Praxis", "<div>Mit freundlichen Grüßen<br>Ihr Team</div>")


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"name": ""}, "name", "Bitte geben Sie einen Namen ein"),
        ({"body": ""}, "body", "Bitte schreiben Sie"),
        ({"body": "{{Praxisnahme}}"}, "body", "Praxisname"),
        ({"body": "{{Ort}}"}, "body", "nur in Briefen"),
        ({"body": "{{{Signatur}}}"}, "body", "nicht in einer Signatur"),
    ],
)
def test_what_cannot_be_stored_is_said_at_its_field_and_kept(
    client: FlaskClient, changed: dict[str, str], field: str, words: str
) -> None:
    answer = client.post(URL, data=fields(**changed))

    assert (answer.status_code, names()) == (422, [])
    assert words in words_of(answer, f"#field-{field}-error")
    assert page_of(answer).select_one("#field-name")["value"] == fields(**changed)["name"]


def test_two_people_change_name_and_text_of_one_signature(client: FlaskClient) -> None:
    signature_id = make_signature()
    mine, theirs = tab(client, signature_id), tab(client, signature_id)

    client.post(f"{URL}/{signature_id}", data=theirs | {"body": "<div>Ihr neues Team</div>"})
    answer = client.post(f"{URL}/{signature_id}", data=mine | {"name": "Empfang"})

    assert answer.status_code == 303
    assert (the_signature(signature_id).name, the_signature(signature_id).body) == ("Empfang", "<div>Ihr neues Team</div>")


def test_an_older_text_goes_into_no_draft_before_somebody_compared(client: FlaskClient) -> None:
    signature_id = make_signature()
    mine = tab(client, signature_id) | {"body": "<div>Mein Team</div>"}
    client.post(f"{URL}/{signature_id}", data=tab(client, signature_id) | {"body": "<div>Ihr <b>neues</b> Team</div>"})
    theirs = the_signature(signature_id).body

    answer = client.post(f"{URL}/{signature_id}", data=mine)

    assert (answer.status_code, the_signature(signature_id).body) == (422, theirs)
    assert "Inzwischen hat jemand „Ihr neues Team“ gespeichert." in words_of(answer, "#field-body-error")
    shown = inputs_of(answer, "signature-form")
    assert shown["body"] == "<div>Mein Team</div>"
    assert client.post(f"{URL}/{signature_id}", data=shown).status_code == 303
    assert the_signature(signature_id).body == "<div>Mein Team</div>"


def test_what_cannot_be_changed_is_said_at_its_field_and_kept(client: FlaskClient) -> None:
    signature_id = make_signature()

    answer = client.post(f"{URL}/{signature_id}", data=tab(client, signature_id) | {"body": "<div>{{Praxisnahme}}</div>"})

    assert (answer.status_code, "Praxisname" in words_of(answer, "#field-body-error")) == (422, True)
    assert inputs_of(answer, "signature-form")["body"] == "<div>{{Praxisnahme}}</div>"


def test_complaints_come_while_typing(client: FlaskClient) -> None:
    answer = client.post(f"{URL}/check", data=fields(body="{{Signatur}}"), headers=HTMX)

    assert "Signatur: Das Makro „Signatur“ kann nur im Text stehen" in words_of(answer, "#text-complaints")


def test_the_form_says_which_drafts_would_show_the_change(client: FlaskClient) -> None:
    signature_id = make_signature()
    make_draft(signature_id=signature_id), make_draft(signature_id=signature_id)

    assert "2 offene Entwürfe" in words_of(client.get(f"{URL}/{signature_id}"), ".alert")


def test_copying_deleting_and_bringing_back(client: FlaskClient) -> None:
    signature_id = make_signature()

    client.post(f"{URL}/{signature_id}/copy")
    client.post(f"{URL}/{signature_id}/archive")
    after_delete = names()
    undo = page_of(client.get(URL)).select_one("#flash form")["action"]
    client.post(undo)

    assert after_delete == ["Praxis (Kopie)"]
    assert names() == ["Praxis", "Praxis (Kopie)"]


def test_a_draft_keeps_a_signature_that_was_deleted(client: FlaskClient) -> None:
    signature_id = make_signature()
    draft_id = make_draft(signature_id=signature_id, version=2)
    client.post(f"{URL}/{signature_id}/archive")

    page = page_of(client.get(f"/drafts/{draft_id}/compose"))

    assert page.select_one("#field-signature option[selected]")["value"] == str(signature_id)


def test_a_reader_looks_only(client_as: Callable[[str], FlaskClient]) -> None:
    reader, signature_id = client_as("reader"), make_signature()

    assert not page_of(reader.get(URL)).select("main form, main .btn-primary")
    assert page_of(reader.get(f"{URL}/{signature_id}")).select_one("fieldset[disabled] #field-name")
    for way in (
        "",
        f"/{signature_id}",
        f"/{signature_id}/copy",
        f"/{signature_id}/archive",
        f"/{signature_id}/restore",
        "/check",
    ):
        assert reader.post(f"{URL}{way}", data=fields()).status_code == 403


@pytest.mark.parametrize("way", ["", "/copy", "/archive", "/restore"])
def test_an_unknown_signature_is_not_found(client: FlaskClient, way: str) -> None:
    assert client.post(f"{URL}/999{way}", data=fields()).status_code == 404
