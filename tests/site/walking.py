"""How the tests here go about the site: signing in, and going from place to place by keyboard."""

from typing import Any

from playwright.sync_api import expect

PASSWORD = "vitrine-demo"


def sign_in(page: Any, person: str) -> None:
    """Sign in as one of the demo's people."""
    page.goto("/sign-in")
    page.fill("#id_username", person)
    page.fill("#id_password", PASSWORD)
    page.press("#id_password", "Enter")
    page.wait_for_url("**/")


def tab_to(page: Any, selector: str, *, back: bool = False, most: int = 250) -> Any:
    """Press Tab (or Shift+Tab) until the focus is on it, as someone without a mouse does; gives the locator."""
    for _ in range(most):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        if page.evaluate("selector => Boolean(document.activeElement?.matches(selector))", selector):
            target = page.locator(":focus")
            expect(target).to_be_in_viewport()
            return target
    raise AssertionError(f"{most} times Tab does not reach {selector} on {page.url}")
