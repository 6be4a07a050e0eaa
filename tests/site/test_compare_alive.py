"""The comparison in a browser: tray, order, base line, rows, charts with and without script, paper, phone."""

import re
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.site.pages import COMPARED

BOARD = "/boards?on=top-1-accuracy@imagenet-1k"
THREE = "/compare?" + "&".join(f"model={ref}" for ref in COMPARED)


def heads(page: Any) -> list[str]:
    return page.locator("[data-compare-column]").evaluate_all(
        "heads => heads.map(h => h.dataset.compareColumn)"
    )


def alive(page: Any, name: str) -> Any:
    """The figure of a chart, once Vega has drawn it."""
    figure = page.locator(f"#chart-{name}")
    figure.scroll_into_view_if_needed()
    expect(figure).to_have_attribute("data-alive", "", timeout=30_000)
    return figure


def test_the_tray_goes_from_page_to_page_and_into_the_comparison(page):
    page.goto(BOARD)
    for number in (0, 1):
        page.locator("[data-compare-add]").nth(number).click()
    page.goto("/search?q=resnet50")
    page.locator("[data-compare-box]").first.check()
    tray = page.locator("[data-tray]")
    expect(tray.locator("li")).to_have_count(3)
    page.goto("/p/")
    expect(tray.locator("li")).to_have_count(3)
    tray.get_by_role("button", name="Compare 3").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare 3 models")
    assert len(heads(page)) == 3


def test_columns_are_dragged_and_moved_by_links(page):
    page.goto(THREE)
    before = heads(page)
    columns = page.locator("[data-compare-column]")
    with page.expect_navigation():
        columns.nth(0).drag_to(columns.nth(2))
    assert heads(page) == [before[1], before[2], before[0]]
    page.get_by_role("link", name=re.compile("^Move .* left$")).last.click()
    page.wait_for_load_state()
    assert heads(page) == [before[1], before[0], before[2]]
    page.go_back()
    assert heads(page) == [before[1], before[2], before[0]]


def test_a_base_line_is_set_by_a_click_and_stays_while_columns_move(page):
    page.goto(THREE)
    chosen = heads(page)[1]
    page.locator("[data-compare-column]").nth(1).get_by_role("link", name=re.compile("^Base line")).click()
    expect(page.locator(".compare-base")).to_have_attribute("data-compare-column", chosen)
    expect(page.locator(".compare .change").first).to_be_visible()
    page.get_by_role("link", name=re.compile("^Move .* right$")).first.click()
    expect(page.locator(".compare-base")).to_have_attribute("data-compare-column", chosen)
    page.get_by_role("link", name="No base line").click()
    expect(page.locator(".compare-base")).to_have_count(0)


def test_rows_are_found_while_typing_and_by_the_server(page):
    page.goto(f"{THREE}&show=all")
    page.get_by_placeholder("Find rows…").fill("top-1")
    rows = page.locator(".compare tbody tr:not(.group):visible")
    expect(rows).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("find=top-1"))
    expect(page.locator(".compare tbody tr:not(.group)")).to_have_count(1)


def test_a_point_tells_what_it_is_and_leads_to_its_model(page):
    page.goto("/search/plot?q=library:paddleclas&y=top-1-accuracy@imagenet-1k@validation")
    figure = alive(page, "plot")
    point = figure.locator(".vega-live [aria-roledescription=point]").first
    name = (point.get_attribute("aria-label") or "").partition(":")[0]
    point.hover(force=True)
    expect(page.locator("#vg-tooltip-element")).to_contain_text(name)
    with page.expect_navigation():
        point.click(force=True)
    assert "/p/" in page.url
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile(".+"))


def test_charts_follow_the_theme(page):
    page.emulate_media(color_scheme="light")
    page.goto(THREE)
    figure = alive(page, "tradeoff")
    color = "() => getComputedStyle(document.querySelector('#chart-tradeoff .vega-live svg text')).fill"
    light = page.evaluate(color)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"light => ({color})() !== light", arg=light)
    expect(figure.locator(".vega-drawing")).to_be_hidden()


@pytest.mark.parametrize("address", [THREE, "/search/plot?q=image+classification&color=library", BOARD])
def test_without_script_charts_are_drawn_by_the_server_and_forms_work(browser, site, address):
    page = browser.new_context(base_url=site.url, java_script_enabled=False).new_page()
    page.goto(address)
    drawings = page.locator(".vega-drawing > svg")
    for number in range(drawings.count()):
        expect(drawings.nth(number)).to_be_visible()
    assert drawings.count() > 0 or address == BOARD
    if address == THREE:
        page.locator("select[name=y]").select_option(index=2)
        page.get_by_role("button", name="Draw").click()
        expect(page.locator(".vega-drawing > svg").first).to_be_visible()
        assert "y=" in page.url
    page.context.close()


def test_on_paper_there_is_the_table_and_the_drawing_and_nothing_to_press(page):
    page.goto(THREE)
    alive(page, "tradeoff")
    page.emulate_media(media="print")
    expect(page.locator(".compare")).to_be_visible()
    expect(page.locator("#chart-tradeoff .vega-drawing")).to_be_visible()
    for gone in ("#chart-tradeoff .vega-live", ".compare-do >> nth=0", ".site-header", ".compare-tools"):
        expect(page.locator(gone)).to_be_hidden()


@pytest.mark.parametrize("address", [THREE, BOARD, "/boards", "/search/plot?q=image+classification"])
def test_nothing_sticks_out_on_a_phone(page, address):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.fixture
def elsewhere(tmp_path):
    """The address of another site, and the folder it serves."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", tmp_path
    server.shutdown()
    server.server_close()


def test_a_board_stands_in_the_frame_of_another_site(browser, site, elsewhere):
    url, folder = elsewhere
    outside = folder / "outside.html"
    outside.write_text(
        f'<iframe src="{site.url}/boards/embed?on=top-1-accuracy@imagenet-1k" title="board"></iframe>'
    )
    page = browser.new_context().new_page()
    page.goto(f"{url}/outside.html")
    expect(page.frame_locator("iframe").locator("h1")).to_contain_text("Top-1 accuracy")
    page.context.close()
