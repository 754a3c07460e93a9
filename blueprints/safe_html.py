"""The one place where text from outside becomes markup of a page. It is cleaned here again, whoever cleaned it before."""

from __future__ import annotations

from markupsafe import Markup

from messaging.domain.html_text import sanitize


def mail_html(html: str) -> Markup:
    """The HTML of a mail, safe inside a page: only the editor's tags, no scripts, styles, pictures or ids."""
    return Markup(sanitize(html))
