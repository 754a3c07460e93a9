"""Where the workers connect to: every active account's server. The web server itself connects to nothing outside."""

from __future__ import annotations

from sqlalchemy import select

from messaging.models import MailAccount, db


def targets() -> list[tuple[str, int, str]]:
    """(host, port, what for), each once, in order of host and port."""
    rows = db.session.execute(select(MailAccount.host, MailAccount.port).where(MailAccount.active).distinct())
    return sorted((host, port, "E-Mail") for host, port in rows)
