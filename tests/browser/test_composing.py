"""Writing in a real browser: the editor under the strict policy, macros, the live preview, saving by itself, and for axe."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, Route, expect

from messaging.services import message_templates
from tests.browser.waiting import wait_until
from tests.web.drafts_of import ANNA, NOW, make_account, make_draft, make_practice, make_signature, the_draft

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
KIM = {"first_name": "Kim"}

Open = Callable[..., Page]


@pytest.fixture
def draft_id(app: Flask) -> int:
    make_practice(), make_signature(), make_account()
    return make_draft(ANNA, KIM)


@pytest.fixture
def page(visit: Open, draft_id: int) -> Page:
    return visit(f"/drafts/{draft_id}/compose")


def subject(page: Page) -> Locator:
    return page.get_by_label("Betreff")


def editor(page: Page) -> Locator:
    return page.locator("trix-editor")


def stored_html(page: Page) -> str:
    return page.locator("textarea[name=body]").input_value()


def mail(page: Page) -> Locator:
    return page.locator(".mail-body")


def chip(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def test_a_chip_goes_to_the_cursor_of_the_field_that_had_the_focus(page: Page) -> None:
    subject(page).fill("Hallo !")
    subject(page).press("End")
    subject(page).press("ArrowLeft")
    chip(page, "Vorname").click()
    expect(subject(page)).to_have_value("Hallo {{Vorname}}!")

    editor(page).press_sequentially("Liebe ")
    chip(page, "Nachname").focus()
    page.keyboard.press("Enter")

    expect(editor(page)).to_have_text("Liebe {{Nachname}}")
    expect(mail(page)).to_contain_text("Liebe Groß")
    expect(page.locator(".mail-subject")).to_have_text("Hallo Anna!")


def test_a_chip_that_is_not_on_offer_says_why_and_writes_nothing(page: Page) -> None:
    editor(page).focus()

    chip(page, "Mobilnummer").focus()
    page.keyboard.press("Enter")

    expect(page.locator("#macro-Mobilnummer-tip")).to_be_visible()
    expect(editor(page)).to_have_text("")


def test_a_complaint_mends_the_text_while_writing(page: Page) -> None:
    editor(page).press_sequentially("Guten Tag {{Vornahme}}")
    expect(mail(page).locator("mark")).to_have_text("{{Vornahme}}")

    page.get_by_role("button", name="{{Vorname}} einsetzen").click()

    expect(editor(page)).to_have_text("Guten Tag {{Vorname}}")
    expect(mail(page)).to_contain_text("Guten Tag Anna")
    expect(page.locator("#composer-preview mark")).to_have_count(0)
    page.locator("#preview-next").click()
    expect(mail(page)).to_contain_text("Guten Tag Kim")


def test_an_unknown_macro_is_removed_with_one_click(page: Page) -> None:
    editor(page).press_sequentially("Guten Tag{{Xyzzy}}{{Vornamme}}!")
    complaint = page.locator(".complaint-stop").filter(has_text="„Xyzzy“ gibt es nicht")

    complaint.get_by_role("button", name="Entfernen").click()
    expect(editor(page)).to_have_text("Guten Tag{{Vornamme}}!")
    expect(page.get_by_role("button", name="{{Vorname}} einsetzen")).to_be_visible()
    page.locator(".complaint-stop").filter(has_text="„Vornamme“").get_by_role("button", name="Entfernen").click()

    expect(editor(page)).to_have_text("Guten Tag!")
    expect(page.locator("#composer-preview mark")).to_have_count(0)


def test_a_double_click_on_a_cure_mends_once_and_saving_goes_on(page: Page, draft_id: int) -> None:
    editor(page).press_sequentially("Guten Tag{{Xyzzy}}!")
    mended: list[str] = []
    page.on("request", lambda request: mended.append(request.url) if request.url.endswith("/mend") else None)

    page.get_by_role("button", name="Entfernen", exact=True).dblclick()

    expect(editor(page)).to_have_text("Guten Tag!")
    expect(page.locator("#composer-preview mark")).to_have_count(0)
    assert_saves_by_itself(page, draft_id)
    assert len(mended) == 1


def test_two_cures_pressed_quickly_are_done_one_after_the_other(page: Page, draft_id: int) -> None:
    editor(page).press_sequentially("Guten Tag{{Xyzzy}}{{Qwertz}}!")
    cures = page.get_by_role("button", name="Entfernen", exact=True)
    expect(cures).to_have_count(2)

    cures.first.evaluate("(cure, other) => { cure.click(); other.click(); }", cures.last.element_handle())

    expect(editor(page)).to_have_text("Guten Tag!")
    expect(page.locator("#composer-preview mark")).to_have_count(0)
    assert_saves_by_itself(page, draft_id)


@pytest.fixture
def late_cure(page: Page) -> Route:
    """A cure whose answer is awaited, while somebody typed on and a preview was drawn."""
    late: list[Route] = []
    page.route("**/compose/mend", lambda route: late.append(route))
    editor(page).press_sequentially("Guten Tag{{Xyzzy}}!")
    page.get_by_role("button", name="Entfernen", exact=True).click()
    with page.expect_response("**/compose/preview"):
        subject(page).fill("Ihr Termin")
    wait_until(page, "() => !document.querySelector('#composer-look.htmx-request')")
    return late[0]


def test_a_preview_does_not_take_a_cure_away_while_its_answer_is_awaited(page: Page, draft_id: int, late_cure: Route) -> None:
    late_cure.continue_()

    expect(editor(page)).to_have_text("Guten Tag!")
    expect(page.locator("#composer-preview mark")).to_have_count(0)
    assert_saves_by_itself(page, draft_id)


def test_a_refused_cure_leaves_the_preview_of_what_was_typed_meanwhile(page: Page, draft_id: int, late_cure: Route) -> None:
    late_cure.fulfill(status=500, content_type="text/html", body='<p class="alert">Bitte versuchen Sie es noch einmal.</p>')

    expect(page.get_by_text("Bitte versuchen Sie es noch einmal.")).to_be_visible()
    expect(page.locator(".mail-subject")).to_have_text("Ihr Termin")
    assert_saves_by_itself(page, draft_id)


def assert_saves_by_itself(page: Page, draft_id: int) -> None:
    with page.expect_response("**/compose/autosave"):
        subject(page).fill("Danach getippt")
    expect(page.locator("#save-state")).to_contain_text("Gespeichert um")
    assert the_draft(draft_id).subject == "Danach getippt"


def test_the_last_keystroke_wins_even_if_an_earlier_answer_is_late(page: Page) -> None:
    late: list[Route] = []
    page.route("**/compose/preview", lambda route: late.append(route) if not late else route.continue_())

    subject(page).press_sequentially("eins")
    expect(page.locator("#composer-look.htmx-request")).to_be_attached()
    subject(page).press_sequentially(" zwei")
    page.wait_for_timeout(600)
    late[0].continue_()

    expect(page.locator(".mail-subject")).to_have_text("eins zwei")


def test_what_is_typed_saves_itself_and_a_link_takes_it_along(page: Page, draft_id: int) -> None:
    subject(page).fill("Ihr Termin")
    expect(page.locator("#save-state")).to_contain_text("Gespeichert um")
    editor(page).press_sequentially("noch ein Satz")

    page.get_by_role("link", name="Empfänger prüfen").click()
    page.wait_for_url("**/recipients")

    assert (the_draft(draft_id).subject, the_draft(draft_id).body) == ("Ihr Termin", "<div>noch ein Satz</div>")


def test_what_is_typed_before_the_editor_is_ready_is_saved_too(page: Page, draft_id: int) -> None:
    hasty = """document.addEventListener("DOMContentLoaded", () => {
      const subject = document.querySelector("[name=subject]");
      subject.value = "schnell getippt";
      subject.dispatchEvent(new Event("input", { bubbles: true }));
    });"""
    page.add_init_script(hasty)
    page.reload()

    expect(page.locator("#save-state")).to_contain_text("Gespeichert um")
    assert the_draft(draft_id).subject == "schnell getippt"


def test_a_second_tab_overwrites_nothing_unseen(page: Page, visit: Open, draft_id: int) -> None:
    second = visit(f"/drafts/{draft_id}/compose")
    subject(page).fill("erster")
    expect(page.locator("#save-state")).to_contain_text("Gespeichert um")

    subject(second).fill("zweiter")
    expect(second.locator("#flash")).to_contain_text("in einem anderen Fenster")
    expect(subject(second)).to_have_value("zweiter")
    assert the_draft(draft_id).subject == "erster"

    second.get_by_role("button", name="Meinen Text speichern").click()
    expect(second.locator("#flash")).to_contain_text("Der Entwurf ist gespeichert.")
    assert the_draft(draft_id).subject == "zweiter"


def test_a_template_replaces_the_text_and_can_be_undone(app: Flask, visit: Open, draft_id: int) -> None:
    message_templates.take_examples(1, NOW)
    page = visit(f"/drafts/{draft_id}/compose")
    editor(page).press_sequentially("Mein Text")

    page.get_by_label("Vorlage").select_option(label="Terminerinnerung")
    expect(page.locator(".undo-bar")).to_contain_text("übernommen")
    expect(mail(page)).to_contain_text("wir erinnern Sie an Ihren Termin")
    page.get_by_role("button", name="rückgängig", exact=True).click()

    expect(editor(page)).to_have_text("Mein Text")
    expect(mail(page)).to_contain_text("Mein Text")


def test_pasted_looks_and_pictures_stay_out_and_formatting_by_keys_stays_in(page: Page) -> None:
    editor(page).focus()
    page.keyboard.type("wichtig")
    expect(mail(page)).to_contain_text("wichtig")
    page.keyboard.press("Control+a")
    wait_until(page, "() => document.querySelector('trix-editor').editor.getSelectedRange()[0] === 0")
    page.get_by_role("button", name="Fett").focus()
    page.keyboard.press("Enter")
    page.evaluate(
        """() => { const data = new DataTransfer();
          data.items.add(new File(["x"], "bild.png", { type: "image/png" }));
          document.querySelector("trix-editor").dispatchEvent(
            new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })); }"""
    )

    expect(mail(page).locator("strong")).to_have_text("wichtig")
    assert stored_html(page) == "<div><strong>wichtig</strong></div>"


def test_files_come_and_go_without_touching_the_text(page: Page) -> None:
    subject(page).fill("bleibt")
    page.locator("#field-files").set_input_files({"name": "Anfahrt.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"})
    expect(page.locator(".attachment-name")).to_have_text("Anfahrt.pdf")
    expect(page.locator(".mail-files")).to_contain_text("Anfahrt.pdf")

    page.locator("#field-files").set_input_files({"name": "x.pdf", "mimeType": "application/pdf", "buffer": b"MZ"})
    expect(page.locator("#field-files-error")).to_contain_text("weder PDF noch Bild")
    page.get_by_role("button", name="Entfernen").click()

    expect(page.locator(".attachment")).to_have_count(0)
    expect(page.locator(".mail-files")).to_have_count(0)

    expect(page.locator("#file-undo button")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator(".attachment-name")).to_have_text("Anfahrt.pdf")
    expect(page.locator(".mail-files")).to_contain_text("Anfahrt.pdf")
    expect(subject(page)).to_have_value("bleibt")


def test_enter_in_the_test_address_sends_the_test_mail(page: Page) -> None:
    subject(page).fill("Ihr Termin")
    editor(page).click()
    page.keyboard.type("bis bald")
    page.get_by_label("Absenderkonto").select_option(index=1)
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url.rpartition("/")[2]) if request.method == "POST" else None)

    page.locator("summary").filter(has_text="Test-E-Mail").click()
    expect(page.get_by_label("Test-E-Mail an")).to_be_focused()
    page.keyboard.type("kollegin@example.org")
    page.keyboard.press("Enter")

    expect(page.locator("#test-mail")).to_contain_text("Test-E-Mail")
    assert "test-mail" in posts
    assert page.url.endswith("/compose")


def test_enter_in_the_subject_goes_on_to_the_text_and_ctrl_enter_to_the_confirm_page(page: Page) -> None:
    subject(page).fill("Ihr Termin")
    subject(page).press("Enter")
    expect(editor(page)).to_be_focused()

    page.keyboard.type("bis bald")
    page.keyboard.press("Control+Enter")

    page.wait_for_url("**/confirm")
    expect(page.locator("#send-now")).to_have_text("2 E-Mails senden")


def test_without_javascript_text_preview_and_saving_work(visit: Open, draft_id: int) -> None:
    page = visit(f"/drafts/{draft_id}/compose", java_script_enabled=False)
    subject(page).fill("Ihr Termin")
    page.locator("#field-body").fill("{{Briefanrede}}\n\nbis bald")

    page.get_by_role("button", name="Vorschau").click()
    expect(mail(page)).to_contain_text("Sehr geehrte Frau Dr. Groß,")
    page.get_by_role("button", name=re.compile("Nächster")).click()
    expect(mail(page)).to_contain_text("Guten Tag Kim,")
    page.get_by_role("button", name="Speichern", exact=True).click()

    expect(page.locator("#flash")).to_contain_text("gespeichert")
    assert the_draft(draft_id).body == "<div>{{Briefanrede}}<br><br>bis bald</div>"


def test_on_a_phone_text_and_preview_are_two_tabs(visit: Open, draft_id: int) -> None:
    page = visit(f"/drafts/{draft_id}/compose", width=390)
    expect(page.locator(".composer-look")).to_be_hidden()

    page.get_by_role("button", name="Vorschau").click()

    expect(mail(page)).to_be_visible()
    expect(subject(page)).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_editor_of_a_template_complains_while_typing(visit: Open) -> None:
    page = visit("/message-templates/new")
    editor(page).press_sequentially("{{Tremin}}")

    expect(page.locator("#text-complaints")).to_contain_text("Das Makro „Tremin“ gibt es nicht.")


PAGES = ("/drafts/1/compose", "/drafts/1/confirm", "/message-templates", "/message-templates/1", "/signatures", "/signatures/new")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(app: Flask, visit: Open, draft_id: int, path: str, scheme: str) -> None:
    message_templates.take_examples(1, NOW)
    page = visit(path, color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    if path.endswith("/compose"):
        editor(page).press_sequentially("{{Vornahme}} {{Titel}}")
        expect(page.locator("#composer-preview mark")).to_be_visible()
    page.add_script_tag(path=AXE)

    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        found = page.evaluate("async () => (await axe.run()).violations")
        assert [(rule["id"], node["html"][:150], node["failureSummary"]) for rule in found for node in rule["nodes"]] == [], width
