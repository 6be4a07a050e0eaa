"""Ways through the whole product: by keyboard alone, and without JavaScript."""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.site.pages import COMPARED
from tests.site.walking import PASSWORD, tab_to

SAID, ANSWERED = "Which input size is this number for?", "The one in the conditions: 224 px."


@pytest.fixture
def no_mouse(page: Any) -> Any:
    """A page on which the mouse does nothing: whoever clicks it by mistake fails."""

    def refused(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("This walk has no mouse.")

    page.mouse.click = page.mouse.down = page.click = page.check = page.tap = refused
    return page


def test_all_can_be_done_with_the_keyboard_alone(no_mouse):
    """Sign in, search, narrow, open, rate, comment, answer, bookmark, compare three, download."""
    page, press = no_mouse, no_mouse.keyboard.press

    sign_in_by_keys(page, press)
    press("/")
    page.keyboard.type("resnet50")
    press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"^\d+ models$"))
    everything = count(page)

    tab_to(page, "#below-task-computer-vision > summary")
    press("Enter")
    tab_to(page, "#facet-task-image-classification")
    press("Space")
    expect(page).to_have_url(re.compile("task=image-classification"))
    tab_to(page, "#facet-framework-pytorch")
    press("Space")
    expect(page).to_have_url(re.compile("framework=pytorch"))
    tab_to(page, "[name=parameters_max]", back=True)
    page.keyboard.type("30M")
    press("Enter")
    expect(page).to_have_url(re.compile("parameters_max=30M"))
    expect(page.locator(".chip")).to_have_count(3)
    assert 3 <= count(page) < everything

    press("Tab")
    for _ in range(3):
        press("j")
        press("x")
    expect(page.get_by_role("button", name="Compare 3")).to_be_visible()
    chosen = page.locator("[data-compare-box]:checked").evaluate_all("boxes => boxes.map(box => box.value)")
    assert len(chosen) == 3

    press("k")
    press("k")
    name = page.locator(":focus").inner_text()
    press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)

    rate_and_talk(page, press)

    tab_to(page, "#bookmark-button", back=True)
    press("Space")
    expect(page.locator("#bookmark-button")).to_have_attribute("aria-pressed", "true")

    press("c")
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare 3 models")
    assert parse_qs(urlsplit(page.url).query)["model"] == chosen

    head = next(csv.reader(io.StringIO(download(page, "csv").decode("utf-8-sig"))))
    assert [ref.partition("@")[0] for ref in head[6:]] == chosen
    models = json.loads(download(page, "json"))["models"]
    assert [model["ref"].partition("@")[0] for model in models] == chosen

    press("?")
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()
    press("Escape")
    expect(page.get_by_role("heading", name="Keys")).to_be_hidden()


def sign_in_by_keys(page, press):
    page.goto("/sign-in")
    expect(page.locator("#id_username")).to_be_focused()
    page.keyboard.type("lucia")
    press("Tab")
    page.keyboard.type(PASSWORD)
    press("Enter")
    expect(page.get_by_label("My menu: Lucia Moretti (demo)")).to_be_visible()


def rate_and_talk(page, press):
    """Rate the model on the page with four stars, comment, and answer the comment."""
    tab_to(page, "#rating summary")
    press("Enter")
    tab_to(page, "[name=stars]")
    for _ in range(3):
        press("ArrowRight")
    tab_to(page, "#rating-review")
    page.keyboard.type("Read its license first.")
    tab_to(page, "#rating .btn-primary")
    press("Enter")
    expect(page.locator("#rating")).to_contain_text("Your rating: 4 stars")

    tab_to(page, "#discussion .social-form > summary", back=True)
    press("Enter")
    expect(page.locator("#body-new")).to_be_focused()
    page.keyboard.type(SAID)
    tab_to(page, "#discussion .btn-primary")
    press("Enter")
    mine = page.get_by_role("article", name="Comment by Lucia Moretti (demo)").filter(has_text=SAID).first
    expect(mine).to_be_focused()

    tab_to(
        page,
        f"#{mine.get_attribute('id')} > .comment-body > .comment-tools > details:first-of-type > summary",
    )
    press("Enter")
    expect(mine.get_by_label("Your answer").first).to_be_focused()
    page.keyboard.type(ANSWERED)
    press("Control+Enter")
    expect(page.locator(".comment .comment").filter(has_text=ANSWERED).first).to_be_visible()


