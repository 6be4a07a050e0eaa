"""`make screenshot`: takes the pictures of the documentation from a running demo, in light and dark."""

import argparse
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

FOLDER = Path(__file__).resolve().parent / "images"
COMPARED = (
    "huggingface-timm/resnet50",
    "open-mmlab-mmpretrain/resnet50_8xb32_in1k",
    "paddlepaddle-paddleclas/resnet50",
)
PAGES = {
    "home": "/",
    "search": "/search?q=vision+transformer+under+50M+parameters&sort=metric:top-1-accuracy@imagenet-1k",
    "model": "/p/huggingface-timm/resnet50",
    "compare": "/compare?" + "&".join(f"model={model}" for model in COMPARED),
    "board": "/boards?on=top-1-accuracy@imagenet-1k@validation",
    "plot": "/search/plot?q=image+classification&color=library",
    "progress": "/p/huggingface-timm/resnet50/progress",
}
FLAGS = ["--no-sandbox", "--disable-gpu", "--hide-scrollbars"]


def main() -> int:
    """0 when every picture was taken; 1 with a line that says what is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", default="http://127.0.0.1:8000")
    parser.add_argument("--browser", default=shutil.which("chromium") or shutil.which("google-chrome"))
    given = parser.parse_args()
    if not given.browser:
        print("Chromium is not installed: apt-get install chromium, or --browser PATH.", file=sys.stderr)
        return 1
    FOLDER.mkdir(exist_ok=True)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=given.browser, args=FLAGS)
            for scheme in ("light", "dark"):
                page = browser.new_page(
                    base_url=given.site, color_scheme=scheme, viewport={"width": 1280, "height": 860}
                )
                for name, address in PAGES.items():
                    answer = page.goto(address, wait_until="networkidle")
                    if answer is None or not answer.ok:
                        print(f"{address} does not answer with a page; is the demo loaded?", file=sys.stderr)
                        return 1
                    file = FOLDER / f"{name}{'' if scheme == 'light' else '-dark'}.png"
                    page.screenshot(path=file)
                    print(file.relative_to(FOLDER.parent.parent))
            browser.close()
    except Error as error:
        print(
            f"{given.site} can't be pictured: {error.message.splitlines()[0]} Run `make run` first.",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
