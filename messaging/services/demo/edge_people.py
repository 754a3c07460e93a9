"""People who show what goes wrong: titles, long names, shared addresses, missing and faulty data.

Each proves a rule on the screen.
"""

from __future__ import annotations

from datetime import date
from typing import Any

#: `consent` is the status for every channel and every one of `purposes` (appointment and information, if not said); None means that
#: nobody ever asked. `revoked_days_ago`: allowed once, withdrawn then. `age`: so old today. `converted`: became the first patient.
#: `old_address`: what was said holds for an e-mail address and a number of before.
Edge = dict[str, Any]

STREET = {"street": "Königsbrücker Ring 12", "postcode": "01099", "city": "Dresden"}

_WITH_APPOINTMENTS: tuple[Edge, ...] = (
    {"form_of_address": "Herr", "title": "Dr.", "first_name": "Jörg", "last_name": "Müßig", "email": "joerg.muessig@example.org", "sms": "0171 3920001", **STREET},
    {"form_of_address": "Frau", "title": "Prof. Dr.", "first_name": "Ute", "last_name": "Groß", "email": "gross@example.org", "sms": "0171 3920002", **STREET},
    {"form_of_address": "Herr", "first_name": "Jens", "last_name": "Groß", "email": "gross@example.org", "consent": "no", **STREET},
    {"form_of_address": "Herr", "title": "Dipl.-Ing. (FH)", "first_name": "Kai", "last_name": "Öhme", "email": "kai.oehme@example.com", **STREET},
    {"form_of_address": "Frau", "title": "M.Sc.", "first_name": "Cornelia", "last_name": "Weiß", "email": "cornelia.weiss@example.com", **STREET},
    {"form_of_address": "Frau", "title": "Freifrau", "first_name": "Eva", "name_prefix": "von und zu", "last_name": "Berg-Lüttichau", "email": "eva.berg-luettichau@example.net", "sms": "0176 04069003",
     "street": "Straße der sehr ausführlichen Vorlagen 117", "address_extra": "Hinterhaus, 3. Obergeschoss links", "postcode": "01307", "city": "Dresden"},
    {"form_of_address": "divers", "first_name": "Alex", "last_name": "Winter", "email": "alex.winter@example.org", **STREET},
    {"last_name": "Kim", "email": "kim@example.net", **STREET},
    {"form_of_address": "Frau", "first_name": "Mia", "last_name": "Schulz", "age": 7, "guardian": "Frau Jana Schulz", "email": "jana.schulz@example.org", "sms": "0171 3920007", **STREET},
    {"form_of_address": "Herr", "first_name": "Tom", "last_name": "Schulz", "age": 7, "guardian": "Frau Jana Schulz", "email": "jana.schulz@example.org", "sms": "0171 3920007", **STREET},
    {"form_of_address": "Frau", "first_name": "Ayşe", "last_name": "Yıldız", "email": "ayse.yildiz@example.com", "sms": "0176 04069011", **STREET},
    {"form_of_address": "Herr", "first_name": "Mehmet", "last_name": "Çelik", "email": "mehmet.celik@example.com", "sms": "0176 04069012", **STREET},
    {"form_of_address": "Herr", "first_name": "Đorđe", "last_name": "Petrović", "email": "djordje.petrovic@example.org", **STREET},
    {"form_of_address": "Herr", "first_name": "François", "last_name": "Girard", "email": "francois.girard@example.net", "street": "Musterweg 3", "postcode": "1010", "city": "Wien", "country": "Österreich"},
    {"form_of_address": "Frau", "first_name": "Käthe", "last_name": "Süß", "email": "kaethe.suess@example.org", "age": 100, **STREET},
    {"form_of_address": "Herr", "first_name": "Ronny", "last_name": "Zschoche", "email": "ronny.zschoche@example.org", "deceased": True, **STREET},
    {"form_of_address": "Frau", "first_name": "Mandy", "last_name": "Krüger", "email": "mandy.krueger@example.org", "consent": "revoked", **STREET},
    {"form_of_address": "Herr", "first_name": "Heiko", "last_name": "Böhme", "email": "heiko.boehme@example.org", "sms": "0171 3920034", "old_address": True, **STREET},
    {"form_of_address": "Frau", "first_name": "Zofia", "last_name": "Wójcik", "email": "zofia.wojcik@@example.org", **STREET},
    {"form_of_address": "Frau", "first_name": "Olga", "last_name": "Schäfer", "phone": "030 23125042", **STREET},
    {"form_of_address": "Herr", "first_name": "Kurt", "last_name": "O'Neill & <b>Söhne</b>", "email": "kurt.oneill@example.org", **STREET},
    {"form_of_address": "Frau", "first_name": "%datum%", "last_name": "{{7*7}}", "email": "makro@example.org", **STREET},
    {"form_of_address": "Herr", "first_name": "=SUM(A1)", "last_name": "Tabelle", "email": "tabelle@example.org", **STREET},
    {"form_of_address": "Frau", "first_name": "Berta", "last_name": "Blockiert", "email": "berta.blockiert@example.org", "blocked": True, **STREET},
    {"form_of_address": "Frau", "first_name": "Ines", "last_name": "Ungefragt", "email": "ines.ungefragt@example.org", "sms": "0171 3920030", "consent": None, **STREET},
    {"form_of_address": "Herr", "first_name": "Nils", "last_name": "Nurtermin", "email": "nils.nurtermin@example.org", "consent": "yes", "purposes": ("appointment",), **STREET},
    {"form_of_address": "Frau", "first_name": "Wilma", "last_name": "Widerruf", "email": "wilma.widerruf@example.org", "revoked_days_ago": 1, **STREET},
    {"form_of_address": "Herr", "first_name": "Falk", "last_name": "Feldfalsch", "email": "falk.feldfalsch@example.org", "phone": "0171 3920031", **STREET},
    {"form_of_address": "Frau", "first_name": "Zita", "last_name": "Zweihandy", "email": "zita.zweihandy@example.org", "mobile": "0171 3920032", "sms": "0171 3920033", **STREET},
    {"form_of_address": "Herr", "first_name": "Otto", "last_name": "Ohneplz", "email": "otto.ohneplz@example.org", "street": "Musterweg 7", "city": "Dresden"},
    {"form_of_address": "Frau", "first_name": "Nele", "last_name": "Nullweg", "email": "nele.nullweg@example.org", "street": "Musterweg 8", "postcode": "1067", "city": "Dresden"},
    {"form_of_address": "Herr", "first_name": "Udo", "last_name": "Untermieter", "email": "udo.untermieter@example.org", "address_extra": "c/o Familie Probe", **STREET},
    {"form_of_address": "Frau", "first_name": "Lia", "last_name": "Langadresse", "email": "lia.langadresse@example.org", "address_extra": "Hinterhaus\nAufgang C\n3. Obergeschoss", **STREET},
    {"form_of_address": "Herr", "first_name": "Sven", "last_name": "Schalttag", "email": "sven.schalttag@example.org", "birth_date": date(1996, 2, 29), **STREET},
    {"form_of_address": "Frau", "first_name": "Greta", "last_name": "Heute", "email": "greta.heute@example.org", "age": 40, **STREET},
)  # fmt: skip

