"""Patients and prospects of the demo practice with their permissions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from faker import Faker
from sqlalchemy import insert
from sqlalchemy.orm import Session

from messaging.domain.folding import fold
from messaging.domain.words import Channel, ConsentSource, ConsentStatus, PersonKind, Purpose
from messaging.models import Consent, Person
from messaging.services.demo import numbers
from messaging.services.demo.edge_people import EDGE_PEOPLE, EDGE_PROSPECTS, Edge
from messaging.services.person_fields import derived_and_words, replace_words

#: Their numbers begin with a D, so that an export to try with (they often count M00001, T00001 …) finds none of them taken.
PATIENTS, PROSPECTS = 2_000, 300
START = 20_250_314
TOWNS = (
    ("01067", "Dresden"),
    ("01099", "Dresden"),
    ("01127", "Dresden"),
    ("01307", "Dresden"),
    ("10115", "Berlin"),
    ("10437", "Berlin"),
)
STREETS = ("Musterweg", "An der Teststrecke", "Königsbrücker Ring", "Lößnitzsteig", "Am Probierstein", "Straße der Vorlagen")
TITLES = ("",) * 17 + ("Dr.", "Dr. med.", "Prof. Dr.")
DOMAINS = ("example.org", "example.com", "example.net")
STATUSES = (ConsentStatus.YES,) * 13 + (ConsentStatus.NO,) * 4 + (None,) * 3
COVERED = (Purpose.APPOINTMENT, Purpose.INFORMATION)
NO_COLUMNS = {"consent", "old_address", "blocked", "purposes", "revoked_days_ago", "age", "archived", "converted"}
FORMER = {Channel.EMAIL: "frueher@example.org", Channel.SMS: "+491713920035", Channel.LETTER: ""}
EMPTY: dict[str, Any] = {
    "form_of_address": "", "title": "", "first_name": "", "name_prefix": "", "last_name": "", "guardian": "", "birth_date": None, "street": "",
    "address_extra": "", "postcode": "", "city": "", "country": "", "phone": "", "mobile": "", "sms": "", "email": "", "source": "",
    "deceased": False,
}  # fmt: skip


def fill(session: Session, now: datetime) -> None:
    """Write everybody, their search words and their permissions."""
    random, ids = Random(START), count(1)
    everybody = list(_everybody(random, now.date()))
    rows, words, consents = [], [], []
    for person, fields in zip(ids, everybody, strict=False):
        columns, found_by = derived_and_words(fields)
        rows.append(_row(person, fields, columns, now))
        words.append((person, found_by))
        consents += _consents(random, person, fields, columns, now)
    session.execute(insert(Person), rows)
    session.execute(insert(Consent), consents)
    replace_words(session, words)


def _everybody(random: Random, today: date) -> Iterator[dict[str, Any]]:
    for number, edge in enumerate(EDGE_PEOPLE, 1):
        yield _edge(edge, today) | {"kind": PersonKind.PATIENT, "number": f"D{number:05}"}
    faker = Faker("de_DE")
    faker.seed_instance(START)
    for number in range(len(EDGE_PEOPLE) + 1, PATIENTS + 1):
        yield _invented(random, faker, today) | {"kind": PersonKind.PATIENT, "number": f"D{number:05}"}
    for number, edge in enumerate(EDGE_PROSPECTS, 1):
        yield _edge(edge, today) | {"kind": PersonKind.PROSPECT, "number": f"DI{number:05}", "source": "Webseite"}
    for number in range(len(EDGE_PROSPECTS) + 1, PROSPECTS + 1):
        yield _invented(random, faker, today) | {"kind": PersonKind.PROSPECT, "number": f"DI{number:05}", "source": "Webseite"}


def _edge(edge: Edge, today: date) -> dict[str, Any]:
    born = {"birth_date": years_before(today, edge["age"])} if "age" in edge else {}
    return EMPTY | edge | born


def years_before(today: date, years: int) -> date:
    """The same day so many years ago; the 28th for a 29th of February that year did not have."""
    try:
        return today.replace(year=today.year - years)
    except ValueError:
        return today.replace(year=today.year - years, day=28)


def _invented(random: Random, faker: Faker, today: date) -> dict[str, Any]:
    woman = random.random() < 0.5
    first = faker.first_name_female() if woman else faker.first_name_male()
    last = _last_name(faker)
    postcode, city = random.choice(TOWNS)
    local = f"{fold(first)}.{fold(last)}".replace(" ", "-")
    return EMPTY | {
        "form_of_address": "Frau" if woman else "Herr",
        "title": random.choice(TITLES),
        "first_name": first,
        "last_name": last,
        "birth_date": today - timedelta(days=random.randrange(19 * 365, 90 * 365)),
        "street": f"{random.choice(STREETS)} {random.randrange(1, 180)}",
        "postcode": postcode,
        "city": city,
        "phone": numbers.landline(random) if random.random() < 0.4 else "",
        "sms": numbers.mobile(random) if random.random() < 0.7 else "",
        "email": f"{local}{random.randrange(10_000)}@{random.choice(DOMAINS)}" if random.random() < 0.8 else "",
    }


def _last_name(faker: Faker) -> str:
    """One word: Faker also knows some that read like a mistake in the demo ("Koch II", "Dussen van")."""
    while " " in (name := faker.last_name()):
        pass
    return name


def _row(person: int, fields: dict[str, Any], columns: dict[str, Any], now: datetime) -> dict[str, Any]:
    blocked = fields.get("blocked", False)
    kept = {name: value for name, value in fields.items() if name not in NO_COLUMNS}
    return kept | columns | {
        "id": person, "mobile": fields["mobile"] or fields["sms"], "mobile_e164": columns["mobile_e164"] or columns["sms_e164"],
        "letter_salutation": "", "note": "",
        "blocked_at": now if blocked else None, "blocked_reason": "wünscht keinen Kontakt" if blocked else "",
        "archived_at": now if fields.get("archived") else None, "converted_to_id": 1 if fields.get("converted") else None,
        "created_at": now, "updated_at": now, "version": 1,
    }  # fmt: skip


def _consents(
    random: Random, person: int, fields: dict[str, Any], columns: dict[str, Any], now: datetime
) -> Iterator[dict[str, Any]]:
    targets = {Channel.EMAIL: columns["email_normalized"], Channel.SMS: columns["sms_e164"], Channel.LETTER: ""}
    for channel, target in targets.items():
        default = "yes" if person <= len(EDGE_PEOPLE) else random.choice(STATUSES)
        status = fields.get("consent", default)
        if status is None or (channel is not Channel.LETTER and not target):
            continue
        if fields.get("old_address"):
            target = FORMER[channel]
        for purpose in fields.get("purposes", COVERED):
            yield _entry(person, channel, purpose, status, target, now - timedelta(days=200))
            if "revoked_days_ago" in fields:
                gone = now - timedelta(days=fields["revoked_days_ago"])
                yield _entry(person, channel, purpose, ConsentStatus.REVOKED, target, gone)


def _entry(person: int, channel: str, purpose: str, status: str, target: str, at: datetime) -> dict[str, Any]:
    return {
        "person_id": person, "channel": channel, "purpose": purpose, "status": status, "target": target,
        "source": ConsentSource.FORM, "proof": "Aufnahmebogen", "given_on": at.date(), "recorded_at": at,
    }  # fmt: skip
