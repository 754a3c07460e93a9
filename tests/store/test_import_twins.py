"""Imports and permission: a yes is for the address that the file names, and no second record gets around a withdrawal."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from messaging.models import Person, db, write_transaction
from messaging.services import consents
from tests.conftest import NOW
from tests.store.imported_files import UTE, counts, entries, person, told


def test_a_yes_of_the_file_does_not_move_to_an_address_that_the_file_does_not_name(bring_in):
    bring_in(UTE)
    with write_transaction() as session:
        ute = session.get_one(Person, person().id)
        ute.email = ute.email_normalized = "neu@example.org"
        ute.sms = ute.sms_e164 = "+491713920099"

    run = bring_in("M1;Ute;Groß;04.12.1975;;;;;ja;ja;;;")

    assert {entry[4] for entry in entries() if entry[0] == "email"} == {"ute@example.org"}
    assert {entry[4] for entry in entries() if entry[0] == "sms"} == {"+491713920001"}
    assert {line[1:] for line in told(run)} == {("Kontakt SMS", "warning"), ("Kontakt Mail", "warning")}

    bring_in("M1;Ute;Groß;04.12.1975;;;neu@example.org;;;ja;;;")

    assert entries()[-1] == ("email", "appointment", "yes", "import", "neu@example.org")


def test_a_yes_where_nothing_was_said_counts_for_the_address_there_is(bring_in):
    bring_in("M1;Ute;Groß;04.12.1975;;;ute@example.org;;;;;;")

    bring_in("M1;Ute;Groß;04.12.1975;;;;;;ja;;;")

    assert entries() == [("email", "appointment", "yes", "import", "ute@example.org")]


@pytest.mark.parametrize(("stored", "read"), [("00012", "12"), ("12", "00012"), ("0012", "12")])
def test_zeros_that_a_spreadsheet_dropped_make_no_second_person(bring_in, stored, read):
    bring_in(f"{stored};Kai;Öhme;01.02.1980;;;kai@example.org;;;nein;;;", "00999;Eva;Lang;03.03.1983;;;;;;;;;")

    run = bring_in(f"{read};Kai;Öhme;01.02.1980;;;kai@example.org;;;ja;;;")

    assert counts(run) == {"rows": 1, "refused": 1}
    assert told(run) == [(2, "Pat-Nr", "refused")]
    assert db.session.scalar(select(func.count()).select_from(Person)) == 2


def test_another_person_may_have_a_number_that_only_looks_the_same(bring_in):
    bring_in("00012;Kai;Öhme;01.02.1980;;;;;;;;;")

    run = bring_in("12;Eva;Lang;03.03.1983;;;;;;;;;")

    assert counts(run) == {"rows": 1, "created": 1}


def test_a_second_number_for_the_same_person_is_pointed_out_and_lifts_no_opt_out(bring_in, make_user):
    bring_in("M1;Ute;Groß;04.12.1975;;;ute@example.org;;;ja;;;")
    consents.withdraw_all(person().id, make_user().id, NOW)

    run = bring_in("M9;ute;gross;04.12.1975;;0171 3920001;ute@example.org;;;ja;;;")

    assert counts(run) == {"rows": 1, "created": 1, "warnings": 2}
    assert {line[1:] for line in told(run)} == {("Kontakt Mail", "warning"), ("Pat-Nr", "warning")}
    assert [entry for entry in entries("M9") if entry[2] == "yes"] == []


def test_a_no_of_the_file_counts_for_the_second_number_too(bring_in):
    bring_in("M1;Ute;Groß;04.12.1975;;;ute@example.org;;;nein;;;")

    bring_in("M9;Ute;Groß;04.12.1975;;;ute@example.org;;;nein;;;")

    assert {entry[2] for entry in entries("M9")} == {"no"}


@pytest.mark.parametrize("row", ["M9;Ute;Groß;;;;;;;;;;", "M9;Ute;Groß;04.12.1976;;;;;;;;;", "M9;Uta;Groß;04.12.1975;;;;;;;;;"])
def test_whoever_is_not_surely_alike_is_somebody_new(bring_in, row):
    bring_in(UTE)

    assert counts(bring_in(row)) == {"rows": 1, "created": 1}
