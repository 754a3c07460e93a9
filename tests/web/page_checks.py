"""What every page and every fragment must be like, checked on each answer that a web test fetches."""

from __future__ import annotations

import re
from collections import Counter

from bs4 import BeautifulSoup, Tag
from html5lib import HTMLParser
from html5lib.html5parser import ParseError
from werkzeug.test import TestResponse

#: Around these elements a parser needs the right parent, or it drops them.
PARENTS = {"tr": "tbody", "td": "tr", "th": "tr", "tbody": "table", "thead": "table", "option": "select", "optgroup": "select"}
TEMPLATE = re.compile(r"<template\b[^>]*>(.*?)</template>", re.DOTALL)
FIRST_TAG = re.compile(r"\s*(?:<!--.*?-->\s*)*<([a-z][a-z0-9-]*)", re.DOTALL)
UNNAMED_INPUTS = {"hidden", "submit", "button", "reset", "image"}


def problems_of(response: TestResponse) -> list[str]:
    """Everything that is wrong with an HTML answer; an empty list for other answers."""
    if response.mimetype != "text/html" or not response.data or response.status_code in (301, 302, 303, 307, 308):
        return []
    text = response.get_data(as_text=True)
    whole_page = text.lstrip().lower().startswith("<!doctype html>")
    soup = BeautifulSoup(text, "html.parser")
    found = [*parse_problems(text, whole_page), *element_problems(soup), *header_problems(response)]
    return found + (page_problems(soup) if whole_page else root_problems(soup))


def parse_problems(text: str, whole_page: bool) -> list[str]:
    """Strict HTML5. Contents of <template> are parsed by themselves, for html5lib 1.1 does not know that element."""
    inner = [content for content in TEMPLATE.findall(text) if content.strip()]
    outer = TEMPLATE.sub("", text)
    found = [problem for content in inner for problem in fragment_problems(content)]
    if not whole_page:
        return found + (fragment_problems(outer) if outer.strip() else [])
    try:
        HTMLParser(strict=True).parse(outer)
    except ParseError as error:
        found.append(f"HTML5: {error}")
    return found


def fragment_problems(text: str) -> list[str]:
    tag = FIRST_TAG.match(text)
    try:
        HTMLParser(strict=True).parseFragment(text, container=PARENTS.get(tag.group(1), "div") if tag else "div")
    except ParseError as error:
        return [f"HTML5: {error}"]
    return []


def element_problems(soup: BeautifulSoup) -> list[str]:
    ids = Counter(element["id"] for element in soup.find_all(id=True))
    return [
        *(f"id twice: {name}" for name, times in ids.items() if times > 1),
        *(f"no label: {shown(field)}" for field in soup.find_all(["input", "select", "textarea"]) if not has_label(field, soup)),
        *(f"button without a name: {shown(button)}" for button in soup.find_all("button") if not has_name(button)),
        *(f"link without a name: {shown(link)}" for link in soup.find_all("a", href=True) if not has_name(link)),
        *(problem for form in soup.find_all("form") for problem in form_problems(form)),
        *(problem for element in soup.find_all(True) for problem in inline_problems(element)),
    ]


def has_label(field: Tag, soup: BeautifulSoup) -> bool:
    if field.name == "input" and field.get("type", "text") in UNNAMED_INPUTS:
        return True
    if field.get("aria-label") or field.get("aria-labelledby") or field.find_parent("label"):
        return True
    return bool(field.get("id")) and soup.find("label", attrs={"for": field["id"]}) is not None


def has_name(element: Tag) -> bool:
    text = any(words.strip() for words in element.find_all(string=True))  # get_text passes over what stands in a <template>
    return text or bool(element.get("aria-label") or element.find(attrs={"aria-label": True}))


def form_problems(form: Tag) -> list[str]:
    method = str(form.get("method", "")).lower()
    return [
        *([f"form without action: {shown(form)}"] if not form.get("action") else []),
        *([f"form without method: {shown(form)}"] if method not in ("get", "post", "dialog") else []),
        *(
            [f"form without csrf_token: {shown(form)}"]
            if method == "post" and not form.find(attrs={"name": "csrf_token"})
            else []
        ),
    ]


def inline_problems(element: Tag) -> list[str]:
    """What a strict Content-Security-Policy would refuse."""
    inline = element.name == "style" or (element.name == "script" and not element.get("src"))
    handlers = [name for name in element.attrs if name == "style" or name.startswith(("on", "hx-on"))]
    script_link = str(element.get("href", "")).lower().startswith("javascript:")
    return [
        *([f"inline <{element.name}>"] if inline else []),
        *(f"attribute {name}: {shown(element)}" for name in handlers),
        *([f"script in a link: {shown(element)}"] if script_link else []),
    ]


def page_problems(soup: BeautifulSoup) -> list[str]:
    """Only for whole pages: one h1, a title that begins with it, a language, and labels that lead somewhere."""
    headings = [heading.get_text(" ", strip=True) for heading in soup.find_all("h1")]
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    ids = {element["id"] for element in soup.find_all(id=True)}
    return [
        *([f"{len(headings)} h1"] if len(headings) != 1 else []),
        *([f"title {title!r} does not begin with the h1"] if headings and not title.startswith(headings[0]) else []),
        *(["no lang"] if soup.html is None or not soup.html.get("lang") else []),
        *(
            f"label for nothing: {label['for']}"
            for label in soup.find_all("label", attrs={"for": True})
            if label["for"] not in ids
        ),
        *(f"described by nothing: {name}" for name in described_by(soup) if name not in ids),
    ]


def described_by(soup: BeautifulSoup) -> list[str]:
    return [
        name for element in soup.find_all(attrs={"aria-describedby": True}) for name in str(element["aria-describedby"]).split()
    ]


def root_problems(soup: BeautifulSoup) -> list[str]:
    """A fragment is one element; beside it only parts that htmx puts elsewhere (an out-of-band <tr> sits in a <template>)."""
    roots = [node for node in soup.contents if isinstance(node, Tag) and not is_out_of_band(node)]
    loose = [str(node).strip() for node in soup.contents if not isinstance(node, Tag) and str(node).strip()]
    return [
        *([f"{len(roots)} roots: {[shown(root) for root in roots]}"] if len(roots) != 1 else []),
        *(f"text outside the root: {text[:60]!r}" for text in loose),
    ]


def is_out_of_band(element: Tag) -> bool:
    if element.name == "template":
        return element.find(attrs={"hx-swap-oob": True}) is not None
    return element.has_attr("hx-swap-oob")


def header_problems(response: TestResponse) -> list[str]:
    return [
        *(["no Vary: HX-Request"] if "HX-Request" not in response.vary else []),
        *(["no Cache-Control: no-store"] if not response.cache_control.no_store else []),
    ]


def shown(element: Tag) -> str:
    """The opening tag, short enough to read in a failed test."""
    return str(element).split(">", 1)[0][:120] + ">"
