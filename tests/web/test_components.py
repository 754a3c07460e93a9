"""The frame and the components: every template parses, macros render strictly, pages are valid HTML with unique ids."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import html5lib
import pytest
from flask import Flask, flash, render_template_string
from jinja2 import UndefinedError
from lxml import etree

from tests.web.gallery import gallery_app

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted(path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates").rglob("*.html"))
PAGES = [
    "/",
    "/?per_page=all",
    "/?page=6&sort=-name",
    "/login",
    "/login?wrong=1&next=/search",
    "/errors/403",
    "/errors/404",
    "/errors/409",
    "/errors/500",
]
FRAGMENTS = {"/people/3/panel": "side-panel-content", "/?page=2": "people-results"}


@pytest.fixture(scope="module")
def app() -> Flask:
    return gallery_app()


def page(app: Flask, path: str) -> etree._Element:
    """Fetch and parse a page; a slip in the HTML fails at once."""
    answer = app.test_client().get(path)
    assert answer.status_code == 200
    return parse(answer.text)


def parse(html: str) -> etree._Element:
    parser = html5lib.HTMLParser(strict=True, tree=html5lib.getTreeBuilder("lxml"), namespaceHTMLElements=False)
    return parser.parse(html).getroot()


def draw(app: Flask, imports: str, source: str, **values: Any) -> etree._Element:
    """Render one macro call and return what it drew, inside a <div>."""
    with app.test_request_context("/"):
        html = render_template_string(f'{{% from "_components/{imports} %}}{source}', **values)
    return parse(f"<!doctype html><html lang=de><title>x</title><body><div id=drawn>{html}</div>").find(".//div[@id='drawn']")


def words(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_parses(app: Flask, name: str) -> None:
    app.jinja_env.get_template(name)


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_valid_and_name_themselves(app: Flask, path: str) -> None:
    root = page(app, path)

    headings = root.findall(".//h1")
    assert len(headings) == 1
    assert root.findtext(".//title").startswith(words(headings[0]))


@pytest.mark.parametrize("path", PAGES)
def test_ids_are_unique_and_what_refers_to_them_exists(app: Flask, path: str) -> None:
    root = page(app, path)

    ids = Counter(root.xpath("//@id"))
    assert [name for name, times in ids.items() if times > 1] == []
    for attribute in ("for", "form", "aria-describedby", "aria-labelledby", "aria-controls"):
        named = {name for value in root.xpath(f"//@{attribute}") for name in value.split()}
        assert named - set(ids) == set(), attribute


@pytest.mark.parametrize("path", PAGES)
def test_every_control_has_a_name_for_those_who_cannot_see_it(app: Flask, path: str) -> None:
    root = page(app, path)

    labelled = set(root.xpath("//label/@for"))
    for control in root.xpath("//input[not(@type='hidden')] | //select | //textarea"):
        assert control.get("id") in labelled or control.get("aria-label"), etree.tostring(control)
    for button in root.xpath("//button | //a | //summary"):
        assert words(button) or button.get("aria-label") or button.get("title"), etree.tostring(button)


@pytest.mark.parametrize("path", PAGES)
def test_nothing_inline_and_nothing_from_outside(app: Flask, path: str) -> None:
    root = page(app, path)

    assert root.xpath("//@style | //style | //script[not(@src)]") == []
    assert [name for element in root.iter() for name in element.attrib if name.startswith(("on", "hx-on"))] == []
    addresses = root.xpath("//script/@src | //link/@href | //img/@src | //*[local-name()='use']/@href")
    assert [address for address in addresses if not address.startswith("/static/")] == []


@pytest.mark.parametrize("path", PAGES)
def test_every_post_form_carries_the_token_and_works_without_javascript(app: Flask, path: str) -> None:
    root = page(app, path)

    for form in root.xpath("//form[@method='post']"):
        assert form.get("action")
        assert form.xpath(".//input[@name='csrf_token']"), etree.tostring(form)[:200]
    for element in root.xpath("//*[@hx-post or @hx-get]"):
        assert element.get("action") or element.get("href") or element.get("formaction"), etree.tostring(element)[:200]


@pytest.mark.parametrize(("path", "root_id"), FRAGMENTS.items())
def test_a_fragment_has_one_root_that_says_its_place(app: Flask, path: str, root_id: str) -> None:
    html = app.test_client().get(path, headers={"HX-Request": "true"}).text

    body = parse(f"<!doctype html><html lang=de><title>x</title><body>{html}").find("body")
    assert [child.get("id") for child in body] == [root_id]


def test_htmx_is_told_to_keep_no_pages_and_to_run_no_code(app: Flask) -> None:
    config = json.loads(page(app, "/").xpath("//meta[@name='htmx-config']/@content")[0])

    assert config["historyCacheSize"] == 0
    assert config["refreshOnHistoryMiss"] is True
    assert config["allowEval"] is config["allowScriptTags"] is config["includeIndicatorStyles"] is False
    assert config["disableInheritance"] is True
    assert [rule for rule in config["responseHandling"] if rule["code"] == "422"] == [{"code": "422", "swap": True}]


def icon_names_in_templates() -> set[str]:
    sources = [(ROOT / "templates" / name).read_text() for name in TEMPLATES]
    drawn = {name for source in sources for name in re.findall(r'\bicon\(\s*"([a-z0-9-]+)"', source)}
    passed = {name for source in sources for name in re.findall(r'\bicon=\s*"([a-z0-9-]+)"', source)}
    return drawn | passed


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    fetched = {line.partition("#")[0].strip() for line in (ROOT / "tools" / "icons.txt").read_text().splitlines()}

    assert icon_names_in_templates() - fetched == set()


def test_every_drawn_icon_of_the_gallery_is_in_the_sprite(app: Flask) -> None:
    """State tables hand names on through variables, which no search in the sources finds."""
    fetched = {line.partition("#")[0].strip() for line in (ROOT / "tools" / "icons.txt").read_text().splitlines()}

    drawn = {address.partition("#")[2] for address in page(app, "/").xpath("//*[local-name()='use']/@href")}
    assert drawn - fetched == set()


FIELDS = ["text_field", "email_field", "phone_field", "number_field", "date_field", "time_field", "textarea_field"]


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_with_a_problem_says_so_in_words_that_belong_to_it(app: Flask, field: str) -> None:
    drawn = draw(
        app,
        f'forms.html" import {field}',
        f'{{{{ {field}("city", "Ort", "<Köln>", error="Bitte den Ort nachtragen.", hint="Ohne PLZ.") }}}}',
    )

    control = drawn.xpath(".//input | .//textarea")[0]
    assert control.get("aria-invalid") == "true"
    assert control.get("aria-describedby") == "field-city-error field-city-hint"
    error = drawn.xpath(".//*[@id='field-city-error']")[0]
    assert (error.get("role"), words(error)) == ("alert", "Bitte den Ort nachtragen.")
    assert (control.get("value") or control.text).strip() == "<Köln>"


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_without_a_problem_is_quiet(app: Flask, field: str) -> None:
    drawn = draw(app, f'forms.html" import {field}', f'{{{{ {field}("city", "Ort", None) }}}}')

    control = drawn.xpath(".//input | .//textarea")[0]
    assert control.get("aria-describedby") is control.get("aria-invalid") is None
    assert (control.get("value") or control.text or "").strip() == ""


def test_a_password_never_comes_back_to_the_page(app: Flask) -> None:
    with pytest.raises(TypeError):
        draw(app, 'forms.html" import password_field', '{{ password_field("password", "Kennwort", value="geheim") }}')


def test_a_textarea_keeps_the_empty_first_line_of_its_text(app: Flask) -> None:
    drawn = draw(app, 'forms.html" import textarea_field', '{{ textarea_field("note", "Notiz", "\\n\\nZeile drei") }}')

    assert drawn.findtext(".//textarea") == "\n\nZeile drei"


@pytest.mark.parametrize(("value", "chosen"), [("2", ["2"]), (2, ["2"]), (None, [""]), ("", [""]), ("9", [])])
def test_a_select_marks_the_value_whatever_its_type(app: Flask, value: Any, chosen: list[str]) -> None:
    source = '{{ select_field("n", "Zahl", [("", "keine"), (1, "eins"), ("Mehr", [(2, "zwei")])], value) }}'

    drawn = draw(app, 'forms.html" import select_field', source, value=value)

    assert drawn.xpath(".//option[@selected]/@value") == chosen
    assert drawn.xpath(".//optgroup/@label") == ["Mehr"]


@pytest.mark.parametrize(("allowed", "word"), [(True, "JA"), (False, "NEIN")])
def test_permission_is_a_word_and_a_sign_not_only_a_colour(app: Flask, allowed: bool, word: str) -> None:
    drawn = draw(app, 'badges.html" import ja_nein', "{{ ja_nein(allowed) }}", allowed=allowed)

    assert words(drawn) == word
    assert len(drawn.xpath(".//*[local-name()='svg']")) == 1


STATES = {
    "message_state": [
        "queued",
        "sending",
        "sent",
        "delivered",
        "bounced",
        "retrying",
        "failed",
        "unknown",
        "skipped",
        "cancelled",
    ],
    "dispatch_state": ["scheduled", "running", "paused", "finished", "cancelled"],
    "draft_state": ["open", "confirmed", "discarded"],
    "letter_state": ["queued", "printed"],
}


@pytest.mark.parametrize(("macro", "state"), [(macro, state) for macro, states in STATES.items() for state in states])
def test_every_state_has_a_word_a_sign_and_a_sentence(app: Flask, macro: str, state: str) -> None:
    drawn = draw(app, f'badges.html" import {macro}', f"{{{{ {macro}(state) }}}}", state=state)

    badge = drawn[0]
    assert words(badge)
    assert badge.get("title").endswith(".")
    assert len(badge.xpath("./*[local-name()='svg']")) == 1


def test_an_unknown_state_is_a_fault_and_not_an_empty_badge(app: Flask) -> None:
    with pytest.raises(UndefinedError):
        draw(app, 'badges.html" import message_state', '{{ message_state("lost") }}')


def test_a_new_attempt_says_when(app: Flask) -> None:
    assert (
        words(draw(app, 'badges.html" import message_state', '{{ message_state("retrying", "um 14:05") }}'))
        == "neuer Versuch um 14:05"
    )


PAGES_OF_A_LIST = [
    # total, page, per_page, range, previous?, next?
    (1234, 1, "25", "1–25 von 1.234 Personen", False, True),
    (1234, 50, 25, "1.226–1.234 von 1.234 Personen", True, False),
    (50, 2, 25, "26–50 von 50 Personen", True, False),
    (1, 1, 25, "1–1 von 1 Person", False, False),
    (0, 1, 25, "0–0 von 0 Personen", False, False),
    (300, 1, "all", "1–300 von 300 Personen", False, False),
]


@pytest.mark.parametrize(("total", "number", "size", "text", "back", "on"), PAGES_OF_A_LIST)
def test_the_pager_says_where_one_is(app: Flask, total: int, number: int, size: Any, text: str, back: bool, on: bool) -> None:
    source = '{{ pager(total, number, size, "gallery", {"q": "groß"}, noun=("Person", "Personen"), target="#people-results") }}'

    drawn = draw(app, 'lists.html" import pager', source, total=total, number=number, size=size)

    assert words(drawn.xpath(".//p")[0]) == text
    assert (bool(drawn.xpath(".//a[@rel='prev']")), bool(drawn.xpath(".//a[@rel='next']"))) == (back, on)
    assert [words(link) for link in drawn.xpath(".//a[@aria-current]")] == ["alle" if size == "all" else str(size)]
    assert all("q=gro%C3%9F" in address for address in drawn.xpath(".//a/@href"))


@pytest.mark.parametrize(
    ("sort", "state", "next_sort"),
    [("name", "ascending", "sort=-name"), ("-name", "descending", "sort=name"), ("born", "none", "sort=name")],
)
def test_a_column_head_sorts_and_says_how_it_is_sorted(app: Flask, sort: str, state: str, next_sort: str) -> None:
    with app.test_request_context("/"):
        html = render_template_string(
            '{% from "_components/lists.html" import sort_head %}{{ sort_head("Name", "name", sort, "gallery", {"page": 7}) }}',
            sort=sort,
        )
    head = parse(f"<!doctype html><html lang=de><title>x</title><table><tr>{html}</tr></table>").find(".//th")

    assert head.get("aria-sort") == state
    assert next_sort in head.find("a").get("href")
    assert "page=1" in head.find("a").get("href")  # a new order begins at its beginning


@pytest.mark.parametrize(
    ("current", "urls", "links", "done"),
    [
        ("select", {}, [], 0),
        (
            "compose",
            {"select": "/search", "check": "/drafts/7/recipients", "compose": "/drafts/7/compose"},
            ["/search", "/drafts/7/recipients"],
            2,
        ),
        ("check", {"send": "/drafts/7/confirm"}, ["/drafts/7/confirm"], 1),
    ],
)
def test_the_path_of_a_send_links_what_can_be_reached(
    app: Flask, current: str, urls: dict[str, str], links: list[str], done: int
) -> None:
    drawn = draw(app, 'lists.html" import steps', "{{ steps(current, urls) }}", current=current, urls=urls)

    assert drawn.xpath(".//a/@href") == links
    assert len(drawn.xpath(".//li[@aria-current='step']")) == 1
    assert words(drawn).count("(erledigt)") == done
    assert len(drawn.xpath(".//li")) == 4


def test_the_four_numbers_stand_in_their_order(app: Flask) -> None:
    drawn = draw(app, 'lists.html" import four_numbers', "{{ four_numbers(12000, 96, 91, 29) }}")

    assert words(drawn) == "12.000 ausgewählt 96 erlaubt 91 versendbar 29 ausgelassen"


@pytest.mark.parametrize(("value", "maximum"), [(0, 0), (5, 10), (10, 10)])
def test_progress_never_divides_by_nothing(app: Flask, value: int, maximum: int) -> None:
    bar = draw(
        app, 'lists.html" import progress_bar', '{{ progress_bar(value, maximum, "Versand") }}', value=value, maximum=maximum
    )[0]

    assert (bar.tag, bar.get("value"), bar.get("max")) == ("progress", str(value), str(maximum or 1))


def bar(app: Flask, count: int, **more: Any) -> etree._Element:
    selection = SimpleNamespace(count=count, action_url="/act", hits_selected=count)
    return draw(
        app,
        'people_table.html" import action_bar',
        "{{ action_bar(selection, oob) }}",
        selection=selection,
        oob=more.get("oob", False),
    )[0]


def test_the_action_bar_offers_the_four_actions_to_the_list(app: Flask) -> None:
    drawn = bar(app, 1200)

    assert words(drawn.find("p")) == "1.200 ausgewählt"
    assert drawn.xpath(".//button[@name='action']/@value") == ["email", "sms", "letter", "edit"]
    assert set(drawn.xpath(".//button/@form")) == {"people-list"}


def test_the_action_bar_is_hidden_and_empty_when_nobody_is_ticked(app: Flask) -> None:
    drawn = bar(app, 0, oob=True)

    assert drawn.get("hidden") is not None
    assert drawn.get("hx-swap-oob") == "true"
    assert words(drawn) == ""


def test_a_row_carries_its_tick_and_its_problem(app: Flask) -> None:
    with app.test_request_context("/"):
        html = render_template_string(
            '{% from "_components/people_table.html" import row_attrs, tick_cell %}'
            '<tr {{ row_attrs(7, "/people/7", checked=True, problem=True) }}>{{ tick_cell(7, "Groß, <b>Ute</b>", True) }}</tr>'
        )
    row = parse(f"<!doctype html><html lang=de><title>x</title><table>{html}</table>").find(".//tr")

    assert row.get("class").split() == ["row-problem", "row-ticked"]
    box = row.xpath(".//input[@type='checkbox']")[0]
    assert (box.get("name"), box.get("value"), box.get("aria-label")) == ("row", "7", "Groß, <b>Ute</b> auswählen")
    assert box.get("checked") is not None


def test_a_little_post_form_carries_its_fields_and_asks_first(app: Flask) -> None:
    source = (
        '{{ post_button("Verwerfen", "/discard", {"draft": 7}, confirm="Soll der Entwurf verworfen werden?", hx_target="#x") }}'
    )

    form = draw(app, 'buttons.html" import post_button', source)[0]

    assert form.get("data-confirm") == "Soll der Entwurf verworfen werden?"
    assert form.xpath("./input[@name='draft']/@value") == ["7"]
    assert (form.get("action"), form.get("hx-post"), form.get("hx-disabled-elt")) == (
        "/discard",
        "/discard",
        "find [type=submit]",
    )


def test_flashed_messages_show_their_kind_and_offer_to_undo(app: Flask) -> None:
    with app.test_request_context("/"):
        flash("Die Vorlage ist gespeichert.", "success")
        flash({"text": "Die Vorlage ist gelöscht.", "undo_url": "/restore", "undo_fields": {"id": 3}}, "info")
        html = render_template_string('{% include "_layout/_flashes.html" %}')
    alerts = parse(f"<!doctype html><html lang=de><title>x</title><body>{html}").xpath("//div[contains(@class, 'alert ')]")

    assert [alert.get("class") for alert in alerts] == ["alert alert-success", "alert alert-info"]
    assert alerts[1].xpath(".//form/@action") == ["/restore"]
    assert alerts[1].xpath(".//input[@name='id']/@value") == ["3"]


def test_alarms_and_badges_show_where_a_person_must_act() -> None:
    alarm = SimpleNamespace(level="danger", text="Es läuft kein Versandprozess.", link_url="/healthz", link_text="Was tun?")

    root = page(gallery_app(alarms=[alarm]), "/")

    assert "Es läuft kein Versandprozess. Was tun?" in words(root.xpath("//div[@class='stage']/div[@role='alert']")[0])
    assert [words(badge) for badge in root.xpath("//*[@class='sidebar-badge']")] == ["3"]


@pytest.mark.parametrize("code", [403, 404, 409])
def test_an_error_page_outside_a_session_has_no_side_bar(code: int) -> None:
    nobody = SimpleNamespace(is_authenticated=False)

    root = page(gallery_app(current_user=nobody), f"/errors/{code}")

    assert root.xpath("//nav") == []


def test_a_problem_may_be_a_single_sentence(app: Flask) -> None:
    with app.test_request_context("/"):
        html = render_template_string(
            '{% include "_problem.html" %}', problem={"text": "Der Versand ist schon fertig.", "cure": None}
        )

    assert (
        words(parse(f"<!doctype html><html lang=de><title>x</title><body>{html}").find("body")) == "Der Versand ist schon fertig."
    )
