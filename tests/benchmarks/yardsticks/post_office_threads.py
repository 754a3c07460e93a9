"""Yardstick: django-post_office with five threads sends COUNT queued multipart mails from SQLite. Prints the seconds it took.
seconds it took.

Runs in .venv-bench. The mails are queued before the clock starts.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import django
from django.conf import settings

THREADS = 5


def configure(folder: str, port: int) -> None:
    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "post_office"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(Path(folder) / "post_office.sqlite3"),
                "OPTIONS": {"timeout": 60, "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"},
            }
        },
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=port,
        EMAIL_BACKEND="post_office.EmailBackend",
        POST_OFFICE={
            "BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"},
            "THREADS_PER_PROCESS": THREADS,
            "BATCH_SIZE": 100_000,
            "SENDING_ORDER": ["created"],
            "LOG_LEVEL": 0,
        },
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": False}],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        USE_TZ=True,
    )
    django.setup()


def fill_queue(count: int) -> None:
    from post_office import mail

    line = "wir möchten Sie an Ihren Termin erinnern."
    mail.send_many(
        [
            {
                "sender": "Praxis Müßig <praxis@example.org>",
                "recipients": [f"Person {n} <person{n}@example.org>"],
                "subject": f"Ihr Termin, Person {n}",
                "message": f"Guten Tag Person {n},\n\n" + f"{line}\n" * 12,
                "html_message": f"<div>Guten Tag Person {n},<br><br>" + f"{line}<br>" * 12 + "</div>",
            }
            for n in range(count)
        ]
    )


def main() -> None:
    port, count = int(sys.argv[1]), int(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        configure(folder, port)
        from django.core.management import call_command
        from post_office.mail import get_queued, send_queued

        call_command("migrate", verbosity=0)
        fill_queue(count)
        start = time.perf_counter()
        while get_queued().exists():
            send_queued(processes=1)
        print(time.perf_counter() - start)


if __name__ == "__main__":
    main()