#: Whose addresses the sandbox treats badly on purpose (sandbox.smtp_server). They have no appointments, so that a day's
#: reminders all arrive unless somebody wants to see what goes wrong.
_TREATED_BADLY: tuple[Edge, ...] = (
    {"form_of_address": "Herr", "first_name": "Rolf", "last_name": "Abgelehnt", "email": "rolf@abgelehnt.invalid", **STREET},
    {"form_of_address": "Frau", "first_name": "Lena", "last_name": "Später", "email": "lena@spaeter.invalid", **STREET},
    {"form_of_address": "Herr", "first_name": "Uwe", "last_name": "Unklar", "email": "uwe@abbruch.invalid", **STREET},
    {"form_of_address": "Frau", "first_name": "Sabine", "last_name": "Langsam", "email": "sabine@langsam.invalid", **STREET},
)  # fmt: skip

#: Nobody writes to them any more.
_PUT_AWAY: tuple[Edge, ...] = (
    {"form_of_address": "Frau", "first_name": "Anita", "last_name": "Archiviert", "email": "anita.archiviert@example.org", "archived": True, **STREET},
)  # fmt: skip

EDGE_PEOPLE = _WITH_APPOINTMENTS + _TREATED_BADLY + _PUT_AWAY
#: Prospects: one who became the first patient, and one who is a patient too, under the same address.
EDGE_PROSPECTS: tuple[Edge, ...] = (
    {"form_of_address": "Herr", "title": "Dr.", "first_name": "Jörg", "last_name": "Müßig", "email": "joerg.muessig@example.org", "converted": True, **STREET},
    {"form_of_address": "divers", "first_name": "Alex", "last_name": "Winter", "email": "alex.winter@example.org", **STREET},
)  # fmt: skip
#: How many of them, from the first, have appointments.
WITH_APPOINTMENTS = len(_WITH_APPOINTMENTS)
