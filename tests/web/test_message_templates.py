"""Vorlagen: listed, written, copied, put away and fetched back; no text is stored that could never be filled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from messaging.domain import draft_text
from messaging.models import AuditEntry, MessageTemplate, db, write_transaction
from messaging.services.example_texts import EXAMPLES
from tests.web.drafts_of import HTMX, NOW, make_draft, page_of, words_of
from tests.web.record_pages import form_of, inputs_of

URL = "/message-templates"


def fields(**changed: Any) -> dict[str, Any]:
    return {
        "name": "Urlaub",
        "purpose": "information",
        "subject": "Wir sind weg",
        "body": "<div>{{Briefanrede}}</div>",
        **changed,
    }


def make_template(**changed: Any) -> int:
    with write_transaction() as session:
        row = MessageTemplate(channel="email", updated_at=NOW, **fields(**changed))
        session.add(row)
    return row.id


def the_template(template_id: int) -> MessageTemplate:
    return db.session.get_one(MessageTemplate, template_id, populate_existing=True)


def tab(client: FlaskClient, template_id: int) -> dict[str, str]:
    """The form as it is open in a tab from now on."""
    return form_of(client, f"{URL}/{template_id}", "template-form")


def names() -> list[str]:
    return list(
        db.session.scalars(select(MessageTemplate.name).where(MessageTemplate.archived_at.is_(None)).order_by(MessageTemplate.id))
    )


# the list


def test_an_empty_list_offers_the_examples(client: FlaskClient) -> None:
    empty = client.get(URL)
    taken = client.post(f"{URL}/examples")

    assert "übernehmen Sie die Beispielvorlagen" in words_of(empty, ".empty")
    assert taken.location == URL
    assert names() == [example.name for example in EXAMPLES]


def test_examples_are_taken_once_even_if_asked_twice(client: FlaskClient) -> None:
    client.post(f"{URL}/examples")
    client.post(f"{URL}/examples")

    assert len(names()) == len(EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.name)
def test_every_example_could_be_sent_and_names_no_speciality(example: Any) -> None:
    assert draft_text.complaints(example.subject, example.body, "", example.channel) == ()
    assert draft_text.clean_body(example.body) == example.body
    assert "{{Briefanrede}}" in example.body
    told = f"{example.subject} {example.body}".lower()
    assert not [word for word in ("psycho", "hiv", "onko", "sucht", "urolog", "gynäkolog", "zahn") if word in told]


def test_only_reminders_need_an_appointment() -> None:
    for example in EXAMPLES:
        found = draft_text.complaints(example.subject, example.body, "", example.channel, with_appointments=False)
        assert {one.code for one in found} <= ({"no_appointments"} if example.purpose == "appointment" else set())


def test_the_list_says_purpose_channel_and_use(client: FlaskClient) -> None:
    used = make_template()
    make_template(name="Unbenutzt")
    make_draft(message_template_id=used)

    page = page_of(client.get(URL))

    row, other = (line.get_text(" ", strip=True) for line in sorted(page.select("tbody tr"), key=lambda line: line["id"]))
    assert all(words in row for words in ("Urlaub", "Information", "E-Mail", "Wir sind weg", "1 Entwurf"))
    assert "noch nie" in other


def test_a_reader_looks_only(client_as: Callable[[str], FlaskClient]) -> None:
    reader, template_id = client_as("reader"), make_template()

    assert not page_of(reader.get(URL)).select("main form, main .btn-primary")
    assert page_of(reader.get(f"{URL}/{template_id}")).select_one("fieldset[disabled] #field-name")
    for way in ("", f"/{template_id}", f"/{template_id}/copy", f"/{template_id}/archive", f"/{template_id}/restore", "/examples"):
        assert reader.post(f"{URL}{way}", data=fields()).status_code == 403


# writing


def test_a_new_template_is_stored_clean_and_logged(client: FlaskClient) -> None:
    answer = client.post(URL, data=fields(name=" Urlaub ", body="<div>a<script>x</script></div>"))

    assert (answer.status_code, answer.location) == (303, URL)
    row = the_template(1)
    assert (row.name, row.purpose, row.subject, row.body, row.updated_by_id) == (
        "Urlaub",
        "information",
        "Wir sind weg",
        "<div>a</div>",
        1,
    )
    assert db.session.scalars(select(AuditEntry.action)).all() == ["template_created"]


def test_a_template_is_changed_and_its_channel_stays(client: FlaskClient) -> None:
    template_id = make_template()

    client.post(f"{URL}/{template_id}", data=tab(client, template_id) | {"subject": "Neu", "purpose": "recall", "channel": "sms"})

    row = the_template(template_id)
    assert (row.subject, row.purpose, row.channel) == ("Neu", "recall", "email")


@pytest.mark.parametrize("changed", [{"body": "<div>Ihr {{Tremin}}</div>"}, {"subject": "{{Tremin}}"}])
def test_an_unknown_macro_is_refused_and_nothing_typed_is_lost(client: FlaskClient, changed: dict[str, str]) -> None:
    typed = fields(**changed)

    answer = client.post(URL, data=typed)

    assert (answer.status_code, names()) == (422, [])
    assert "Tremin" in words_of(answer, f"#field-{next(iter(changed))}-error")
    page = page_of(answer)
    assert page.select_one("#field-subject")["value"] == typed["subject"]
    assert page.select_one("textarea[name=body]").get_text().strip() == typed["body"]


@pytest.mark.parametrize("macro", ["{{Diagnose}}", "{{Mobilnummer}}", "{Termindatum}", "{{Name"])
def test_what_could_never_be_filled_is_not_stored(client: FlaskClient, macro: str) -> None:
    assert client.post(URL, data=fields(body=f"<div>{macro}</div>")).status_code == 422


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"body": "<div><br></div>"}, "body"),
        ({"subject": "x" * 201}, "subject"),
    ],
)
def test_what_is_missing_or_too_long_is_said_at_its_field(client: FlaskClient, changed: dict[str, str], field: str) -> None:
    answer = client.post(URL, data=fields(**changed))

    assert answer.status_code == 422
    assert "Bitte" in words_of(answer, f"#field-{field}-error")


def test_a_name_is_taken_once_but_a_template_may_keep_its_own(client: FlaskClient) -> None:
    template_id = make_template()

    assert "Diesen gibt es schon" in words_of(client.post(URL, data=fields()), "#field-name-error")
    assert client.post(f"{URL}/{template_id}", data=tab(client, template_id) | {"subject": "neu"}).status_code == 303


def test_complaints_come_while_typing_and_nothing_is_stored(client: FlaskClient) -> None:
    answer = client.post(f"{URL}/check", data=fields(body="<div>{{Tremin}}</div>"), headers=HTMX)
    good = client.post(f"{URL}/check", data=fields(), headers=HTMX)

    assert "Text: Das Makro „Tremin“ gibt es nicht." in words_of(answer, "#text-complaints")
    assert (words_of(good, "#text-complaints"), names()) == ("", [])


@pytest.mark.parametrize("purpose", ["", "nonsense"])
def test_a_made_up_purpose_becomes_information(client: FlaskClient, purpose: str) -> None:
    client.post(URL, data=fields(purpose=purpose))

    assert the_template(1).purpose == "information"


def test_two_people_change_different_parts_of_one_template(client: FlaskClient) -> None:
    template_id = make_template()
    mine, theirs = tab(client, template_id), tab(client, template_id)

    client.post(f"{URL}/{template_id}", data=theirs | {"subject": "Neu", "purpose": "recall"})
    answer = client.post(f"{URL}/{template_id}", data=mine | {"body": "<div>Text</div>"})

    row = the_template(template_id)
    assert answer.status_code == 303
    assert (row.subject, row.purpose, row.body) == ("Neu", "recall", "<div>Text</div>")


@pytest.mark.parametrize(
    ("field", "theirs", "mine", "said"),
    [
        ("name", "Ferien", "Betriebsferien", "„Ferien“ gespeichert"),
        ("purpose", "recall", "invitation", "„Recall“ gespeichert"),
        ("subject", "", "Wir sind da", "dieses Feld geleert"),
        ("body", "<div>Ihr <strong>Text</strong></div>", "<div>Mein Text</div>", "„Ihr Text“ gespeichert"),
    ],
)
def test_who_changes_the_same_later_is_told_and_may_decide(
    client: FlaskClient, field: str, theirs: str, mine: str, said: str
) -> None:
    template_id = make_template()
    typed = tab(client, template_id) | {field: mine}
    client.post(f"{URL}/{template_id}", data=tab(client, template_id) | {field: theirs})

    answer = client.post(f"{URL}/{template_id}", data=typed)

    assert (answer.status_code, getattr(the_template(template_id), field)) == (422, theirs)
    assert said in words_of(answer, f"#field-{field}-error")
    assert inputs_of(answer, "template-form")[field] == mine
    client.post(f"{URL}/{template_id}", data=inputs_of(answer, "template-form"))
    assert getattr(the_template(template_id), field) == mine


# copying, putting away


def test_a_copy_gets_a_name_of_its_own(client: FlaskClient) -> None:
    template_id = make_template()

    first = client.post(f"{URL}/{template_id}/copy")
    client.post(f"{URL}/{template_id}/copy")

    assert first.location == f"{URL}/2"
    assert names() == ["Urlaub", "Urlaub (Kopie)", "Urlaub (Kopie 2)"]
    assert the_template(2).body == the_template(1).body


def test_a_deleted_template_can_be_brought_back(client: FlaskClient) -> None:
    template_id = make_template()

    client.post(f"{URL}/{template_id}/archive")
    after = client.get(URL)
    gone = client.get(f"{URL}/{template_id}")
    undo = page_of(after).select_one("#flash form")["action"]
    client.post(undo)

    assert (gone.status_code, "gelöscht" in words_of(after, "#flash")) == (404, True)
    assert names() == ["Urlaub"]


def test_a_template_whose_name_was_taken_meanwhile_comes_back_under_another(client: FlaskClient) -> None:
    template_id = make_template()
    client.post(f"{URL}/{template_id}/archive")
    client.post(URL, data=fields())

    client.post(f"{URL}/{template_id}/restore")

    assert sorted(names()) == ["Urlaub", "Urlaub (Kopie)"]


def test_a_draft_keeps_its_text_whatever_becomes_of_the_template(client: FlaskClient) -> None:
    template_id = make_template()
    draft_id = make_draft(message_template_id=template_id, body="<div>alt</div>")

    client.post(f"{URL}/{template_id}/archive")
    page = page_of(client.get(f"/drafts/{draft_id}/compose"))

    assert page.select_one("textarea[name=body]").get_text().strip() == "<div>alt</div>"


def test_where_a_template_was_used_leads_there(client: FlaskClient) -> None:
    template_id = make_template()
    draft_id = make_draft(message_template_id=template_id, subject="Sommer")

    page = page_of(client.get(f"{URL}/{template_id}"))

    link = page.select_one("#text-uses a")
    assert (link["href"], "Sommer" in link.get_text()) == (f"/drafts/{draft_id}/compose", True)


@pytest.mark.parametrize("way", ["", "/copy", "/archive", "/restore"])
def test_an_unknown_template_is_not_found(client: FlaskClient, way: str) -> None:
    assert client.post(f"{URL}/999{way}", data=fields()).status_code == 404
