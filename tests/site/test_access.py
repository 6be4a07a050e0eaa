"""Every page, for everyone: what axe, the console, the network and narrow windows say of it, light and dark.

Each page is opened once for a visitor or for the administrator; the tests of it read what was seen.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from tests.conftest import must_have, once
from tests.site.pages import HIDDEN_AT_FIRST, MEMBER, REFUSED, VISITOR
from tests.site.walking import sign_in

WIDE, PHONE, ZOOMED = 1280, 390, 640  # a window of 1280 px at 200 % has 640 px for the page
PAGES = [*VISITOR, *MEMBER, *HIDDEN_AT_FIRST]
AXE = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"
SIDEWAYS = "document.scrollingElement.scrollWidth - innerWidth"


@dataclass
class Seen:
    """What was seen of a page."""

    status: int = 0
    console: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    violations: dict[str, list[str]] = field(default_factory=dict)
    sideways: dict[int, int] = field(default_factory=dict)


class Visitor:
    """A browser window that notes what goes wrong on each page it opens."""

    def __init__(self, browser: Any, url: str, person: str = "") -> None:
        self.context = browser.new_context(
            base_url=url,
            color_scheme="light",
            reduced_motion="reduce",
            viewport={"width": WIDE, "height": 900},
        )
        self.context.set_default_timeout(10_000)
        self.page = self.context.new_page()
        if person:
            sign_in(self.page, person)
        self.seen = Seen()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.seen.console.append(str(error)))
        self.page.on("requestfailed", lambda request: self.seen.failed.append(request.url))
        self.page.on("response", self._response)

    def _console(self, message: Any) -> None:
        # The browser tells of each answer of 400 and more here, too; those are counted as failed requests.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.seen.console.append(message.text)

    def _response(self, response: Any) -> None:
        if response.status >= 400 and not response.request.is_navigation_request():
            self.seen.failed.append(f"{response.status} {response.url}")

    def visit(self, address: str, then: Callable[[Any], None] | None = None) -> Seen:
        page, self.seen = self.page, Seen()
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": WIDE, "height": 900})
        self.seen.status = page.goto(address, wait_until="load").status
        if then is not None:
            then(page)
        page.evaluate(AXE_SCRIPT)
        self.seen.violations["light"] = self._axe()
        page.emulate_media(color_scheme="dark")
        self.seen.violations["dark"] = self._axe()
        for width in (WIDE, ZOOMED, PHONE):
            page.set_viewport_size({"width": width, "height": 900})
            self.seen.sideways[width] = page.evaluate(SIDEWAYS)
        self.seen.violations["on a phone"] = self._axe()
        return self.seen

    def _axe(self) -> list[str]:
        return [
            f"{found['impact']}: {found['help']}: {[node['html'][:200] for node in found['nodes'][:3]]}"
            for found in self.page.evaluate(AXE)
        ]


@pytest.fixture(scope="module")
def visitors(_chromium: Callable[[], Any], site: Any) -> Iterator[Callable[[str], Visitor]]:
    """Windows, one for those who are not signed in and one for the administrator, each opened at most once."""
    site.manage("shell", "-c", DEFINE_ATTRIBUTES)
    site.manage("shell", "-c", SEND_STATISTICS)
    browser = must_have(_chromium)
    opened: list[Visitor] = []

    def window(person: str) -> Visitor:
        opened.append(Visitor(browser, site.url, person))
        return opened[-1]

    windows = {person: once(lambda person=person: window(person)) for person in ("", "mara")}
    yield lambda person: windows[person]()
    for visitor in opened:
        visitor.context.close()


DEFINE_ATTRIBUTES = """
from catalog.models import AttributeDefinition
for slug, type, choices in (("risk", "choice", ["low", "high"]), ("cost", "number", []), ("checked", "boolean", [])):
    words = {"name": slug.capitalize(), "type": type, "choices": choices}
    AttributeDefinition.objects.get_or_create(slug=slug, defaults=words)
"""

SEND_STATISTICS = """
from accounts.models import User
from access.viewers import load_viewer
from catalog.models import ModelVersion
from evaluations.services.statistics import add_statistics
from evaluations.statistics.document import read_document
from tests import statistics as real
mara = load_viewer(User.objects.get(username="mara"))
everything, weaker = real.document(), real.document(0.001)
matrix = {"statistics": [real.digits()]}
for label, document in (("a2_in1k", everything), ("a3_in1k", weaker), ("tv_in1k", matrix)):
    version = ModelVersion.objects.get(model__project__slug="huggingface-timm", model__slug="resnet50", label=label)
    add_statistics(viewer=mara, version=version, document=read_document(document))
"""


@pytest.fixture(scope="module")
def seen(visitors: Callable[[str], Visitor]) -> Callable[[str], Seen]:
    """What was seen of the page of that name; it is opened when the first test asks."""
    known: dict[str, Seen] = {}

    def look(name: str) -> Seen:
        if name not in known:
            if name in HIDDEN_AT_FIRST:
                person, address, then = HIDDEN_AT_FIRST[name]
                known[name] = visitors(person).visit(address, then)
            elif name in MEMBER:
                known[name] = visitors("mara").visit(MEMBER[name])
            else:
                known[name] = visitors("").visit(VISITOR[name])
        return known[name]

    return look


every_page = pytest.mark.parametrize("name", PAGES)


@every_page
def test_the_page_is_there(seen, name):
    assert seen(name).status == REFUSED.get(name, 200)


@every_page
@pytest.mark.parametrize("look", ["light", "dark", "on a phone"])
def test_axe_finds_nothing(seen, name, look):
    assert seen(name).violations[look] == []


@every_page
def test_the_console_tells_of_no_error(seen, name):
    assert seen(name).console == []


@every_page
def test_nothing_the_page_asks_for_fails(seen, name):
    assert seen(name).failed == []


@every_page
@pytest.mark.parametrize("width", [WIDE, ZOOMED, PHONE])
def test_the_page_never_scrolls_sideways(seen, name, width):
    assert seen(name).sideways[width] <= 0
