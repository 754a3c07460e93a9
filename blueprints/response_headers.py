"""What every answer tells the browser about safety and keeping: strict CSP, no copies of pages, static files for ever by hash."""

from __future__ import annotations

from flask import Flask, Response, g, request

from blueprints.page_frame import static_hash

#: Fonts, images, scripts and connections fall back to default-src; nothing may come from outside or be written into a page.
POLICY = (
    "default-src 'self'; style-src 'self'{nonce}; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    # our own pages may see where a form came from (the way back after an expired session), others nothing
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
FOR_EVER = "public, max-age=31536000, immutable"


def init_app(app: Flask) -> None:
    app.after_request(complete)


def complete(response: Response) -> Response:
    for name, value in ALWAYS.items():
        response.headers[name] = value
    response.headers.setdefault("Content-Security-Policy", policy())
    is_file = request.endpoint == "static" and response.status_code in (200, 206, 304)
    response.headers["Cache-Control"] = static_caching() if is_file else "no-store"
    if response.mimetype == "text/html":
        response.vary.add("HX-Request")
    return response


def policy() -> str:
    """The nonce is allowed only on a page that carries it: Trix writes a style element of its own."""
    nonce = g.get("csp_nonce")
    return POLICY.format(nonce=f" 'nonce-{nonce}'" if nonce else "")


def static_caching() -> str:
    """A file asked for by the hash of what it holds may be kept for ever; any other is asked for again each time."""
    filename = (request.view_args or {})["filename"]
    return FOR_EVER if request.args.get("v") == static_hash(filename) else "no-cache"
