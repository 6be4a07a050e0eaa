"""What every test may ask for: a real OpenSearch, a real Redis, a real browser and a site for it to visit.

Each starts once a run, when the first test asks. Where one can't be had its tests are skipped with a loud line;
under `CI=true` that is a failure.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from config.servers import ServerError
from config.servers.opensearch import OpenSearchServer
from config.servers.redis import RedisServer
from tests.factories import (  # noqa: F401 - fixtures for every test
    api,
    looking,
    model,
    person,
    project,
    team,
    term,
    version,
)

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
missing: list[str] = []


@pytest.fixture(autouse=True)
def _fresh_vocabulary() -> None:
    """No test reads searches by the vocabulary of another."""
    from search.query import lexicon

    lexicon.forget()


# Tests that share servers started once a run: with several processes all of a group run in one of them.
GROUPS = {"tests/site/": "site", "tests/search/test_outages.py": "outages", "tests/bench/": "bench"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for path, group in GROUPS.items():
            if item.nodeid.startswith(path):
                item.add_marker(pytest.mark.xdist_group(group))


def must_have(start: Callable[[], Any]) -> Any:
    """What `start` gives; a test that needs what can't be had is skipped, or fails in CI."""
    try:
        return start()
    except ServerError as error:
        if str(error) not in missing:
            missing.append(str(error))
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(f"CI must have it: {error}", pytrace=False)
        pytest.skip(str(error))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for words in missing:
        terminalreporter.write_line(f"NOT TESTED: {words}", red=True, bold=True)


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """A folder for the servers of this run, short-lived and readable by their users."""
    folder = Path(tempfile.mkdtemp(prefix="vitrine-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def _opensearch(server_folder: Path) -> Iterator[Callable[[], str]]:
    """Starts it at the first call and remembers a failure, so that it is not tried again for each test."""
    server = OpenSearchServer(server_folder / "opensearch", heap="512m")
    yield once(server.start)
    server.stop()


@pytest.fixture
def opensearch_url(_opensearch: Callable[[], str]) -> str:
    """A real OpenSearch; VITRINE_TEST_OPENSEARCH_URL names one that runs already."""
    return os.environ.get("VITRINE_TEST_OPENSEARCH_URL") or must_have(_opensearch)


@pytest.fixture(scope="session")
def _redis(server_folder: Path) -> Iterator[Callable[[], str]]:
    server = RedisServer(server_folder / "redis")
    yield once(lambda: server.start(install=True))
    server.stop()


@pytest.fixture
def redis_url(_redis: Callable[[], str]) -> str:
    """A real Redis; VITRINE_TEST_REDIS_URL names one that runs already."""
    return os.environ.get("VITRINE_TEST_REDIS_URL") or must_have(_redis)


@pytest.fixture(scope="session")
def _chromium() -> Iterator[Callable[[], Any]]:
    running: list[Any] = []

    def start() -> Any:
        from playwright.sync_api import sync_playwright

        program = chromium_path()
        playwright = sync_playwright().start()
        browser = playwright.chromium.launch(executable_path=program, args=BROWSER_FLAGS)
        running.extend([browser.close, playwright.stop])
        return browser

    yield once(start)
    for end in running:
        end()


@pytest.fixture
def browser(_chromium: Callable[[], Any]) -> Any:
    """A real Chromium, headless, driven by Playwright: `browser.new_context(...)`, `.new_page()`."""
    return must_have(_chromium)


@pytest.fixture
def live_site(live_server: Any) -> str:
    """The address of the site served for a browser, with its static files; without a slash at the end."""
    return str(live_server.url)


@pytest.fixture
def page(browser: Any, live_site: str) -> Iterator[Any]:
    """A fresh page at the site; a test fails at its end when the browser's console told of an error."""
    context = browser.new_context(base_url=live_site, reduced_motion="reduce")
    context.set_default_timeout(10_000)
    tab = context.new_page()
    errors: list[str] = []
    tab.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.console_errors = errors
    yield tab
    context.close()
    assert not errors, f"The browser's console: {errors}"


def once(start: Callable[[], Any]) -> Callable[[], Any]:
    """`start`, called at most once: later calls give the same thing, or the same error."""
    results: list[Any] = []

    def again() -> Any:
        if not results:
            try:
                results.append(start())
            except ServerError as error:
                results.append(error)
        if isinstance(results[0], ServerError):
            raise results[0]
        return results[0]

    return again


def chromium_path() -> str:
    """Where the browser is; Debian's package is installed when it is missing and we may.

    Raises:
        ServerError: there is none.
    """
    given = os.environ.get("VITRINE_CHROMIUM")
    found = given or next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", *words], check=False, capture_output=True, env=environment)
        found = shutil.which("chromium")
    if found is None:
        raise ServerError(
            "Chromium is not installed. `apt-get install chromium`, or set VITRINE_CHROMIUM to its path."
        )
    return found
