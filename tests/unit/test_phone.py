import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.domain.phone import PHONE_PROBLEMS, check_phone, display_phone

MOTHER = "+4915228817386"


@pytest.mark.parametrize(
    ("typed", "e164"),
    [
        ("0152 28817386", MOTHER),
        ("0152/288 173 86", MOTHER),
        ("+49 (0)152 28817386", MOTHER),
        ("+49 0152 28817386", MOTHER),
        ("0049 152 28817386", MOTHER),
        ("0049 (0) 152 28817386", MOTHER),
        ("(0152) 28817386", MOTHER),
        ("(+49) 152 28817386", MOTHER),
        ("+ 49 152 28817386", MOTHER),
        ("0152.28817386", MOTHER),
        ("0152-288-173-86", MOTHER),
        ("  0152 28817386\n", MOTHER),
        ("0152\u00a028817386", MOTHER),  # no-break space from a word processor
        ("\u202a+49 152 28817386\u202c", MOTHER),  # direction marks, as phones copy them
        ("0171 39200 76", "+491713920076"),
        ("0176 040690 24", "+4917604069024"),
        ("0176/040690 24", "+4917604069024"),
        ("0171/39 200 01", "+491713920001"),
        ("0174 9091317", "+491749091317"),
    ],
)
def test_every_usual_way_to_write_a_mobile_number_is_read(typed, e164):
    check = check_phone(typed)

    assert (check.e164, check.kind, check.sms_possible, check.reason, check.repaired) == (e164, "mobile", True, None, None)
    assert check.input == typed


@pytest.mark.parametrize(
    ("typed", "kind", "e164"),
    [
        ("030 23125123", "landline", "+493023125123"),
        ("+49 30 23125-123", "landline", "+493023125123"),
        ("089 99998000", "landline", "+498999998000"),
        ("0180 5 12345", "service", "+49180512345"),
        ("0137 1234567", "service", "+491371234567"),
        ("0900 1123456", "service", "+499001123456"),
        ("0800 1234567", "service", "+498001234567"),
        ("0700 12345678", "service", "+4970012345678"),
        ("0164 1234567", "pager", "+491641234567"),
        ("0168 1234567", "pager", "+491681234567"),
        ("+1 202 555 0123", "other", "+12025550123"),  # the American plan does not say what is a mobile
    ],
)
def test_a_valid_number_that_is_no_mobile_gets_no_sms_and_says_what_it_is(typed, kind, e164):
    check = check_phone(typed)

    assert (check.e164, check.kind, check.sms_possible, check.reason) == (e164, kind, False, kind)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("\u200b", "empty"),
        ("keine", "characters"),
        ("O172 9968532", "characters"),  # the letter O
        ("0172 9968532 (Mutter)", "characters"),
        ("01713920012 privat", "characters"),
        ("0171-FLOWERS", "characters"),
        ("0351/…", "characters"),
        ("0171–3920001", "characters"),
        ("٠١٧١ 3920001", "characters"),  # Arabic digits
        ("0171\t3920001", "characters"),
        ("0171+3920001", "characters"),
        ("()", "characters"),
        ("+", "characters"),
        ("{{7*7}}", "characters"),
        ("4,92E+12", "spreadsheet"),
        ("4.91713920001E+12", "spreadsheet"),
        ("0171 3920001 / 0176 04069001", "two_numbers"),
        ("0171 3920001, 030 23125001", "two_numbers"),
        ("0171 3920001 oder 030 23125001", "two_numbers"),
        ("0171 3920001; 0176 04069001", "two_numbers"),
        ("0171 3920001 0176 04069001", "two_numbers"),
        ("0171 3920001\n0176 04069001", "two_numbers"),
        ("+491713920001/+4917604069001", "two_numbers"),
        ("0171 3920001/2", "two_numbers"),  # read as one it would be 0171 39200012
        ("030 23125123 x12", "extension"),
        ("030 23125123 Durchwahl 12", "extension"),
        ("030 23125123 App. 12", "extension"),
        ("0160 123", "too_short"),
        ("015 123", "too_short"),
        ("110", "too_short"),
        ("116117", "too_short"),
        ("0", "too_short"),
        ("+49", "too_short"),
        ("017639200012345678", "too_long"),
        ("1" * 300, "too_long"),
        ("032 12345678", "invalid"),
        ("0171 99999999999", "invalid"),
    ],
)
def test_what_is_no_number_says_why(typed, reason):
    check = check_phone(typed)

    assert (check.e164, check.kind, check.sms_possible, check.reason) == (None, None, False, reason)


