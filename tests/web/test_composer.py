"""The composer: saving so that nothing is lost, the preview with its complaints, templates, and the test mail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from jobs.errands import run_errand
from jobs.queues import URGENT
from messaging.domain.macro_catalogue import MACROS
from messaging.models import Draft, Errand, MessageTemplate, Recipient, db, write_transaction
from messaging.outbox.macro_facts import values_for_draft
from messaging.services import preview
from messaging.services.composing import Text
from tests.conftest import FakeWaker, MovableClock
from tests.web.drafts_of import (
    ANNA,
    HTMX,
    NOW,
    ODD_NAMES,
    make_account,
    make_draft,
    make_practice,
    make_signature,
    page_of,
    the_draft,
    words_of,
)


def typed(version: int = 1, **fields: Any) -> dict[str, Any]:
    return {"subject": "Ihr Termin", "body": "<div>{{Briefanrede}}</div>", "version": version, **fields}


def make_template(name: str = "Erinnerung", **fields: Any) -> int:
    values = {"channel": "email", "purpose": "appointment", "subject": "Termin am {{Termindatum}}", "body": "<div>bis bald</div>"}
    with write_transaction() as session:
        row = MessageTemplate(name=name, updated_at=NOW, **{**values, **fields})
        session.add(row)
    return row.id


# the page


def test_the_page_shows_text_macros_preview_and_the_way_on(client: FlaskClient) -> None:
    make_account()
    draft_id = make_draft(subject="Ihr Termin am {{Termindatum}}", body="<div>{{Briefanrede}}</div>")

    answer = client.get(f"/drafts/{draft_id}/compose")

    page = page_of(answer)
    assert answer.status_code == 200
    assert page.select_one("#field-subject")["value"] == "Ihr Termin am {{Termindatum}}"
    assert words_of(answer, ".mail-subject") == "Ihr Termin am 24.11.2026"
    assert words_of(answer, ".mail-body") == "Sehr geehrte Frau Dr. Groß,"
    assert words_of(answer, "#preview-place") == "1 von 1"
    assert "Empfänger (1)" in words_of(answer, "#action-bar")
    assert page.select_one("trix-editor")["input"] == page.select_one("textarea[name=body]")["id"]


def test_without_an_account_chosen_the_only_one_and_the_only_signature_are_suggested(client: FlaskClient) -> None:
    account_id, signature_id = make_account(), make_signature()
    draft_id = make_draft()

    page = page_of(client.get(f"/drafts/{draft_id}/compose"))

    assert page.select_one("#field-account option[selected]")["value"] == str(account_id)
    assert page.select_one("#field-signature option[selected]")["value"] == str(signature_id)
    assert the_draft(draft_id).account_id is None  # looking changes nothing


def test_of_several_accounts_the_one_this_user_took_last_is_suggested(client: FlaskClient) -> None:
    make_account("Info")
    last = make_account("Praxis")
    client.post(f"/drafts/{make_draft()}/compose", data=typed(account=last))
    with write_transaction() as session:
        session.execute(db.update(Draft).values(owner_id=1))

    page = page_of(client.get(f"/drafts/{make_draft()}/compose"))

    assert page.select_one("#field-account option[selected]")["value"] == str(last)


def test_a_choice_of_no_signature_stays_one(client: FlaskClient) -> None:
    make_account(), make_signature()
    draft_id = make_draft()
    client.post(f"/drafts/{draft_id}/compose", data=typed(signature=""))

    page = page_of(client.get(f"/drafts/{draft_id}/compose"))

    assert page.select_one("#field-signature option[selected]")["value"] == ""


def test_macros_that_mails_do_not_carry_are_greyed_with_the_reason(client: FlaskClient) -> None:
    page = page_of(client.get(f"/drafts/{make_draft()}/compose"))

    chip = page.select_one("[data-macro='{{Mobilnummer}}']")
    assert chip["aria-disabled"] == "true"
    assert "gibt es nur in SMS" in page.find(id=chip["aria-describedby"]).get_text()
    assert "aria-disabled" not in page.select_one("[data-macro='{{Behandler}}']").attrs


def test_without_appointments_the_macros_of_the_appointment_are_greyed(client: FlaskClient) -> None:
    page = page_of(client.get(f"/drafts/{make_draft(appointments=False)}/compose"))

    assert page.select_one("[data-macro='{{Behandler}}']")["aria-disabled"] == "true"
    assert "Terminliste" in page.find(id="macro-Behandler-tip").get_text()


def test_a_reader_may_look_and_turn_pages_but_not_write(client_as: Callable[[str], FlaskClient]) -> None:
    reader = client_as("reader")
    draft_id = make_draft(ANNA, {"first_name": "Kim"}, body="<div>{{Briefanrede}}</div>")

    answer = reader.get(f"/drafts/{draft_id}/compose?position=2")

    assert page_of(answer).select_one("fieldset[disabled] #field-subject")
    assert not page_of(answer).select_one("trix-editor, .macro-chip, .post-button")
    assert words_of(answer, ".mail-body") == "Guten Tag Kim,"
    assert reader.post(f"/drafts/{draft_id}/compose", data=typed()).status_code == 403
    assert reader.post(f"/drafts/{draft_id}/compose/autosave", data=typed()).status_code == 403


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_unknown_draft_is_not_found(client: FlaskClient, method: str) -> None:
    for way in ("compose", "compose/preview" if method == "post" else "compose"):
        assert getattr(client, method)(f"/drafts/999/{way}").status_code in (404, 409)


# saving


@pytest.mark.parametrize(
    ("then", "goal"), [("recipients", "/recipients"), ("confirm", "/confirm"), ("stay", "/compose"), ("nonsense", "/compose")]
)
def test_every_way_on_saves_first(client: FlaskClient, then: str, goal: str) -> None:
    account_id = make_account()
    draft_id = make_draft()

    answer = client.post(f"/drafts/{draft_id}/compose", data=typed(then=then, account=account_id))

    assert (answer.status_code, answer.location) == (303, f"/drafts/{draft_id}{goal}")
    draft = the_draft(draft_id)
    assert (draft.subject, draft.body, draft.account_id, draft.version) == (
        "Ihr Termin",
        "<div>{{Briefanrede}}</div>",
        account_id,
        2,
    )


def test_what_is_typed_is_cleaned_before_it_is_stored(client: FlaskClient) -> None:
    draft_id = make_draft()

    client.post(
        f"/drafts/{draft_id}/compose", data=typed(subject=" a\r\nb ", body="<div onclick='x()'>a<script>x()</script></div>")
    )

    assert (the_draft(draft_id).subject, the_draft(draft_id).body) == ("a b", "<div>a</div>")


def test_plain_text_of_a_browser_without_javascript_keeps_its_lines(client: FlaskClient) -> None:
    draft_id = make_draft()

    client.post(f"/drafts/{draft_id}/compose", data=typed(body="Guten Tag\r\n\r\n1 < 2"))

    assert the_draft(draft_id).body == "<div>Guten Tag<br><br>1 &lt; 2</div>"


def test_autosave_answers_with_the_new_version_and_nothing_else(client: FlaskClient) -> None:
    draft_id = make_draft()

    first = client.post(f"/drafts/{draft_id}/compose/autosave", data=typed(), headers=HTMX)
    again = client.post(f"/drafts/{draft_id}/compose/autosave", data=typed(version=1), headers=HTMX)

    assert (first.status_code, first.data, first.headers["X-Draft-Version"]) == (204, b"", "2")
    assert again.headers["X-Draft-Version"] == "2"  # the same text is no new version, and never stale


def test_a_stale_autosave_is_refused_and_offers_both_texts(client: FlaskClient) -> None:
    draft_id = make_draft()
    client.post(f"/drafts/{draft_id}/compose/autosave", data=typed(subject="erster Tab"), headers=HTMX)

    answer = client.post(f"/drafts/{draft_id}/compose/autosave", data=typed(subject="zweiter Tab"), headers=HTMX)

    assert (answer.status_code, answer.headers["HX-Retarget"]) == (409, "#flash")
    assert "in einem anderen Fenster" in words_of(answer, ".alert-title")
    assert page_of(answer).select_one("button[name=overwrite]")["value"] == "2"
    assert "Neu laden" in words_of(answer, "a.alert-link")
    assert the_draft(draft_id).subject == "erster Tab"


def test_a_stale_save_keeps_what_was_typed_and_can_be_meant(client: FlaskClient) -> None:
    draft_id = make_draft()
    client.post(f"/drafts/{draft_id}/compose", data=typed(subject="erster Tab"))

    stale = client.post(f"/drafts/{draft_id}/compose", data=typed(subject="zweiter Tab", then="confirm"))
    overwrite = page_of(stale).select_one("button[name=overwrite]")["value"]
    meant = client.post(f"/drafts/{draft_id}/compose", data=typed(subject="zweiter Tab", overwrite=overwrite))

    assert stale.status_code == 409
    assert page_of(stale).select_one("#field-subject")["value"] == "zweiter Tab"
    assert meant.status_code == 303
    assert the_draft(draft_id).subject == "zweiter Tab"


def test_a_subject_that_is_too_long_is_said_at_the_field_and_nothing_is_lost(client: FlaskClient) -> None:
    draft_id = make_draft()

    answer = client.post(f"/drafts/{draft_id}/compose", data=typed(subject="x" * 201, body="<div>bleibt</div>"))

    assert answer.status_code == 422
    assert "höchstens 200 Zeichen" in words_of(answer, "#field-subject-error")
    assert page_of(answer).select_one("textarea[name=body]").get_text().strip() == "<div>bleibt</div>"
    assert the_draft(draft_id).subject == ""


def test_a_made_up_account_is_no_account(client: FlaskClient) -> None:
    draft_id = make_draft()

    client.post(f"/drafts/{draft_id}/compose", data=typed(account="999", signature="999"))

    assert (the_draft(draft_id).account_id, the_draft(draft_id).signature_id) == (None, None)


def test_a_discarded_draft_takes_no_text(client: FlaskClient) -> None:
    draft_id = make_draft(state="discarded")

    answers = [client.get(f"/drafts/{draft_id}/compose"), client.post(f"/drafts/{draft_id}/compose", data=typed())]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert the_draft(draft_id).subject == ""


# preview and complaints


def preview_of(client: FlaskClient, draft_id: int, **fields: Any) -> Any:
    return client.post(f"/drafts/{draft_id}/compose/preview", data=typed(**fields), headers=HTMX)


def test_the_preview_saves_nothing_and_shows_the_asked_recipient(client: FlaskClient) -> None:
    draft_id = make_draft(ANNA, {"first_name": "Kim"})

    second = preview_of(client, draft_id, position=2)
    beyond = preview_of(client, draft_id, position=99)
    kept = preview_of(client, draft_id, shown=2)

    assert words_of(second, ".mail-body") == words_of(beyond, ".mail-body") == words_of(kept, ".mail-body") == "Guten Tag Kim,"
    assert (the_draft(draft_id).body, the_draft(draft_id).version) == ("", 1)


def test_without_javascript_the_preview_is_the_page_with_what_was_typed(client: FlaskClient) -> None:
    draft_id = make_draft()

    answer = client.post(f"/drafts/{draft_id}/compose/preview", data=typed(subject="noch nicht gespeichert", version=7))

    assert page_of(answer).select_one("#field-subject")["value"] == "noch nicht gespeichert"
    assert page_of(answer).select_one("#draft-version")["value"] == "7"
    assert words_of(answer, ".mail-subject") == "noch nicht gespeichert"


@pytest.mark.parametrize("name", ODD_NAMES)
def test_names_that_look_like_something_else_are_shown_as_they_are(client: FlaskClient, name: str) -> None:
    account_id, draft_id = make_account(), make_draft({"last_name": name})

    answer = preview_of(client, draft_id, account=account_id, subject="{{Nachname}}", body="<div>{{Nachname}}</div>")

    assert words_of(answer, ".mail-subject") == words_of(answer, ".mail-body") == name
    assert not page_of(answer).select(".mail-body b, .complaint-stop")


def test_a_macro_that_is_empty_for_some_is_shown_with_their_number_and_their_list(client: FlaskClient) -> None:
    draft_id = make_draft(ANNA, {"first_name": "Kim", "last_name": "Neu"}, {"first_name": "Alex", "last_name": "Winter"})

    answer = preview_of(client, draft_id, body="<div>{{Titel}} {{Nachname}}</div>")
    listed = client.get(f"/drafts/{draft_id}/compose/empty/Titel")

    assert "„Titel“ ist bei 2 von 3 Empfängern leer." in words_of(answer, ".complaint-list")
    assert "Nachname" not in words_of(answer, ".complaint-list")
    assert [cell.get_text() for cell in page_of(listed).select("td[data-label=Name]")] == ["Kim Neu", "Alex Winter"]


def test_a_macro_that_is_empty_for_all_says_so(client: FlaskClient) -> None:
    answer = preview_of(client, make_draft(ANNA, ANNA), body="<div>{{Terminort}}</div>")

    assert "„Terminort“ ist bei allen leer." in words_of(answer, ".complaint-list")


@pytest.mark.parametrize(
    "macro", [macro for macro in MACROS if macro.exported_to("email") and not macro.markup], ids=lambda one: one.name
)
def test_what_the_preview_counts_as_empty_is_empty_for_each_of_them(client: FlaskClient, macro: Any) -> None:
    """The short ways of counting agree with looking at everybody."""
    draft_id = make_draft(
        ANNA, {"first_name": "Kim"}, {"last_name": "Weber GmbH"}, {"form_of_address": "Herr", "last_name": "%datum%"}
    )
    with write_transaction() as session:
        session.execute(db.update(Recipient).where(Recipient.position == 2).values(appointment_id=None))

    looked_at = preview.preview(the_draft(draft_id), Text("x", f"<div>{macro.written}</div>"), 1, NOW)
    values = values_for_draft(db.session(), draft_id, {macro.name}, NOW)

    counted = {gap.macro: gap.empty for gap in looked_at.gaps}
    assert counted.get(macro.name, 0) == sum(not found[macro.name].strip() for _, found in values)


def test_the_list_of_an_unknown_macro_is_not_found(client: FlaskClient) -> None:
    assert client.get(f"/drafts/{make_draft()}/compose/empty/Unsinn").status_code == 404


def test_what_is_missing_is_named_one_by_one_and_a_good_text_is_called_good(client: FlaskClient) -> None:
    account_id, draft_id = make_account(), make_draft()

    bare = preview_of(client, draft_id, subject="", body="<div><br></div>")
    good = preview_of(client, draft_id, account=account_id)

    assert len(page_of(bare).select(".complaint-stop")) == 3
    assert words_of(good, ".complaints") == "Der Text kann so gesendet werden."


def test_a_blank_of_an_example_text_is_pointed_out(client: FlaskClient) -> None:
    answer = preview_of(client, make_draft(), account=make_account(), subject="am [Datum]")

    assert "falls das Lücken sind: [Datum]." in words_of(answer, ".complaint-list")


@pytest.mark.parametrize(
    "body", ["<div>%da<em>tum</em>%</div>", "<div>{<b>{Name}</b>}</div>", "<div>{{Brief<em>anrede</em>}}</div>", "{{" * 50]
)
def test_a_torn_macro_never_breaks_the_preview(client: FlaskClient, body: str) -> None:
    answer = preview_of(client, make_draft(), body=body)

    assert answer.status_code == 200
    assert page_of(answer).select(".complaint-stop")


def test_signs_that_stand_for_marks_cannot_be_forged(client: FlaskClient) -> None:
    answer = preview_of(client, make_draft(), body="<div>\ue000\ue002x\ue003\ue001</div>")

    assert words_of(answer, ".mail-body") == "x"
    assert not page_of(answer).select("mark")


def test_when_nobody_may_be_written_to_the_preview_leads_to_the_check_window(client: FlaskClient) -> None:
    draft_id = make_draft()
    with write_transaction() as session:
        session.execute(db.text("UPDATE recipient SET ticked = :no"), {"no": False})

    answer = preview_of(client, draft_id)

    assert "niemand" in words_of(answer, ".preview-nothing")
    assert page_of(answer).select_one(f"a[href='/drafts/{draft_id}/recipients']")


def test_the_signature_stands_at_the_end_or_at_its_macro(client: FlaskClient) -> None:
    make_practice()
    signature_id, draft_id = make_signature(), make_draft()

    at_the_end = preview_of(client, draft_id, body="<div>Text</div>", signature=signature_id)
    at_its_place = preview_of(client, draft_id, body="<div>{{{Signatur}}}</div><div>PS</div>", signature=signature_id)

    assert words_of(at_the_end, ".mail-body") == "Text Ihr Team der Praxis am Musterweg"
    assert words_of(at_its_place, ".mail-body") == "Ihr Team der Praxis am Musterweg PS"


# templates


def test_a_template_takes_the_place_of_the_text_which_can_be_brought_back(client: FlaskClient) -> None:
    template_id, draft_id = make_template(), make_draft()

    taken = client.post(f"/drafts/{draft_id}/compose/template", data=typed(template=template_id), headers=HTMX)
    undone = client.post(
        f"/drafts/{draft_id}/compose/undo", data=typed(version=2, subject="x", body="<div>y</div>"), headers=HTMX
    )

    assert "Vorlage „Erinnerung“ übernommen" in words_of(taken, ".undo-bar")
    assert page_of(taken).select_one("#field-subject")["value"] == "Termin am {{Termindatum}}"
    assert page_of(undone).select_one("#field-subject")["value"] == "Ihr Termin"
    assert (the_draft(draft_id).body, the_draft(draft_id).message_template_id) == ("<div>{{Briefanrede}}</div>", None)
    assert the_draft(draft_id).replaced_text["subject"] == "x"  # what stood there last is not lost either


def test_a_template_over_an_empty_text_offers_no_undo(client: FlaskClient) -> None:
    template_id, draft_id = make_template(), make_draft()

    answer = client.post(
        f"/drafts/{draft_id}/compose/template", data=typed(template=template_id, subject="", body=""), headers=HTMX
    )

    assert not page_of(answer).select(".undo-bar")
    assert the_draft(draft_id).message_template_id == template_id


def test_a_template_without_a_subject_leaves_the_typed_one(client: FlaskClient) -> None:
    template_id, draft_id = make_template(subject=""), make_draft()

    client.post(f"/drafts/{draft_id}/compose/template", data=typed(template=template_id))

    assert (the_draft(draft_id).subject, the_draft(draft_id).body) == ("Ihr Termin", "<div>bis bald</div>")


@pytest.mark.parametrize("template", ["999", "archived", "sms"])
def test_a_template_that_is_gone_or_of_another_channel_is_refused(client: FlaskClient, template: str) -> None:
    ids = {"archived": make_template("a", archived_at=NOW), "sms": make_template("b", channel="sms")}
    draft_id = make_draft()

    answer = client.post(f"/drafts/{draft_id}/compose/template", data=typed(template=ids.get(template, template)), headers=HTMX)

    assert answer.status_code == 409
    assert the_draft(draft_id).version == 1


def test_choosing_no_template_and_undoing_nothing_change_nothing(client: FlaskClient) -> None:
    draft_id = make_draft()

    nothing = client.post(f"/drafts/{draft_id}/compose/template", data=typed(template=""), headers=HTMX)
    undone = client.post(f"/drafts/{draft_id}/compose/undo", data=typed(), headers=HTMX)

    assert (nothing.status_code, undone.status_code, the_draft(draft_id).version) == (204, 409, 1)


# the test mail


def ask(client: FlaskClient, draft_id: int, to: str = "kollegin@example.org", **fields: Any) -> Any:
    recipient = page_of(client.get(f"/drafts/{draft_id}/compose")).select_one("input[name=recipient]")
    values = typed(test_address=to, account=make_account(), recipient=recipient["value"], **fields)
    return client.post(f"/drafts/{draft_id}/test-mail", data=values, headers=HTMX)


def test_a_test_mail_saves_the_text_and_asks_a_worker(client: FlaskClient, waker: FakeWaker) -> None:
    draft_id = make_draft()

    answer = ask(client, draft_id, " Kollegin@EXAMPLE.org ")

    errand = db.session.scalars(db.select(Errand)).one()
    assert (errand.kind, errand.payload["to"], errand.payload["draft_id"]) == ("test_mail", "Kollegin@example.org", draft_id)
    assert waker.put_jobs == [(URGENT, run_errand, (errand.id,))]
    assert the_draft(draft_id).subject == "Ihr Termin"
    assert page_of(answer).select_one("#test-mail")["hx-trigger"] == "every 1s"
    assert page_of(answer).select_one("#draft-version")["value"] == "2"


def answer_of(client: FlaskClient, draft_id: int) -> Any:
    errand = db.session.scalars(db.select(Errand)).one()
    return client.get(f"/drafts/{draft_id}/test-mail/{errand.id}", headers=HTMX)


@pytest.mark.parametrize(("state", "bad"), [("done", False), ("failed", True)])
def test_the_answer_of_the_worker_ends_the_asking(client: FlaskClient, state: str, bad: bool) -> None:
    draft_id = make_draft()
    ask(client, draft_id)
    with write_transaction() as session:
        session.execute(db.update(Errand).values(state=state, answer="So ist es.", detail="550 no"))

    answer = answer_of(client, draft_id)

    assert "So ist es." in words_of(answer, "#test-mail")
    assert "hx-trigger" not in page_of(answer).select_one("#test-mail").attrs
    assert bool(page_of(answer).select(".test-mail-bad")) is bad
    assert ("550 no" in words_of(answer, "#test-mail")) is bad


def test_when_nobody_works_the_page_says_so_and_stops_asking(client: FlaskClient, clock: MovableClock) -> None:
    draft_id = make_draft()
    ask(client, draft_id)
    clock.moment += timedelta(seconds=20)

    answer = answer_of(client, draft_id)

    assert "Kein Versandprozess aktiv" in words_of(answer, "#test-mail")
    assert "hx-trigger" not in page_of(answer).select_one("#test-mail").attrs


@pytest.mark.parametrize("to", ["", "a@@b", "zwei@example.org, drei@example.org"])
def test_a_typed_address_that_cannot_be_is_refused_with_its_cure(client: FlaskClient, waker: FakeWaker, to: str) -> None:
    answer = ask(client, make_draft(), to)

    assert answer.status_code == 422
    assert "Bitte" in words_of(answer, "#test-mail")
    assert waker.put_jobs == []


@pytest.mark.parametrize("body", ["<div>{{Diagnose}}</div>", "<div>{{Vornahme}}</div>", ""])
def test_no_unfinished_text_leaves_the_house_not_even_as_a_test(client: FlaskClient, waker: FakeWaker, body: str) -> None:
    answer = ask(client, make_draft(), body=body)

    assert answer.status_code == 422
    assert waker.put_jobs == []


def test_the_next_test_goes_to_the_same_address(client: FlaskClient) -> None:
    ask(client, make_draft())

    page = page_of(client.get(f"/drafts/{make_draft()}/compose"))

    assert page.select_one("#field-test-address")["value"] == "kollegin@example.org"


def test_nobody_reads_the_test_of_another_user(client: FlaskClient, client_as: Callable[[str], FlaskClient]) -> None:
    draft_id = make_draft()
    ask(client, draft_id)
    errand = db.session.scalars(db.select(Errand)).one()

    assert client_as("manager").get(f"/drafts/{draft_id}/test-mail/{errand.id}").status_code == 404


def test_a_test_mail_without_javascript_ends_on_the_composer(client: FlaskClient) -> None:
    draft_id, account_id = make_draft(), make_account()
    recipient = page_of(client.get(f"/drafts/{draft_id}/compose")).select_one("input[name=recipient]")["value"]

    answer = client.post(
        f"/drafts/{draft_id}/test-mail", data=typed(test_address="a@example.org", account=account_id, recipient=recipient)
    )

    assert (answer.status_code, answer.location) == (303, f"/drafts/{draft_id}/compose")


def test_without_javascript_a_refused_test_address_stays_in_its_field(client: FlaskClient, waker: FakeWaker) -> None:
    draft_id, account_id = make_draft(), make_account()
    recipient = page_of(client.get(f"/drafts/{draft_id}/compose")).select_one("input[name=recipient]")["value"]

    answer = client.post(
        f"/drafts/{draft_id}/test-mail", data=typed(test_address="a@@b", account=account_id, recipient=recipient)
    )

    assert answer.status_code == 422
    assert page_of(answer).select_one("#field-test-address")["value"] == "a@@b"
    assert page_of(answer).select_one("#field-subject")["value"] == "Ihr Termin"
    assert "Bitte" in words_of(answer, "#test-mail")
    assert waker.put_jobs == []
