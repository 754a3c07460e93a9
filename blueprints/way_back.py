"""Where somebody goes after signing in: back to the page they were on, and never to another house.

Pure except for reading the request. An address from outside is used only if it is a path of ours.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request

START = "/"
#: Pages nobody wants to come back to.
NOT_AGAIN = ("/login", "/logout", "/session/")


def local_path(address: str | None) -> str:
    """`address` if it is a path in this house, else the start page.

    Browsers take "//x", "/\\x" and a path with a line break in it for another host; none of them is a path of ours.
    """
    address = address or START
    if not address.startswith("/") or address.startswith("//") or "\\" in address or not address.isprintable():
        return START
    return START if address.startswith(NOT_AGAIN) else address


def page_of_request() -> str:
    """The page the user sees while this request runs: itself, or the page that sent the form or the htmx request."""
    if request.method == "GET" and "HX-Request" not in request.headers:
        return local_path(request.full_path.rstrip("?"))
    return path_here(request.headers.get("HX-Current-URL")) or path_here(request.referrer) or START


def path_here(url: str | None) -> str | None:
    """Path and query of an absolute `url` of this very host; None for any other."""
    parts = urlsplit(url or "")
    if parts.netloc != request.host:
        return None
    return local_path(f"{parts.path}?{parts.query}" if parts.query else parts.path)
