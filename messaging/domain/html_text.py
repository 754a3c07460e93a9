"""Formatted text of the editor: what HTML may stay, and the plain text that is made from it.

Only what the editor (Trix) can make is let through; no pictures, styles or scripts. Macros are text here and stay untouched.
"""

import re
from html.parser import HTMLParser

import nh3

from messaging.domain.macros import MacroComplaint, macros_in

TAGS = frozenset({"div", "p", "br", "strong", "em", "del", "a", "ul", "ol", "li", "blockquote", "h1", "pre"})
LINK_SCHEMES = frozenset({"http", "https", "mailto", "tel"})

_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    attributes={"a": {"href"}},
    url_schemes=set(LINK_SCHEMES),
    url_relative="deny",  # there is no page that a link in a mail could be relative to
    link_rel=None,
    clean_content_tags={"script", "style"},
)
_SET_APART = frozenset({"p", "h1", "blockquote", "pre"})
_SCHEME = re.compile(r"^(?:https?://|mailto:|tel:)", re.IGNORECASE)
_BRACES_OR_PERCENT = re.compile(r"\{\{|\}\}|%7B%7B", re.IGNORECASE)


def sanitize(html: str) -> str:
    """Return the HTML with nothing in it but the editor's tags and links to the web, mail addresses and telephones."""
    return _CLEANER.clean(html)


def to_plain_text(html: str) -> str:
    """Return the text part of a mail: paragraphs, lists with "- ", links as "Text (address)"; lines are not wrapped."""
    writer = _PlainWriter()
    writer.feed(html)
    writer.close()
    return writer.text()


def link_complaints(html: str) -> tuple[MacroComplaint, ...]:
    """Name every link that has a macro in its address. To be asked before `sanitize`, which drops some of these links.

    A personal value in an address would tell the called server who the patient is.
    """
    reader = _LinkReader()
    reader.feed(html)
    reader.close()
    sentence = "In der Adresse einer Verknüpfung kann kein Makro stehen."
    guilty = [link for link in reader.links if _BRACES_OR_PERCENT.search(link) or macros_in(link)]
    return tuple(MacroComplaint("macro_in_link", link, sentence) for link in dict.fromkeys(guilty))


class _LinkReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value for name, value in attrs if name == "href" and value]


class _PlainWriter(HTMLParser):
    """Writes line by line; a blank line is only ever written between two lines of text."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = []
        self._open: list[str] = []  # pieces of the line that is being written
        self._links: list[tuple[int, str]] = []  # where in it a link began, and where it leads
        self._lists: list[int] = []  # 0 for a list with dashes, else the next number
        self._bullet = ""
        self._quotes = 0
        self._pre = False

    def text(self) -> str:
        self._end_line()
        return "\n".join(self._lines).strip("\n")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._end_line(keep_empty=True)
        elif tag == "a":
            self._links.append((len(self._open), dict(attrs).get("href") or ""))
        elif tag == "del":
            self._open.append("~~")
        elif tag in ("ul", "ol"):
            self._start_list(numbered=tag == "ol")
        elif tag == "li":
            self._end_line()
            self._bullet = self._next_bullet()
        elif tag == "div":
            self._end_line()
        elif tag in _SET_APART:
            self._set_apart()
            self._quotes += tag == "blockquote"
            self._pre = tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._links:
            self._end_link(*self._links.pop())
        elif tag == "del":
            self._open.append("~~")
        elif tag in ("ul", "ol") and self._lists:
            self._end_line()
            self._lists.pop()
            if not self._lists:
                self._set_apart()
        elif tag in ("div", "li"):
            self._end_line()
        elif tag in _SET_APART:
            self._set_apart()
            self._quotes = max(self._quotes - (tag == "blockquote"), 0)
            self._pre = False

    def handle_data(self, data: str) -> None:
        if not self._pre:
            self._open.append(data)
            return
        *whole, rest = data.split("\n")
        for line in whole:
            self._open.append(line)
            self._end_line(keep_empty=True)
        self._open.append(rest)

    def _start_list(self, *, numbered: bool) -> None:
        if self._lists:
            self._end_line()
        else:
            self._set_apart()
        self._lists.append(1 if numbered else 0)

    def _next_bullet(self) -> str:
        if not self._lists or not self._lists[-1]:
            return "- "
        self._lists[-1] += 1
        return f"{self._lists[-1] - 1}. "

    def _end_link(self, begun: int, address: str) -> None:
        label = " ".join("".join(self._open[begun:]).split())
        shown = re.sub("^(mailto|tel):", "", address, flags=re.IGNORECASE)
        if not label:
            self._open.append(shown)
        elif shown and _bare(label) != _bare(address):
            self._open.append(f" ({shown})")

    def _end_line(self, *, keep_empty: bool = False) -> None:
        written = "".join(self._open)
        line = written.rstrip() if self._pre else " ".join(written.split())
        self._open.clear()
        self._links = [(0, address) for _, address in self._links]
        if line:
            self._lines.append("> " * self._quotes + self._indent() + line)
        elif keep_empty:
            self._blank_line()

    def _indent(self) -> str:
        outer = "  " * (len(self._lists) - 1)
        bullet, self._bullet = self._bullet, ""
        return outer + (bullet or "  ") if self._lists else bullet

    def _set_apart(self) -> None:
        self._end_line()
        self._blank_line()

    def _blank_line(self) -> None:
        if self._lines and self._lines[-1]:
            self._lines.append("")


def _bare(address: str) -> str:
    return _SCHEME.sub("", address.strip()).rstrip("/").lower()