@pytest.mark.parametrize(
    ("typed", "e164", "shown"),
    [
        ("152 28817386", MOTHER, "0152 28817386"),
        ("17604069001", "+4917604069001", "0176 04069001"),
        ("(171) 3920001", "+491713920001", "0171 3920001"),
    ],
)
def test_a_lost_zero_is_put_back_and_shown(typed, e164, shown):
    check = check_phone(typed)

    assert (check.e164, check.sms_possible, check.repaired) == (e164, True, shown)


def test_a_landline_without_its_zero_stays_a_landline():
    check = check_phone("30 23125123")

    assert (check.e164, check.kind, check.repaired) == ("+493023125123", "landline", "030 23125123")


@pytest.mark.parametrize(
    ("typed", "proposal"),
    [("49152 28817386", "+49 152 28817386"), ("4917604069001", "+49 176 04069001"), ("436641234567", "+43 664 1234567")],
)
def test_a_lost_plus_is_proposed_and_never_guessed(typed, proposal):
    check = check_phone(typed)

    assert (check.e164, check.sms_possible, check.reason, check.repaired) == (None, False, "lost_plus", proposal)


def test_a_foreign_mobile_has_its_own_switch():
    allowed, refused = check_phone("+43 664 1234567"), check_phone("+43 664 1234567", allow_foreign=False)

    assert (allowed.e164, allowed.sms_possible, allowed.reason) == ("+436641234567", True, None)
    assert (refused.e164, refused.kind, refused.sms_possible, refused.reason) == ("+436641234567", "mobile", False, "foreign")


def test_the_switch_for_foreign_numbers_leaves_german_ones_alone():
    assert check_phone("0049 152 28817386", allow_foreign=False).sms_possible


def test_the_region_decides_how_a_national_number_is_read():
    assert check_phone("0664 1234567", region="AT").e164 == "+436641234567"


@pytest.mark.parametrize(
    ("e164", "shown"),
    [
        (MOTHER, "0152 28817386"),
        ("+491713920001", "0171 3920001"),
        ("+493023125123", "030 23125123"),
        ("+436641234567", "+43 664 1234567"),
        ("+41446681800", "+41 44 668 18 00"),
        ("", ""),
        ("unbekannt", "unbekannt"),
    ],
)
def test_numbers_are_shown_as_people_write_them(e164, shown):
    assert display_phone(e164) == shown


def test_every_code_has_a_sentence_and_a_cure():
    for code, problem in PHONE_PROBLEMS.items():
        assert problem.code == code
        assert problem.sentence.endswith(".")
        assert problem.cure.startswith("Bitte")


@given(st.one_of(st.text(), st.text(alphabet="0123456789+()-/. xEoder,;", max_size=40)))
def test_no_text_makes_the_check_raise_and_every_refusal_has_a_sentence(text):
    check = check_phone(text)

    assert check.sms_possible == (check.reason is None)
    assert check.reason is None or check.reason in PHONE_PROBLEMS
    assert (check.e164 is None) == (check.kind is None)


@given(st.from_regex(r"(0|\+49|0049)1[567][0-9]{7,10}", fullmatch=True))
def test_a_number_that_is_read_is_read_the_same_when_shown(text):
    check = check_phone(text)

    if check.e164:
        assert check_phone(display_phone(check.e164)).e164 == check.e164
        assert phonenumbers.is_valid_number(phonenumbers.parse(check.e164))