def test_the_downloads_hold_what_the_comparison_shows(page, site):
    page.goto("/compare?" + "&".join(f"model={ref}" for ref in COMPARED))
    shown = page.locator("tr", has_text="Top-1 accuracy").first.locator("td").all_inner_texts()
    answer = json.loads(download(page, "json"))
    assert answer == site.get("/api/v1/compare", model=COMPARED).json()
    row = next(row for row in answer["metrics"] if row["metric"] == "Top-1 accuracy")
    assert [numbers(cell) for cell in shown] == [[value] if value else [] for value in row["values"]]
    lines = [*csv.reader(io.StringIO(download(page, "csv").decode("utf-8-sig")))]
    line = next(line for line in lines if "Top-1 accuracy" in line and "ImageNet-1k" in line)
    assert [cell for cell in line if re.fullmatch(r"\d+\.\d+", cell)] == ["76.55", "76.5"]


@pytest.fixture
def plain(browser: Any, site: Any) -> Iterator[Any]:
    """A page in a browser that runs no JavaScript."""
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def test_all_can_be_done_without_javascript(plain):
    """Sign in, search, narrow, open, rate, comment, answer, bookmark, compare, download."""
    page = plain
    page.goto("/")
    page.get_by_role("link", name="Sign in").first.click()
    page.get_by_label("User name").fill("chen")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    page.get_by_label("Search the catalog").fill("quartznet")
    page.get_by_label("Search the catalog").press("Enter")
    everything = count(page)
    page.locator("#facet-language-english").check()
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".chip")).to_have_text(re.compile("language: English"))
    assert 0 < count(page) < everything

    page.locator(".chip").click()
    page.get_by_role("link", name="stt_en_quartznet15x5", exact=True).click()
    page.locator("#rating summary").click()
    page.get_by_role("radio", name="5 stars").check()
    page.get_by_label("Review").fill("Small, and says on what it was measured.")
    page.locator("#rating .btn-primary").click()
    expect(page.locator("#rating")).to_contain_text("Your rating: 5 stars")

    if not page.locator("#body-new").is_visible():  # open by itself where nobody has said anything yet
        page.get_by_text("Write a comment").click()
    page.locator("#body-new").fill(SAID)
    page.get_by_role("button", name="Comment", exact=True).click()
    comment = page.get_by_role("article").filter(has_text=SAID).first
    comment.locator("summary", has_text="Reply").first.click()
    comment.get_by_label("Your answer").first.fill(ANSWERED)
    comment.get_by_role("button", name="Reply").first.click()
    expect(page.locator(".comment .comment").filter(has_text=ANSWERED).first).to_be_visible()

    page.locator("#bookmark-button").click()
    expect(page.locator("#bookmark-button")).to_have_attribute("aria-pressed", "true")

    page.goto("/search?q=quartznet")
    boxes = page.locator(".hit [name=model]")
    chosen = [boxes.nth(position).get_attribute("value") for position in range(3)]
    for position in range(3):
        boxes.nth(position).check()
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare 3 models")
    assert parse_qs(urlsplit(page.url).query)["model"] == chosen
    page.locator(".page-head .menu > summary").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSV", exact=True).click()
    assert all(ref in Path(waiting.value.path()).read_text() for ref in chosen)


def count(page: Any) -> int:
    """How many models the search page says it found."""
    return int(page.get_by_role("heading", level=1).inner_text().split()[0].replace(",", ""))


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"\d+\.\d+", text)]


def download(page: Any, kind: str) -> bytes:
    """The comparison as a file of that kind, asked for by keyboard."""
    is_open = page.locator(f"a[download][href*='format={kind}']").is_visible()
    tab_to(page, ".page-head .menu > summary", back=is_open)
    if not is_open:
        page.keyboard.press("Enter")
    tab_to(page, f"a[download][href*='format={kind}']")
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    assert waiting.value.suggested_filename == f"vitrine-comparison.{kind}"
    return Path(waiting.value.path()).read_bytes()
