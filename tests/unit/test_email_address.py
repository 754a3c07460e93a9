import socket

import pytest
from email_validator import SPECIAL_USE_DOMAIN_NAMES
from hypothesis import given
from hypothesis import strategies as st

from messaging.domain.email_address import EMAIL_PROBLEMS, check_email


@pytest.mark.parametrize(
    ("typed", "normalized"),
    [
        ("jana.schulz@example.org", "jana.schulz@example.org"),
        (" maria.muster@example.org ", "maria.muster@example.org"),
        ("Maria.Muster@EXAMPLE.Org", "Maria.Muster@example.org"),  # only the domain is free of case
        ("o'neill+praxis@example.com", "o'neill+praxis@example.com"),
        ("vorname.nachname@gibtsnicht.invalid", "vorname.nachname@gibtsnicht.invalid"),
        ("a@GIBTSNICHT.INVALID", "a@gibtsnicht.invalid"),
        ("empfang@praxis.test", "empfang@praxis.test"),
        ("empfang@server.praxis.local", "empfang@server.praxis.local"),
        ("a@xn--mller-praxis-dlb.example.org", "a@müller-praxis.example.org"),
        ("a@Müller-Praxis.example.org", "a@müller-praxis.example.org"),
    ],
)
def test_a_well_formed_address_is_valid_and_normalized(typed, normalized):
    check = check_email(typed)

    assert (check.input, check.valid, check.normalized, check.reason) == (typed, True, normalized, None)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("keine", "no_at"),
        ("a@@b", "two_at"),
        ("a@b@example.org", "two_at"),
        ("müller@example", "no_dot"),
        ("a@localhost", "no_dot"),
        ("a@example.", "no_dot"),
        ("a@.invalid", "no_dot"),
        ("@example.org", "local_part"),
        ("a..b@example.org", "local_part"),
        (".a@example.org", "local_part"),
        ("a" * 70 + "@example.org", "local_part"),
        ("a@", "domain"),
        ("a@example..org", "domain"),
        ("a@example.org.", "domain"),
        ("a@-example.org", "domain"),
        ("a@exa_mple.org", "domain"),
        ("a@127.0.0.1", "domain"),
        ("a@[127.0.0.1]", "domain"),
        ("a@..invalid", "no_dot"),
        ("a@b..invalid", "domain"),
        ("a@geheim.onion", "domain"),
        ("a b@example.org", "blank"),
        ("a @example.org", "blank"),
        ("a@example.org, b@example.org", "two_addresses"),
        ("a@example.org b@example.org", "two_addresses"),
        ("a@example.org;b@example.org", "two_addresses"),
        ("Max Muster <max@example.org>", "display_name"),
        ('"a b"@example.org', "display_name"),
        ("a@example.org\nBcc: b@example.org", "control"),
        ("a\r\n@example.org", "control"),
        ("a\x00@example.org", "control"),
        ("a\u200b@example.org", "control"),
        ("a@" + "b" * 60 + ("." + "c" * 60) * 4 + ".org", "too_long"),
    ],
)
def test_what_is_no_address_says_why(typed, reason):
    check = check_email(typed)

    assert (check.valid, check.normalized, check.wire, check.reason) == (False, None, None, reason)


def test_an_umlaut_in_the_domain_travels_as_ascii():
    check = check_email("a@müller-praxis.example.org")

    assert (check.wire, check.smtputf8) == ("a@xn--mller-praxis-dlb.example.org", False)


def test_an_umlaut_in_a_house_name_travels_as_ascii():
    assert check_email("a@müller.invalid").wire == "a@xn--mller-kva.invalid"


def test_an_umlaut_before_the_at_sign_is_possible_and_marked():
    check = check_email("jörg@example.org")

    assert (check.valid, check.wire, check.smtputf8) == (True, "jörg@example.org", True)


def test_no_check_asks_the_network_or_changes_the_library(monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    before = list(SPECIAL_USE_DOMAIN_NAMES)

    assert check_email("a@gibtsnicht.invalid").valid
    assert before == SPECIAL_USE_DOMAIN_NAMES


def test_every_code_has_a_sentence_and_a_cure():
    for code, problem in EMAIL_PROBLEMS.items():
        assert problem.code == code
        assert problem.sentence.endswith(".")
        assert problem.cure.startswith("Bitte")


ADDRESS_LIKE = st.text(alphabet="ab.ü@-xn_ \n<>\"'ß。İ", max_size=30)


@given(st.one_of(st.text(), ADDRESS_LIKE, st.builds("{}@{}.invalid".format, ADDRESS_LIKE, ADDRESS_LIKE)))
def test_no_text_makes_the_check_raise_and_the_normal_form_is_stable(text):
    check = check_email(text)

    if check.valid:
        assert check_email(check.normalized).normalized == check.normalized
        assert check_email(check.wire).normalized == check.normalized
        assert not set("\r\n <>") & set(check.wire)
    else:
        assert check.reason in EMAIL_PROBLEMS
