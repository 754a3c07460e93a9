from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.domain.html_text import LINK_SCHEMES, TAGS, link_complaints, sanitize, to_plain_text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("<div>Guten Tag<br><strong>Frau</strong> <em>Groß</em> <del>x</del></div>", None),
        ("<h1>Titel</h1><ul><li>a</li></ul><ol><li>b</li></ol><blockquote>c</blockquote><pre>d\n e</pre><p>f</p>", None),
        ('<a href="https://example.org/">x</a>', None),
        ('<a href="mailto:a@example.org">x</a><a href="tel:+493023125000">y</a>', None),
        ("<div>{{Briefanrede}} {{{Signatur}}} %datum%</div>", None),
        ("<div>{{7*7}}</div>", None),
        ("<div>a</div><!--block-->", "<div>a</div>"),
        ("<script>alert(1)</script>a<style>b{}</style>", "a"),
        ('<div onclick="x()" style="color:red" class="y" id="z">a</div>', "<div>a</div>"),
        ('<img src="x" onerror="x()">a', "a"),
        ('<a href="javascript:x()">a</a>', "<a>a</a>"),
        ('<a href="data:text/html,x">a</a>', "<a>a</a>"),
        ('<a href="/admin">a</a><a href="//example.org">b</a>', "<a>a</a><a>b</a>"),
        ('<a href="https://example.org" target="_blank" onmouseover="x()">a</a>', '<a href="https://example.org">a</a>'),
        ('<figure data-trix-attachment="{}"><figcaption>bild.jpg</figcaption></figure>', "bild.jpg"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("<div>offen", "<div>offen</div>"),
        ("", ""),
    ],
)
def test_only_what_the_editor_makes_stays(typed, kept):
    assert sanitize(typed) == (typed if kept is None else kept)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (
            "<div>Guten Tag,<br><br>Ihr <strong>Termin</strong>&nbsp; ist<br>morgen.</div>",
            "Guten Tag,\n\nIhr Termin ist\nmorgen.",
        ),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<div>a<br><br><br><br>b</div>", "a\n\nb"),
        ("<h1>Titel</h1><div>Text</div>", "Titel\n\nText"),
        ("<div>Bitte:</div><ul><li>Karte</li><li>Brille</li></ul><div>Danke</div>", "Bitte:\n\n- Karte\n- Brille\n\nDanke"),
        ("<ol><li>eins</li><li>zwei</li></ol>", "1. eins\n2. zwei"),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c<br>d</li></ul>", "- a\n  - b\n- c\n  d"),
        ("<blockquote>a<br>b</blockquote>c", "> a\n> b\n\nc"),
        ("<pre>a\n  b\n\nc</pre>", "a\n  b\n\nc"),
        ('<div>Siehe <a href="https://example.org/x">hier</a>.</div>', "Siehe hier (https://example.org/x)."),
        ('<a href="https://example.org/">example.org</a>', "example.org"),
        ('<a href="https://example.org">https://example.org</a>', "https://example.org"),
        ('<a href="mailto:a@example.org">a@example.org</a>', "a@example.org"),
        ('<a href="mailto:a@example.org">Mail</a> <a href="tel:+4930">Telefon</a>', "Mail (a@example.org) Telefon (+4930)"),
        ('<a href="https://example.org"><strong>fett</strong></a>', "fett (https://example.org)"),
        ('<a href="https://example.org"></a>', "https://example.org"),
        ("<a>ohne Ziel</a>", "ohne Ziel"),
        ("<del>Montag</del> Dienstag", "~~Montag~~ Dienstag"),
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("<div>{{ Briefanrede }}<br>{{{Signatur}}} %datum%</div>", "{{ Briefanrede }}\n{{{Signatur}}} %datum%"),
        ("<div> \n </div>", ""),
        ("", ""),
    ],
)
def test_the_plain_part_reads_like_the_formatted_one(html, text):
    assert to_plain_text(html) == text


@pytest.mark.parametrize(
    ("html", "links"),
    [
        ('<a href="https://example.org/?x={{Nachname}}">a</a>', ["https://example.org/?x={{Nachname}}"]),
        ('<a href="{{Email}}">a</a>', ["{{Email}}"]),
        ('<a href="https://example.org/%datum%">a</a>', ["https://example.org/%datum%"]),
        ('<a href="https://example.org/%7B%7BName%7D%7D">a</a>', ["https://example.org/%7B%7BName%7D%7D"]),
        ('<a href="https://example.org/%C3%A4">{{Name}}</a>', []),
        ('<a href="{{Email}}">a</a><a href="{{Email}}">b</a>', ["{{Email}}"]),
    ],
)
def test_a_macro_in_the_address_of_a_link_is_refused(html, links):
    complaints = link_complaints(html)

    assert [complaint.written for complaint in complaints] == links
    assert {complaint.code for complaint in complaints} <= {"macro_in_link"}


class Found(HTMLParser):
    """An independent look at what is in a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.schemes: set[str] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes.update((tag, name) for name, _ in attrs)
        self.schemes.update(value.partition(":")[0].lower() for name, value in attrs if name == "href")


HTML_PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *(
                    "<script>",
                    "</script>",
                    "<scr<script>ipt>",
                    "<img src=x onerror=a()>",
                    "<svg onload=a()>",
                    "<div onclick='a'>",
                ),
                *(
                    "<a href='javascript:a()'>",
                    "<a href=' jav\tascript:a()'>",
                    '<a href="https://example.org" onfocus=a>',
                    "</a>",
                ),
                *(
                    "<style>",
                    "<!--",
                    "-->",
                    "<math><mtext>",
                    "<table>",
                    "<noscript>",
                    "<template>",
                    "<textarea>",
                    "<title>",
                    "]]>",
                ),
                *(
                    "<p>",
                    "</p>",
                    "<br>",
                    "{{Name}}",
                    "&lt;script&gt;",
                    "<iframe srcdoc='<script>'>",
                    "<base href=x>",
                    "<li>",
                    "</ul>",
                ),
            ]
        ),
        st.text(alphabet="<>/='\"& abon:;!-{}%", max_size=8),
    ),
    max_size=12,
).map("".join)


@given(HTML_PIECES)
def test_nothing_foreign_survives_whatever_is_typed(html):
    found = Found(sanitize(html))

    assert found.tags <= TAGS
    assert found.attributes <= {("a", "href")}
    assert found.schemes <= LINK_SCHEMES


@given(HTML_PIECES)
def test_the_plain_part_has_no_gaps_and_no_tags(html):
    clean = sanitize(html)
    text = to_plain_text(clean)

    assert "\n\n\n" not in text
    assert not any(line != line.rstrip() for line in text.split("\n"))
    assert "  " not in "".join(line.lstrip(" ->") for line in text.split("\n")) or "<pre>" in clean


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="<>&\x00"), max_size=60))
def test_words_survive_the_way_to_plain_text(text):
    assert to_plain_text(sanitize(f"<div>{text}</div>")).split() == text.split()
