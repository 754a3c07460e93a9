"""Requests that change something must come from our own pages; this is checked beside the CSRF tokens.

Browsers say it themselves: in `Sec-Fetch-Site` on https and localhost, in `Origin` also on plain http to a name of the intranet.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, abort, request

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
#: "none": typed into the address bar or repeated by reloading, so no other page is behind it.
OUR_SITES = frozenset({"same-origin", "none"})


def init_app(app: Flask) -> None:
    app.before_request(refuse_other_origins)


def refuse_other_origins() -> None:
    if request.method not in SAFE_METHODS and not comes_from_here():
        abort(403, "Das kam nicht von einer Seite von Praxispost. Bitte öffnen Sie die Seite neu und versuchen Sie es dort.")


def comes_from_here() -> bool:
    """Whether the browser says that one of our pages sent this request. A request that says nothing is not believed."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in OUR_SITES
    origin = urlsplit(request.headers.get("Origin", ""))
    return origin.scheme in ("http", "https") and origin.netloc == request.host
