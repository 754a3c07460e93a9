"""The checks of the web client find what they are for: each case is a page with one fault."""

from __future__ import annotations

import pytest
from flask import Response
from werkzeug.test import TestResponse
from werkzeug.wrappers import Request

from tests.web.page_checks import problems_of

PAGE = (
    '<!doctype html><html lang="de"><head><meta charset="utf-8"><title>Start · Praxispost</title></head>'
    "<body><h1>Start</h1>{}</body></html>"
)
OUT_OF_BAND = '<span id="count" hx-swap-oob="true">3</span><template><tr id="row" hx-swap-oob="true"><td>x</td></tr></template>'
GOOD_FORM = '<form method="post" action="/x"><input type="hidden" name="csrf_token" value="t">{}</form>'


def answer(html: str, headers: dict[str, str] | None = None) -> TestResponse:
    response = Response(html, headers=headers or {"Vary": "HX-Request", "Cache-Control": "no-store"}, mimetype="text/html")
    return TestResponse(response.response, response.status, response.headers, Request({"REQUEST_METHOD": "GET"}))


@pytest.mark.parametrize(
    "html",
    [
        PAGE.format("<p>Alles in Ordnung.</p>"),
        PAGE.format(GOOD_FORM.format('<label for="a">A</label><input id="a" name="a"><button>Speichern</button>')),
        PAGE.format('<template><tr><td>neu</td></tr></template><select aria-label="Zweck"><option>a</option></select>'),
        '<tr id="row-7"><td>Groß, Ute</td></tr>',
        '<div id="list"></div>' + OUT_OF_BAND,
    ],
)
def test_what_is_right_passes(html: str) -> None:
    assert problems_of(answer(html)) == []


@pytest.mark.parametrize(
    ("html", "word"),
    [
        (PAGE.format("<p>a</div>"), "HTML5"),
        (PAGE.format('<a href="?a=1&copy=2">x</a>'), "HTML5"),
        (PAGE.format("<template><tr></p></tr></template>"), "HTML5"),
        (PAGE.format('<p id="a">1</p><p id="a">2</p>'), "id twice"),
        (PAGE.format('<input name="a">'), "no label"),
        (PAGE.format("<button></button>"), "button without a name"),
        (PAGE.format('<a href="/x"><svg></svg></a>'), "link without a name"),
        (PAGE.format("<h1>Noch eine</h1>"), "2 h1"),
        (PAGE.replace("<h1>Start</h1>", "").format(""), "0 h1"),
        (PAGE.replace("Start ·", "Ziel ·").format(""), "title"),
        (PAGE.replace(' lang="de"', "").format(""), "no lang"),
        (PAGE.format('<label for="b">B</label>'), "label for nothing"),
        (PAGE.format('<p aria-describedby="weg">B</p>'), "described by nothing"),
        (PAGE.format('<form method="get"></form>'), "without action"),
        (PAGE.format('<form action="/x"></form>'), "without method"),
        (PAGE.format('<form method="post" action="/x"></form>'), "without csrf_token"),
        (PAGE.format("<script>alert(1)</script>"), "inline <script>"),
        (PAGE.format('<p style="color: red">a</p>'), "attribute style"),
        (PAGE.format('<p onclick="x()">a</p>'), "attribute onclick"),
        (PAGE.format('<p hx-on:click="x()">a</p>'), "attribute hx-on:click"),
        (PAGE.format('<a href="javascript:x()">a</a>'), "script in a link"),
        ("<p>a</p><p>b</p>", "2 roots"),
        ('<span hx-swap-oob="true" id="n">3</span>', "0 roots"),
        ("<p>a</p> und noch etwas", "text outside"),
    ],
)
def test_a_fault_is_found(html: str, word: str) -> None:
    problems = problems_of(answer(html))

    assert any(word in problem for problem in problems), problems


def test_a_page_that_may_be_kept_or_mixed_up_is_found() -> None:
    assert problems_of(answer(PAGE.format(""), {"Cache-Control": "no-cache"})) == [
        "no Vary: HX-Request",
        "no Cache-Control: no-store",
    ]


def test_other_answers_are_left_alone() -> None:
    response = Response('{"ok": true}', mimetype="application/json")

    assert problems_of(TestResponse(response.response, response.status, response.headers, Request({}))) == []
