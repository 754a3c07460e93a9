"""Names of columns that practice programs use, and those that are never read."""

import pytest

from messaging.importers import columns

SAMPLE = [
    *(
        "Pat-Nr",
        "Anrede",
        "Titel",
        "Vorname",
        "Nachname",
        "Geburtsdatum",
        "Straße",
        "PLZ",
        "Ort",
        "Land",
        "Telefon",
        "Mobil",
        "SMS",
    ),
    *("E-Mail", "Kasse", "Beruf", "Kontakt SMS", "Kontakt Mail", "Kontakt Post", "verstorben", "Bemerkung"),
]


def test_an_export_of_patients_is_recognised_without_insurance_and_profession():
    found = columns.recognise(SAMPLE, "patients")

    assert [SAMPLE[position] for position in range(len(SAMPLE)) if position not in found] == ["Kasse", "Beruf"]
    assert columns.missing_fields(found.values(), "patients") == []


@pytest.mark.parametrize(
    ("name", "kind", "field"),
    [
        ("PAT.NR.", "patients", "number"),
        ("Patientennr", "patients", "number"),
        ("Nr", "prospects", "number"),
        ("Pat-Nr", "prospects", None),  # a list of patients must not become prospects unasked
        ("STRASSE", "patients", "street"),
        ("Strasse/Nr", "patients", "street"),
        ("Geb.-Datum", "patients", "birth_date"),
        ("geb. am", "patients", "birth_date"),
        ("eMail", "patients", "email"),
        ("E-Mail Adresse", "patients", "email"),
        ("Handy-Nr.", "patients", "mobile"),
        ("Kontakt E-Mail", "patients", "consent_email"),
        ("SMS", "patients", "sms"),
        ("SMS erlaubt", "patients", "consent_sms"),
        ("Name", "patients", "last_name"),
        ("Pat-Nr", "appointments", "person_number"),
        ("Termin-Nr", "appointments", "number"),
        ("Beginn", "appointments", "time"),
        ("Terminart", "appointments", "type"),
        ("Behandler", "appointments", "practitioner"),
        ("Ort", "appointments", "location"),
        ("Ort", "patients", "city"),
        ("Haarfarbe", "patients", None),
    ],
)
def test_the_name_of_a_column_tells_its_field(name, kind, field):
    assert columns.recognise([name], kind).get(0) == field


@pytest.mark.parametrize(
    "name",
    [
        "Kasse",
        "Krankenkasse",
        "Versicherten-Nr.",
        "Beruf",
        "Diagnose",
        "Dauerdiagnosen",
        "ICD-10",
        "Anamnese",
        "Therapie",
        "Behandlung",
        "Medikation",
        "Überweiser",
        "Kostenträger",
        "IBAN",
        "Grund",
        "Tätigkeit",
        "Allergien",
    ],
)
@pytest.mark.parametrize("kind", columns.KINDS)
def test_insurance_profession_and_treatment_are_never_read(name, kind):
    assert columns.is_private(name, kind)
    assert columns.recognise([name], kind) == {}


@pytest.mark.parametrize(
    "field", [field for fields in columns.FIELDS.values() for field in fields], ids=lambda field: field.label
)
def test_no_name_of_a_field_counts_as_private_and_every_name_is_its_own(field):
    kind = next(kind for kind, fields in columns.FIELDS.items() if field in fields)

    for name in field.column_names:
        assert not columns.is_private(name, kind)
        assert columns.recognise([name], kind) == {0: field.name}


def test_of_two_columns_for_one_field_the_first_counts():
    assert columns.recognise(["Telefon", "Tel. privat", "Nachname"], "patients") == {0: "phone", 2: "last_name"}


@pytest.mark.parametrize(
    ("head", "chosen", "other"),
    [
        (["Termin-Nr", "Pat-Nr", "Datum", "Uhrzeit"], "patients", "appointments"),
        (["Pat-Nr", "Nachname"], "appointments", "patients"),
        (["Pat-Nr", "Nachname"], "patients", None),
        (["Pat-Nr", "Nachname"], "prospects", "patients"),
        (["Nr", "Nachname", "Quelle"], "patients", None),  # a guess, and no reason to refuse
        (["Int-Nr", "Nachname"], "patients", "prospects"),
        (["Interessenten-Nr", "Nachname", "Quelle"], "patients", "prospects"),
        (["Nr", "Nachname", "Quelle"], "prospects", None),
        (["Nr", "Nachname"], "patients", None),  # nothing tells them apart: the user knows
        (["Pat-Nr", "Nachname", "Quelle"], "patients", None),  # patients too were told of the practice by somebody
        (["Int-Nr", "Pat-Nr", "Nachname"], "prospects", None),
        (["A", "B"], "patients", None),
    ],
)
def test_a_file_of_another_kind_is_noticed(head, chosen, other):
    assert columns.likely_kind(head, chosen) == other


@pytest.mark.parametrize(
    ("head", "chosen", "other"),
    [
        (["Nr.", "Name", "Vorname", "Geb.-Datum", "E-Mail", "Herkunft"], "patients", "prospects"),
        (["ID", "Nachname", "Aufmerksam durch"], "patients", "prospects"),
        (["Nr", "Nachname", "Quelle"], "prospects", None),
        (["Nr", "Nachname"], "patients", None),
        (["Pat-Nr", "Nachname", "Quelle"], "patients", None),  # patients too were told of the practice by somebody
        (["Nachname", "Quelle"], "patients", None),  # the number that is missing comes first
        (["Int-Nr", "Nachname", "Quelle"], "patients", None),  # no guess: this one is refused
        (["Nr", "Pat-Nr", "Datum", "Uhrzeit", "Quelle"], "appointments", None),
    ],
)
def test_a_file_that_may_be_prospects_is_noticed(head, chosen, other):
    assert columns.doubtful_kind(head, chosen) == other


@pytest.mark.parametrize(
    ("kind", "fields", "missing"),
    [
        ("patients", [], ["Patientennummer", "Nachname"]),
        ("prospects", ["last_name"], ["Interessentennummer"]),
        ("appointments", ["number", "person_number", "day"], ["Uhrzeit"]),
        ("appointments", ["number", "person_number", "starts"], []),
        ("appointments", ["starts"], ["Terminnummer", "Patientennummer"]),
    ],
)
def test_fields_without_which_no_row_can_be_read(kind, fields, missing):
    assert columns.missing_fields(fields, kind) == missing
