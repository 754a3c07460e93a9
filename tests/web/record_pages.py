"""What tests of the record share: reading its pages, its form as a browser would send it, a patient and a sent message."""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from messaging.models import Dispatch, Draft, MailAccount, Message, Person, Recipient, db, write_transaction
from tests.conftest import NOW

HTMX = {"HX-Request": "true"}
TYPED = {"number": "10001", "form_of_address": "Frau", "title": "Prof. Dr.", "first_name": "Ute", "last_name": "Groß",
         "birth_date": "14.02.1968", "street": "Musterweg 4", "postcode": "01067", "city": "Dresden", "phone": "030 23125001",
         "email": "ute.gross@example.org"}  # fmt: skip


def soup_of(response: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(response.data, "html.parser")


def text_of(element: Tag | None) -> str:
    assert element is not None
    return " ".join(element.get_text(" ").split())


def person(person_id: int) -> Person:
    return db.session.get_one(Person, person_id, populate_existing=True)


def form_of(client: FlaskClient, url: str, form_id: str = "person-form") -> dict[str, str]:
    """What a browser would send if nothing was changed."""
    return inputs_of(client.get(url), form_id)


def inputs_of(response: TestResponse, form_id: str) -> dict[str, str]:
    """What a browser would send of the form in this answer."""
    form = soup_of(response).find(id=form_id)
    assert isinstance(form, Tag)
    ticks = [field for field in form.find_all("input") if field.get("type") in ("checkbox", "radio")]
    values = {str(field["name"]): str(field.get("value", "")) for field in form.find_all("input") if field not in ticks}
    values |= {str(field["name"]): str(field["value"]) for field in ticks if field.has_attr("checked")}
    values |= {str(field["name"]): field.get_text().removeprefix("\n") for field in form.find_all("textarea")}
    for choice in form.find_all("select"):
        values[str(choice["name"])] = next((str(option["value"]) for option in choice.find_all("option", selected=True)), "")
    return values


def error_at(response: TestResponse, name: str) -> str:
    return text_of(soup_of(response).find(id=f"field-{name}-error"))


def flashes(client: FlaskClient, url: str) -> str:
    return text_of(soup_of(client.get(url)).find(id="flash"))


def new_patient(client: FlaskClient) -> int:
    """The id of a patient typed in by hand; the message of that is gone."""
    response = client.post("/people/new?kind=patient", data=TYPED)
    assert response.status_code == 303
    with client.session_transaction() as session:
        session.pop("_flashes", None)
    return int(response.location.rpartition("/")[2])


def sent(person_id: int, state: str, reason: str = "", body: str = "<div>{{Briefanrede}}<br>neue <b>Zeiten</b></div>") -> int:
    """The id of a mail to this person in that state, in a dispatch of its own."""
    with write_transaction() as session:
        number = db.session.scalar(db.select(db.func.count()).select_from(Message)) or 0
        account = MailAccount(name=f"K{number}", sender_name="Praxis", sender_address="praxis@example.org", host="localhost",
                              port=25, tls_mode="none", updated_at=NOW)  # fmt: skip
        draft = Draft(channel="email", purpose="information", origin="people", created_at=NOW, updated_at=NOW)
        session.add_all([account, draft])
        session.flush()
        row = Recipient(draft_id=draft.id, position=1, person_id=person_id, ticked=True, allowed=True, possible=True)
        dispatch = Dispatch(draft_id=draft.id, channel="email", purpose="information", state="finished", account_id=account.id,
                            subject="Für {{Name}}", body=body, signature="<div>Ihre Praxis</div>", created_at=NOW,
                            scheduled_at=NOW, total=1)  # fmt: skip
        session.add_all([row, dispatch])
        session.flush()
        made = Message(dispatch_id=dispatch.id, recipient_id=row.id, person_id=person_id, address="ute.gross@example.org",
                       values={"Name": "Ute <Groß>", "Briefanrede": "Sehr geehrte Frau <script>alert(1)</script>,"},
                       reference=f"<{number}@x>", state=state, reason=reason, next_attempt_at=NOW, ended_at=NOW)  # fmt: skip
        session.add(made)
    return made.id
