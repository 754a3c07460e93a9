import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.domain.sms_text import Replacement, check_sms, clean, costly_signs, measure, split_segments


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments"),
    [
        ("", "gsm7", 0, 0),
        ("a", "gsm7", 1, 1),
        ("ä" * 160, "gsm7", 160, 1),
        ("a" * 161, "gsm7", 161, 2),
        ("a" * 306, "gsm7", 306, 2),
        ("a" * 307, "gsm7", 307, 3),
        ("a" * 918, "gsm7", 918, 6),
        ("€" * 80, "gsm7", 160, 1),
        ("€" * 81, "gsm7", 162, 2),
        ("^" * 153, "gsm7", 306, 3),  # 76 pairs fit into a part, not 76.5
        ("a" * 152 + "€" + "a" * 152, "gsm7", 306, 3),
        ("ş" * 70, "ucs2", 70, 1),
        ("ş" * 71, "ucs2", 71, 2),
        ("ş" * 134, "ucs2", 134, 2),
        ("ş" * 135, "ucs2", 135, 3),
        ("🙂" * 35, "ucs2", 70, 1),
        ("🙂" * 36, "ucs2", 72, 2),
        ("ş" * 66 + "🙂" + "ş" * 66, "ucs2", 134, 3),
        ("ş{", "ucs2", 2, 1),  # braces count double in GSM-7 only
        ("a\nb\r\n", "gsm7", 5, 1),
        ("u\u0308", "gsm7", 1, 1),  # a decomposed umlaut is composed first
        ("Guten Tag René Straßburger, Mehmet Çelik", "gsm7", 40, 1),
        ("ÄÖÜäöüß èéùìò ñÑ ÇÉÅåØøÆæ §@£¥¿¡ ΔΦΓΛΩΠΨΣΘΞ ¤$_", "gsm7", 47, 1),
    ],
)
def test_a_text_is_counted_as_the_network_does(text, encoding, units, segments):
    assert check_sms(text) == {"encoding": encoding, "units": units, "segments": segments}


@pytest.mark.parametrize("sign", "ẞçáóëşğıłčćđ„“‚‘’–…`°\t\u00a0Ґ")
def test_signs_outside_the_alphabet_turn_the_message_into_ucs2(sign):
    assert measure("Termin " + sign).encoding == "ucs2"
    assert costly_signs(f"a{sign}b{sign}") == (sign,)


@pytest.mark.parametrize("name", ["Đorđe Petrović", "Ayşe Yıldız", "Nguyễn Thị Lan", "Zofia Wójcik", "François Girard", "Zoë"])
def test_some_names_cost_more_and_are_never_changed(name):
    assert clean(name).text == name
    assert measure(name).encoding == "ucs2"


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("„Praxis“ – Dr. O’Neill…", '"Praxis" - Dr. O\'Neill...'),
        ("8:00\u00a0Uhr\u200b", "8:00 Uhr"),
        ("a\tb", "a b"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("Guten Tag  Groß ,\n\n\n\nIhr Termin .", "Guten Tag Groß,\n\nIhr Termin."),
        ("ab ... und .de", "ab ... und .de"),
        ("  a  \n  b  ", "a\nb"),
        ("u\u0308", "ü"),
        ("ẞ ° ç", "ẞ ° ç"),
    ],
)
def test_typography_becomes_plain_and_gaps_are_closed(typed, sent):
    assert clean(typed).text == sent


def test_cleaning_tells_what_it_replaced():
    assert clean("„a“ – „b“").replacements == (Replacement("„", '"', 2), Replacement("“", '"', 2), Replacement("–", "-", 1))
    assert clean("a  ä ß €").replacements == ()


SIGNS = st.text(alphabet=st.one_of(st.sampled_from("a€^{ü"), st.characters(codec="utf-8")), max_size=700)
GSM_SIGNS = st.text(alphabet="aäß€^{}[]|~\\ \n", max_size=700)


@given(st.one_of(SIGNS, GSM_SIGNS))
def test_parts_join_to_the_text_and_no_pair_is_cut(text):
    parts = split_segments(text)
    measured = measure(text)

    assert "".join(parts) == unicodedata.normalize("NFC", text)
    assert len(parts) == measured.segments
    assert all(parts)
    if len(parts) > 1:
        limit = 153 if measured.encoding == "gsm7" else 67
        sizes = [_units(part, measured.encoding) for part in parts]
        assert sum(sizes) == measured.units
        assert all(limit - 1 <= size <= limit for size in sizes[:-1])


def _units(part: str, encoding: str) -> int:
    """An independent count: septets by the table of the standard, UTF-16 by encoding it."""
    return sum(2 if sign in "\f^{}\\[~]|€" else 1 for sign in part) if encoding == "gsm7" else len(part.encode("utf-16-le")) // 2


@given(SIGNS)
def test_cleaning_twice_changes_nothing_and_keeps_every_letter(text):
    cleaned = clean(text).text

    assert clean(cleaned).text == cleaned
    letters = [sign for sign in unicodedata.normalize("NFC", text) if unicodedata.category(sign).startswith("L")]
    assert letters == [sign for sign in cleaned if unicodedata.category(sign).startswith("L")]
