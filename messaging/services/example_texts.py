"""Example texts that a practice can take over as its own templates. Neutral: neither subject nor text tells a speciality.

Reminders name day and time and nothing else; what the practice must fill in stands in square brackets. Texts that could count
as advertising say how to object (§ 7 UWG, Art. 21 DSGVO).
"""

from __future__ import annotations

from typing import NamedTuple

from messaging.domain.draft_text import lines_to_html
from messaging.domain.words import Channel, Purpose


class Example(NamedTuple):
    """One text; the fields are those of `message_templates.TypedTemplate`, `body` is HTML."""

    name: str
    channel: str
    purpose: str
    subject: str
    body: str


def _text(name: str, purpose: Purpose, subject: str, lines: str) -> Example:
    return Example(name, Channel.EMAIL, purpose, subject, lines_to_html(lines))


_OBJECTION = (
    "Möchten Sie solche Nachrichten nicht mehr bekommen? Eine kurze Antwort oder ein Anruf unter {{Praxistelefon}} genügt."
)

EXAMPLES = (
    _text(
        "Terminerinnerung",
        Purpose.APPOINTMENT,
        "Ihr Termin am {{Termindatum}} um {{Terminuhrzeit}} Uhr",
        """{{Briefanrede}}

wir erinnern Sie an Ihren Termin am {{Terminwochentag}}, dem {{Termindatum}}, um {{Terminuhrzeit}} Uhr.

Passt es Ihnen nicht? Bitte geben Sie uns möglichst früh Bescheid, damit wir den Termin neu vergeben können: {{Praxistelefon}}.

{{{Signatur}}}""",
    ),
    _text(
        "Termin muss verschoben werden",
        Purpose.APPOINTMENT,
        "Bitte um einen neuen Termin",
        """{{Briefanrede}}

Ihr Termin am {{Terminwochentag}}, dem {{Termindatum}}, um {{Terminuhrzeit}} Uhr kann leider nicht stattfinden.

Bitte rufen Sie uns unter {{Praxistelefon}} an. Wir suchen dann gemeinsam einen neuen Termin und bitten um Ihr Verständnis.

{{{Signatur}}}""",
    ),
    _text(
        "Praxis geschlossen (Urlaub)",
        Purpose.INFORMATION,
        "Unsere Praxis ist vom [erster Tag] bis [letzter Tag] geschlossen",
        """{{Briefanrede}}

vom [erster Tag] bis einschließlich [letzter Tag] ist unsere Praxis geschlossen. Ab dem [Tag danach] sind wir wieder für Sie da.

In dringenden Fällen hilft Ihnen der ärztliche Bereitschaftsdienst unter 116117, im Notfall der Rettungsdienst unter 112.

{{{Signatur}}}""",
    ),
    _text(
        "Neue Öffnungszeiten",
        Purpose.INFORMATION,
        "Unsere neuen Öffnungszeiten",
        """{{Briefanrede}}

ab dem [Datum] gelten bei uns neue Öffnungszeiten:

Montag bis Donnerstag: [Uhrzeiten]
Freitag: [Uhrzeiten]

Telefonisch erreichen Sie uns unter {{Praxistelefon}}.

{{{Signatur}}}""",
    ),
    _text(
        "Recall: Zeit für einen neuen Termin",
        Purpose.RECALL,
        "Zeit für einen neuen Termin",
        f"""{{{{Briefanrede}}}}

Sie haben uns gebeten, Sie an Ihren nächsten Termin zu erinnern. Es ist so weit.

Bitte rufen Sie uns unter {{{{Praxistelefon}}}} an, dann finden wir einen Zeitpunkt, der Ihnen passt.

{{{{{{Signatur}}}}}}

{_OBJECTION}""",
    ),
    _text(
        "Geburtstag",
        Purpose.BIRTHDAY,
        "Alles Gute zum Geburtstag",
        f"""{{{{Briefanrede}}}}

zu Ihrem Geburtstag gratulieren wir Ihnen herzlich und wünschen Ihnen ein gutes neues Lebensjahr.

{{{{{{Signatur}}}}}}

{_OBJECTION}""",
    ),
    _text(
        "Einladung zum Infoabend",
        Purpose.INVITATION,
        "Einladung zum Informationsabend am [Datum]",
        f"""{{{{Briefanrede}}}}

am [Datum] um [Uhrzeit] Uhr laden wir Sie zu einem Informationsabend in unsere Räume ein: {{{{Praxisanschrift}}}}.

Der Eintritt ist frei. Bitte melden Sie sich bis zum [Datum] unter {{{{Praxistelefon}}}} an, denn die Plätze sind begrenzt.

{{{{{{Signatur}}}}}}

{_OBJECTION}""",
    ),
)
