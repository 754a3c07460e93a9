"""An address that was refused for good twice: named on the record, red in the check window, cleared by one click."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from messaging.models import AuditEntry, db
from messaging.outbox import bad_addresses
from messaging.services import recipients
from tests.store import recipient_world as world


@pytest.fixture
def ute(client: FlaskClient) -> int:
    person_id = world.allowed("Groß", email="ute@example.org", first_name="Ute")
    for _ in range(2):
        bad_addresses.remember("ute@example.org", world.NOW)
    return person_id


def test_the_record_names_it_and_offers_to_clear_it(client: FlaskClient, ute: int) -> None:
    page = client.get(f"/people/{ute}").text

    assert "E-Mail-Adresse unzustellbar" in page
    assert "Adresse wieder freigeben" in page


def test_the_check_window_shows_it_red_until_it_is_cleared(client: FlaskClient, ute: int) -> None:
    draft_id = world.draft([ute])
    assert (world.rows(draft_id)[0].possible, world.rows(draft_id)[0].reason) == (False, "known_bad_address")

    assert client.post(f"/people/{ute}/address-works").status_code == 303
    recipients.recheck(draft_id, world.NOW)

    assert (world.rows(draft_id)[0].possible, world.rows(draft_id)[0].reason) == (True, "")
    assert "unzustellbar" not in client.get(f"/people/{ute}").text
    assert "bad_address_cleared" in db.session.scalars(db.select(AuditEntry.action)).all()


def test_clearing_twice_is_harmless(client: FlaskClient, ute: int) -> None:
    client.post(f"/people/{ute}/address-works")

    assert client.post(f"/people/{ute}/address-works").status_code == 303
    assert db.session.scalars(db.select(AuditEntry.action)).all().count("bad_address_cleared") == 1


def test_who_may_only_read_cannot_clear_it(client_as: Callable[[str], FlaskClient], ute: int) -> None:
    assert client_as("reader").post(f"/people/{ute}/address-works").status_code == 403
    assert bad_addresses.is_known_bad("ute@example.org")
