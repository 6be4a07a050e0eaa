"""The search in a browser: typing conditions, what is understood as chips, facets as trees, the way back."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

WORDS = "small german speech model"


@pytest.fixture
def box(page: Any) -> Any:
    """The search box of the header, empty and with the focus."""
    page.goto("/search")
    field = page.locator("header input[type=search]")
    field.focus()
    return field


def chips(page: Any) -> list[str]:
    return [text.removesuffix("×").strip() for text in page.locator("a.chip").all_inner_texts()]


def refs(page: Any) -> list[str]:
    return page.locator(".hit [name=model]").evaluate_all("boxes => boxes.map(box => box.value)")


def test_values_are_suggested_while_a_condition_is_typed(page, box):
    box.press_sequentially("task:obj")
    first = page.locator("header [role=option]").first
    expect(first).to_contain_text("task:Object detection")
    box.press("ArrowDown")
    box.press("Enter")
    expect(page).to_have_url(re.compile("q=task"))
    assert chips(page) == ["task: Object detection"]
    expect(page.locator("#facet-task-object-detection")).to_be_checked()


def test_a_field_that_is_chosen_goes_on_with_its_values(page, box):
    box.press_sequentially("resnet lib")
    page.locator("header [role=option]", has_text="library:").first.wait_for()
    box.press("ArrowUp")
    box.press("Enter")
    expect(box).to_have_value("resnet library:")
    expect(page.locator("header [role=option]").first).to_contain_text("library:")
    expect(box).to_be_focused()


def test_understood_words_are_chips_that_one_click_removes_or_turns_back(page):
    page.goto(f"/search?q={WORDS.replace(' ', '+')}")
    assert chips(page) == ["german → language: German", "speech → task: Automatic speech recognition"]
    page.get_by_label("Search the words “german” as they are").click()
    assert chips(page) == ["speech → task: Automatic speech recognition", "“german”"]
    page.go_back()
    page.get_by_label("Remove the filter language: German").click()
    assert chips(page) == ["speech → task: Automatic speech recognition"]
    assert "german" not in page.locator("header input[type=search]").input_value()
    page.go_back()
    page.get_by_role("link", name="search these words instead").click()
    assert chips(page) == []
    expect(page).to_have_url(re.compile("read=words"))
    page.get_by_role("link", name="Read them as filters").click()
    assert len(chips(page)) == 2


def test_a_facet_chosen_beside_understood_words_keeps_them(page):
    page.goto("/search?q=german+speech+model")
    with page.expect_response(re.compile(r"/search\?")):
        page.locator("#facet-library-nemo").check()
    expect(page.locator("a.chip")).to_have_count(3)
    assert {"language: German", "library: NeMo"} <= set(chips(page))
    page.go_back()
    expect(page.locator("a.chip")).to_have_count(2)


def test_the_address_of_a_condition_gives_someone_else_the_same(page, browser, site):
    page.goto("/search?q=vit+params<50M+top1@imagenet>=80+-license:cc-by-nc")
    assert len(chips(page)) == 3
    other = browser.new_context(base_url=site.url).new_page()
    other.goto(page.url)
    assert refs(other) == refs(page) != []
    assert chips(other) == chips(page)
    other.context.close()


def test_a_taxonomy_unfolds(page):
    page.goto("/search")
    page.locator("#below-task-computer-vision > summary").click()
    with page.expect_response(re.compile(r"/search\?")):
        page.locator("#facet-task-object-detection").check()
    expect(page.locator("a.chip")).to_have_count(1)
    expect(page.locator("#below-task-computer-vision")).to_have_attribute("open", "")


def test_a_value_of_a_long_facet_is_looked_for(page):
    page.goto("/search")
    page.locator("#find-dataset").fill("coco")
    with page.expect_response(re.compile(r"find_dataset=coco")):
        page.locator("#find-dataset").press("Enter")
    expect(page.locator("#find-dataset")).to_have_value("coco")
    values = page.locator("input[name=dataset]").evaluate_all("boxes => boxes.map(box => box.value)")
    assert values and all("coco" in value for value in values)


def test_a_text_that_cannot_be_read_is_shown_with_the_place(page):
    page.goto("/search?q=" + 'resnet+task:"object')
    expect(page.locator("mark.wrong")).to_have_text('"')
    expect(page.get_by_role("heading", name="This search can't be understood")).to_be_visible()
    page.get_by_role("link", name="Search the words alone").click()
    expect(page.locator("#results-title")).to_be_visible()
    page.console_errors.clear()  # the browser tells of the 400 that was asked for


def test_reasons_are_told_on_demand(page):
    page.goto("/search?q=resnet50")
    page.get_by_role("link", name="Why these results").click()
    expect(page.locator(".hit-reasons").first).to_contain_text("is in its name")
    page.get_by_role("link", name="Hide the reasons").click()
    expect(page.locator(".hit-reasons")).to_have_count(0)


def test_recent_searches_are_offered_and_forgotten(page, box):
    box.fill("resnet50")
    box.press("Enter")
    page.wait_for_url(re.compile("q=resnet50"))
    page.goto("/")
    field = page.locator("main input[type=search]")
    field.press("ArrowDown")
    expect(page.locator("[role=option]").first).to_contain_text("resnet50")
    page.locator("[role=option]", has_text="Forget these searches").dispatch_event(
        "pointerdown", {"button": 0}
    )
    expect(page.locator("[role=option]")).to_have_count(0)
    field.press("ArrowDown")
    expect(page.locator("[role=option]")).to_have_count(0)


def test_an_order_by_a_metric_shows_its_value_and_spread(page):
    page.goto("/search?sort=metric:word-error-rate")
    expect(page.locator(".hit-key .figure").first).to_have_text(re.compile(r"[\d.]+ %"))
    expect(page.locator(".hit-key").first).to_contain_text("best Word error rate")
    expect(page.locator(".facet legend", has_text="Word error rate")).to_be_visible()
