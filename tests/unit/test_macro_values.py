from datetime import UTC, date, datetime

import pytest

from messaging.domain.facts import AppointmentFacts, PersonFacts, PracticeFacts
from messaging.domain.macro_catalogue import MACROS
from messaging.domain.macro_values import values_for
from messaging.domain.macros import UnfilledMacro, parse

NOW = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)  # already 22 November in Berlin
ANNA = PersonFacts(
    id=1,
    form_of_address="Frau",
    title="Prof. Dr.",
    first_name="Anna",
    name_prefix="von",
    last_name="Groß",
    street=" Musterweg 12 ",
    postcode="01067",
    city="Dresden",
    email=" Anna@Example.org ",
    email_normalized="Anna@example.org",
    mobile_e164="+491713920001",
)
VISIT = AppointmentFacts(
    id=7,
    starts_at=datetime(2026, 11, 23, 7, 0, tzinfo=UTC),
    type="Vorsorge",
    practitioner="Dr. Anke Beispiel",
    location="Raum 1",
)
PRACTICE = PracticeFacts(name="Praxis am Musterweg", phone="030 23125000", street="Musterweg 1", postcode="01067", city="Dresden")


def test_every_macro_of_the_catalogue_has_its_value():
    assert values_for(ANNA, VISIT, PRACTICE, "<p>Ihr Team</p>", NOW) == {
        "Briefanrede": "Sehr geehrte Frau Professorin von Groß,",
        "Anrede": "Frau",
        "Titel": "Prof. Dr.",
        "Vorname": "Anna",
        "Nachname": "von Groß",
        "Name": "Prof. Dr. Anna von Groß",
        "Email": "Anna@example.org",
        "Mobilnummer": "0171 3920001",
        "Anschrift": "Frau\nProf. Dr. Anna von Groß\nMusterweg 12\n01067 Dresden",
        "Strasse": "Musterweg 12",
        "PLZ": "01067",
        "Ort": "Dresden",
        "Land": "Deutschland",
        "Termindatum": "23.11.2026",
        "Terminuhrzeit": "08:00",
        "Terminwochentag": "Montag",
        "Terminart": "Vorsorge",
        "Behandler": "Dr. Anke Beispiel",
        "Terminort": "Raum 1",
        "Praxisname": "Praxis am Musterweg",
        "Praxistelefon": "030 23125000",
        "Praxisanschrift": "Musterweg 1, 01067 Dresden",
        "Heute": "22.11.2026",
        "Signatur": "<p>Ihr Team</p>",
    }


@pytest.mark.parametrize(
    ("starts_at", "written"),
    [
        (datetime(2025, 3, 29, 23, 0, tzinfo=UTC), "Sonntag 30.03.2025 00:00"),
        (datetime(2025, 3, 30, 1, 30, tzinfo=UTC), "Sonntag 30.03.2025 03:30"),  # 02:30 does not exist on this day
        (datetime(2025, 10, 26, 0, 30, tzinfo=UTC), "Sonntag 26.10.2025 02:30"),
        (datetime(2025, 10, 26, 1, 30, tzinfo=UTC), "Sonntag 26.10.2025 02:30"),  # the second time
        (datetime(2025, 10, 26, 22, 45, tzinfo=UTC), "Sonntag 26.10.2025 23:45"),
        (datetime(2026, 7, 1, 6, 5, tzinfo=UTC), "Mittwoch 01.07.2026 08:05"),
    ],
)
def test_appointments_are_told_in_local_time(starts_at, written):
    values = values_for(ANNA, AppointmentFacts(id=1, starts_at=starts_at), PRACTICE, "", NOW)

    assert parse("{{Wochentag}} %datum% %uhrzeit%").fill(values) == written


def test_without_an_appointment_its_macros_are_empty():
    values = values_for(ANNA, None, PRACTICE, "", NOW)

    assert parse("{{Terminart}} %datum% {{Name}}").empty_macros(values) == ("Terminart", "Termindatum")


def test_people_of_whom_nothing_is_known_have_empty_values_and_no_gaps():
    values = values_for(PersonFacts(id=1), None, PracticeFacts(), "", NOW)

    assert values["Briefanrede"] == "Sehr geehrte Damen und Herren,"
    assert {name for name, value in values.items() if value} == {"Briefanrede", "Land", "Heute"}


def test_a_child_is_written_to_through_its_parents():
    mia = PersonFacts(id=1, first_name="Mia", last_name="Schulz", birth_date=date(2019, 3, 14), guardian="Frau Jana Schulz")

    values = values_for(mia, None, PRACTICE, "", NOW)

    assert (values["Briefanrede"], values["Name"]) == ("Sehr geehrte Frau Schulz,", "Mia Schulz")


def test_a_practice_chooses_how_professors_are_greeted():
    short = PracticeFacts(professor_form="short")

    assert values_for(ANNA, None, short, "", NOW)["Briefanrede"] == "Sehr geehrte Frau Prof. Dr. von Groß,"


@pytest.mark.parametrize("channel", ["email", "sms", "letter"])
def test_a_channel_gets_only_the_values_it_may_carry(channel):
    values = values_for(ANNA, VISIT, PRACTICE, "", NOW, channel)

    assert set(values) == {macro.name for macro in MACROS if macro.exported_to(channel)}


def test_a_text_with_a_macro_of_another_channel_cannot_be_filled():
    values = values_for(ANNA, VISIT, PRACTICE, "", NOW, "sms")

    with pytest.raises(UnfilledMacro):
        parse("{{Anschrift}}").fill(values)


def test_only_the_values_that_are_needed_are_made():
    assert values_for(ANNA, None, PRACTICE, "", NOW, names=("Vorname", "Ort")) == {"Vorname": "Anna", "Ort": "Dresden"}
    assert values_for(ANNA, None, PRACTICE, "", NOW, "email", names=("Vorname", "Ort")) == {"Vorname": "Anna"}
