"""`make screenshot`: takes the pictures of the documentation from a running demo, in light and dark."""

import argparse
import shutil
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "images"
COMPARED = (
    "huggingface-timm/resnet50",
    "open-mmlab-mmpretrain/resnet50_8xb32_in1k",
    "paddlepaddle-paddleclas/resnet50",
)
EMBEDDING = (
    "baai/bge-m3",
    "intfloat/multilingual-e5-large",
    "sentence-transformers/all-minilm-l6-v2",
    "sentence-transformers/all-mpnet-base-v2",
)
PAGES = {
    "home": "/",
    "search": "/search?q=vision+transformer+under+50M+parameters&sort=metric:top-1-accuracy@imagenet-1k",
    "model": "/p/huggingface-timm/resnet50",
    "compare": "/compare?" + "&".join(f"model={model}" for model in COMPARED),
    "tradeoffs": "/compare?" + "&".join(f"model={model}" for model in EMBEDDING),
    "board": "/boards?on=top-1-accuracy@imagenet-1k@validation",
    "plot": "/search/plot?q=image+classification&color=library",
    "progress": "/p/huggingface-timm/resnet50/progress",
}
# What `--with-statistics` adds: small classifiers of scikit-learn, fitted here on data that it brings along.
PROJECT = "scikit-learn-examples"
MODELS = {"tumour-classifier": "Tumour classifier", "digit-classifier": "Digit classifier"}
STRENGTHS = {"C=1": 1.0, "C=0.001": 0.001}
STATISTICS = {
    "statistics": f"/p/{PROJECT}/tumour-classifier/v/C=1/statistics",
    "statistics-matrix": f"/p/{PROJECT}/digit-classifier/v/C=1/statistics",
    "statistics-compare": "/compare/statistics?"
    + "&".join(f"model={PROJECT}/tumour-classifier@{label}" for label in STRENGTHS),
}
WHOLE = {"tradeoffs": "#tradeoffs", **dict.fromkeys(STATISTICS, "main")}
FLAGS = ["--no-sandbox", "--disable-gpu", "--hide-scrollbars"]


def main() -> int:
    """0 when every picture was taken; 1 with a line that says what is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", default="http://127.0.0.1:8000")
    parser.add_argument("--browser", default=shutil.which("chromium") or shutil.which("google-chrome"))
    parser.add_argument(
        "--with-statistics",
        action="store_true",
        help="add a model with real statistics to the site, as the demo's administrator, and picture its charts, too",
    )
    given = parser.parse_args()
    if not given.browser:
        print("Chromium is not installed: apt-get install chromium, or --browser PATH.", file=sys.stderr)
        return 1
    FOLDER.mkdir(exist_ok=True)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=given.browser, args=FLAGS)
            if given.with_statistics:
                send_statistics(browser.new_page(base_url=given.site))
            for name, address in (PAGES | (STATISTICS if given.with_statistics else {})).items():
                picture(browser, given.site, name, address, WHOLE.get(name, ""))
            browser.close()
    except (Error, Unfit) as error:
        words = str(error).splitlines()[0]
        print(f"{given.site} can't be pictured: {words} Run `make run` first.", file=sys.stderr)
        return 1
    return 0


class Unfit(Exception):
    """The site does not answer as the demo does."""


def picture(browser: Browser, site: str, name: str, address: str, whole: str) -> None:
    """The page in light and dark: what a screen shows of it, or the whole of one part with every chart alive."""
    for scheme in ("light", "dark"):
        page = browser.new_page(base_url=site, color_scheme=scheme, viewport={"width": 1280, "height": 860})
        answer = page.goto(address, wait_until="networkidle")
        if answer is None or not answer.ok:
            raise Unfit(f"{address} does not answer with a page; is the demo loaded?")
        file = FOLDER / f"{name}{'' if scheme == 'light' else '-dark'}.png"
        if whole:
            for figure in page.locator(f"{whole} [data-vega]").all():
                figure.scroll_into_view_if_needed()
                figure.and_(page.locator("[data-alive]")).wait_for()
            # The head of the page stays in sight, and would lie over what is pictured.
            page.locator(".site-header").evaluate("head => { head.style.position = 'static'; }")
            page.locator(whole).screenshot(path=file)
        else:
            page.screenshot(path=file)
        page.close()
        print(file.relative_to(ROOT))


def send_statistics(page: Page) -> None:
    """Sign in as the demo's administrator and send the model by the API; what is there already stays."""
    sys.path.insert(0, str(ROOT))
    from tests import statistics
    from tests.site.walking import sign_in

    sign_in(page, "mara")

    def post(path: str, body: dict[str, Any]) -> None:
        cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
        token = next(value for name, value in cookies.items() if name.endswith("csrftoken"))
        headers = {"X-CSRFToken": token, "Referer": page.url}
        answer = page.request.post(f"/api/v1/{path}", data=body, headers=headers)
        if not answer.ok:
            raise Unfit(f"{path} was answered with {answer.status}: {answer.text()[:300]}")

    if page.request.get(f"/api/v1/projects/{PROJECT}").ok:
        return
    post("projects", {"slug": PROJECT, "name": "scikit-learn examples", "visibility": "public"})
    for slug, name in MODELS.items():
        about = {"slug": slug, "name": name, "summary": "Logistic regression on data of scikit-learn"}
        post(f"projects/{PROJECT}/models", about)
        for label, strength in STRENGTHS.items():
            digits, tumours = {"statistics": [statistics.digits(strength)]}, statistics.document(strength)
            post(f"models/{PROJECT}/{slug}/versions", {"label": label})
            post(
                f"models/{PROJECT}/{slug}/versions/{label}/statistics",
                digits if slug == "digit-classifier" else tumours,
            )


if __name__ == "__main__":
    sys.exit(main())
