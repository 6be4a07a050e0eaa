"""What scripts add to pages that are whole without them: facets at once, the back button, suggestions, the tray."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.site.pages import COMPARED, MODEL
from tests.site.walking import sign_in


@pytest.fixture
def results(page: Any) -> Any:
    """The page of a search, marked, so that a page loaded anew can be told from one that was changed."""
    page.goto("/search?q=resnet")
    page.evaluate("window.kept = true")
    return page


def title(page: Any) -> Any:
    return page.locator("#results-title")


def refs(page: Any) -> list[str]:
    return page.locator(".hit [name=model]").evaluate_all("boxes => boxes.map(box => box.value)")


def choose(page: Any, facet: str) -> None:
    with page.expect_response(re.compile(r"/search\?")):
        page.locator(f"#facet-{facet}").check()
    expect(page.locator("#results")).not_to_have_attribute("aria-busy", "true")


def test_a_facet_changes_results_and_address_without_loading_the_page(results):
    before = title(results).inner_text()
    choose(results, "library-timm")
    expect(results).to_have_url(re.compile(r"/search\?q=resnet&library=timm$"))
    expect(title(results)).not_to_have_text(before)
    assert all(ref.startswith("huggingface-timm/") for ref in refs(results))
    assert results.evaluate("window.kept") is True


def test_the_focus_stays_on_the_facet_that_was_pressed(results):
    """Also where the facet moves: a chosen one stands among the first, and goes back to the rest afterwards."""
    results.locator("#more-tag > summary").click()
    facet = results.locator(f"#{results.locator('#more-tag input').first.get_attribute('id')}")
    facet.focus()
    for chosen in (True, False):
        results.keyboard.press("Space")
        expect(results.locator(".chip")).to_have_count(int(chosen))
        expect(facet).to_be_checked(checked=chosen)
        expect(facet).to_be_focused()


def test_what_was_unfolded_stays_unfolded(results):
    results.locator("#more-tag > summary").click()
    choose(results, "library-timm")
    expect(results.locator("#more-tag")).to_have_attribute("open", "")


def test_a_change_of_results_is_read_out(results):
    choose(results, "library-timm")
    expect(results.locator("#announcer")).to_have_text(title(results).inner_text())


def test_the_back_button_restores_what_was_there(results):
    before, hits = title(results).inner_text(), refs(results)
    choose(results, "library-timm")
    choose(results, "framework-pytorch")
    results.go_back()
    expect(results.locator(".chip")).to_have_count(1)
    results.go_back()
    expect(title(results)).to_have_text(before)
    assert refs(results) == hits
    expect(results.locator("#facet-library-timm")).not_to_be_checked()


def test_the_address_gives_someone_else_the_same_results(results, browser, site):
    choose(results, "library-timm")
    results.locator("#sort").select_option("name")
    expect(results).to_have_url(re.compile("sort=name"))
    expect(results.locator("#sort")).to_have_value("name")
    elsewhere = browser.new_context(base_url=site.url).new_page()
    elsewhere.goto(results.url)
    expect(title(elsewhere)).to_have_text(title(results).inner_text())
    assert refs(elsewhere) == refs(results)
    elsewhere.context.close()


@pytest.mark.parametrize("address", ["/", "/search", MODEL])
def test_suggestions_come_while_typing_and_are_taken_with_the_arrows(page, address):
    page.goto(address)
    page.keyboard.press("/")
    field = page.locator(":focus")
    page.keyboard.type("resnet5", delay=20)
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", options.nth(1).get_attribute("id"))
    label = options.nth(1).locator(".suggestion-label").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("^(?!.*" + re.escape(address) + "$)"))
    expect(page.locator("main")).to_contain_text(label)


def test_escape_closes_the_suggestions_and_keeps_what_was_typed(page):
    page.goto("/search")
    page.keyboard.press("/")
    page.keyboard.type("resn")
    expect(page.get_by_role("listbox")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(page.locator("#site-q")).to_have_value("resn")


def test_the_tray_follows_from_page_to_page(page):
    page.goto("/search?q=resnet")
    for ref in refs(page)[:2]:
        page.locator(f"[data-compare-box][value='{ref}']").check()
    for address in ("/", "/p/", MODEL, "/people/"):
        page.goto(address)
        expect(page.locator("[data-tray-list] li")).to_have_count(2)
        expect(page.locator("[data-tray-go]")).to_have_text("Compare 2")


def test_a_model_is_added_to_the_tray_on_its_own_page_and_removed_there(page):
    page.goto(MODEL)
    page.get_by_role("link", name="Add to compare").click()
    expect(page.locator("[data-tray-list] li")).to_have_text(re.compile("resnet50"))
    page.get_by_role("link", name="In comparison").click()
    expect(page.locator("[data-tray]")).to_be_hidden()


def test_the_tray_of_another_window_is_the_same(page):
    page.goto("/search?q=resnet")
    other = page.context.new_page()
    other.goto("/search?q=resnet")
    page.locator("[data-compare-box]").first.check()
    expect(other.locator("[data-tray-list] li")).to_have_count(1)
    expect(other.locator("[data-compare-box]").first).to_be_checked()


def test_no_more_than_twelve_are_compared(page):
    page.goto("/search?q=resnet")
    for box in page.locator("[data-compare-box]").all()[:13]:
        box.click()
    expect(page.locator("[data-tray-list] li")).to_have_count(12)
    expect(page.locator("#announcer")).to_contain_text("At most 12")


def test_a_comparison_can_lose_a_model(page):
    page.goto("/compare?" + "&".join(f"model={ref}" for ref in COMPARED))
    page.get_by_role("link", name="Remove resnet50_8xb32_in1k").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare 2 models")


def test_the_theme_is_remembered(page):
    page.emulate_media(color_scheme="light")
    page.goto("/")
    for _ in range(2):
        page.locator(".site-footer [data-theme-switch]").click()
    page.goto("/search")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("body")).to_have_css("background-color", "rgb(20, 23, 26)")


def test_one_press_follows_and_another_unfollows(page):
    sign_in(page, "lucia")
    page.goto("/p/huggingface-timm/convnext_tiny")
    button = page.locator("#follow-button")
    before = button.inner_text()
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button).to_have_text(re.compile("^Following · 3$"))
    button.click()
    expect(button).to_have_text(before)


def test_a_toast_says_when_the_server_is_away(results):
    results.route("**/search?*", lambda route: route.abort())
    results.locator("#facet-library-timm").check()
    expect(results.get_by_text("The server cannot be reached")).to_be_visible()
    results.console_errors.clear()


def test_the_reader_of_the_api_runs_under_the_content_policy(page):
    """Swagger UI, which is not ours: axe finds faults in its markup, so it is not among the pages of `pages.py`."""
    page.goto("/api/docs")
    expect(page.locator(".opblock").first).to_be_visible(timeout=20_000)
    assert page.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0
