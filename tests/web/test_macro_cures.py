"""The buttons beside the composer's complaints: each macro that cannot be sent is mended or removed with one click."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.drafts_of import ANNA, HTMX, make_draft, page_of, the_draft, words_of


def typed(**fields: Any) -> dict[str, Any]:
    return {"subject": "Ihr Termin", "body": "<div>{{Briefanrede}}</div>", "version": 1, **fields}


def preview_of(client: FlaskClient, draft_id: int, **fields: Any) -> Any:
    return client.post(f"/drafts/{draft_id}/compose/preview", data=typed(**fields), headers=HTMX)


def cures_of(answer: Any) -> dict[str, str]:
    """What the buttons beside the complaints say, and what they send."""
    return {button.get_text(): button["value"] for button in page_of(answer).select("button[name=mend]")}


def test_an_unknown_macro_is_marked_and_its_nearest_name_offered(client: FlaskClient) -> None:
    answer = preview_of(client, make_draft(), body="<div>{{Vornahme}}</div>")

    assert words_of(answer, ".mail-body mark") == "{{Vornahme}}"
    assert "Meinten Sie „Vorname“?" in words_of(answer, ".complaint-stop")
    assert cures_of(answer) == {
        "{{Vorname}} einsetzen": "body|{{Vorname}}|{{Vornahme}}",
        "Entfernen": "body||{{Vornahme}}",
    }


@pytest.mark.parametrize(
    ("place", "text", "mended"),
    [("subject", "Hallo {{Xyzzy}}", "Hallo"), ("body", "<div>Hallo {{Xyzzy}}</div>", "<div>Hallo </div>")],
)
def test_an_unknown_macro_that_is_near_to_nothing_can_be_removed(client: FlaskClient, place: str, text: str, mended: str) -> None:
    draft_id = make_draft()

    cures = cures_of(preview_of(client, draft_id, **{place: text}))
    client.post(f"/drafts/{draft_id}/compose/mend", data=typed(**{place: text}, mend=cures["Entfernen"]))

    assert list(cures) == ["Entfernen"]
    assert getattr(the_draft(draft_id), place) == mended


def test_a_macro_that_mails_do_not_carry_is_never_filled(client: FlaskClient) -> None:
    draft_id = make_draft({**ANNA, "sms": "0171 3920001", "sms_e164": "+491713920001"})

    answer = preview_of(client, draft_id, body="<div>{{Mobilnummer}} {{Diagnose}}</div>")

    assert words_of(answer, ".mail-body") == "{{Mobilnummer}} {{Diagnose}}"
    assert b"3920001" not in answer.data
    assert [button["value"].split("|")[1] for button in page_of(answer).select("button[name=mend]")] == ["", ""]


@pytest.mark.parametrize(("place", "field"), [("subject", "subject"), ("body", "body")])
def test_a_cure_mends_the_text_saves_it_and_asks_for_a_new_preview(client: FlaskClient, place: str, field: str) -> None:
    draft_id = make_draft()
    broken = {field: "<div>{{Vornahme}}</div>" if field == "body" else "{{Vornahme}}"}

    answer = client.post(
        f"/drafts/{draft_id}/compose/mend", data=typed(**broken, mend=f"{place}|{{{{Vorname}}}}|{{{{Vornahme}}}}"), headers=HTMX
    )

    assert answer.headers["HX-Trigger"] == "textReplaced"
    assert page_of(answer).select_one("#draft-version")["value"] == "2"
    assert "{{Vorname}}" in getattr(the_draft(draft_id), field)


def test_the_remove_button_works_without_javascript(client: FlaskClient) -> None:
    draft_id = make_draft()

    answer = client.post(f"/drafts/{draft_id}/compose/mend", data=typed(body="<div>a {{Ort}}b</div>", mend="body||{{Ort}}"))

    assert answer.status_code == 303
    assert the_draft(draft_id).body == "<div>a b</div>"


@pytest.mark.parametrize("mend", ["", "body", "body|x", "nonsense|a|b", "account_id|a|b"])
def test_a_made_up_cure_changes_nothing_but_saves(client: FlaskClient, mend: str) -> None:
    draft_id = make_draft()

    client.post(f"/drafts/{draft_id}/compose/mend", data=typed(mend=mend), headers=HTMX)

    assert (the_draft(draft_id).subject, the_draft(draft_id).body) == ("Ihr Termin", "<div>{{Briefanrede}}</div>")
