"""The demo practice as a whole: made once in an empty database; its accounts follow the sandbox's port at every start."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update

from messaging.domain.words import Role, TlsMode
from messaging.models import MailAccount, Person, Practice, Signature, User, db, write_transaction
from messaging.models.vault import vault
from messaging.services import message_templates, passwords
from messaging.services.demo import appointments, people

LOGIN, PASSWORD = "empfang", "praxispost-demo"
HOUR_LIMIT = 250
#: The sandbox listens on loopback only.
SANDBOX_HOST = "127.0.0.1"


def is_empty() -> bool:
    """Whether the database holds nobody yet."""
    return not db.session.scalar(select(func.count()).select_from(Person)) and db.session.get(Practice, 1) is None


def is_demo() -> bool:
    practice = db.session.get(Practice, 1)
    return practice is not None and practice.is_demo


def fill(now: datetime, smtp_port: int) -> None:
    """Everything in one transaction: a demo practice is whole or not there."""
    password_hash = passwords.hashed(PASSWORD)
    with write_transaction() as session:
        session.add(Practice(id=1, name="Praxis am Probierstein", phone="030 23125000", street="Am Probierstein 1", postcode="01067",
                             city="Dresden", is_demo=True))  # fmt: skip
        session.add_all(
            User(name=name, display_name=shown, role=role, password_hash=password_hash, created_at=now)
            for name, shown, role in (
                (LOGIN, "Empfang", Role.STAFF),
                ("leitung", "Praxisleitung", Role.MANAGER),
                ("admin", "Administration", Role.ADMIN),
                ("lesen", "Nur lesen", Role.READER),
            )
        )
        people.fill(session, now)
        appointments.fill(session, now)
        session.add_all(_accounts(now, smtp_port))
        session.add(
            Signature(
                name="Praxis",
                body="<div>Freundliche Grüße<br>Ihr Team der {{Praxisname}}<br>Telefon {{Praxistelefon}}</div>",
                updated_at=now,
            )
        )
    message_templates.take_examples(db.session.scalars(select(User.id).where(User.name == "admin")).one(), now)


def _accounts(now: datetime, port: int) -> list[MailAccount]:
    shared = {"host": SANDBOX_HOST, "port": port, "tls_mode": TlsMode.NONE, "updated_at": now,
              "password_encrypted": vault().encrypt("geheim")}  # fmt: skip
    return [
        MailAccount(name="Praxis (Testausgang)", sender_name="Praxis am Probierstein", sender_address="praxis@example.org",
                    username="praxis", **shared),
        MailAccount(name="Mit Limits (Testausgang)", sender_name="Praxis am Probierstein", sender_address="info@example.org",
                    username="limit20", per_hour=HOUR_LIMIT, per_connection=20, **shared),
    ]  # fmt: skip


def follow_port(smtp_port: int) -> None:
    """The sandbox listens beside the web port, which may differ from last time."""
    with write_transaction() as session:
        on_sandbox = (MailAccount.host == SANDBOX_HOST, MailAccount.tls_mode == TlsMode.NONE, MailAccount.port != smtp_port)
        session.execute(update(MailAccount).where(*on_sandbox).values(port=smtp_port))
