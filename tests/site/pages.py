"""Every kind of page of the site, by the name its tests show, with an address of the demo catalog."""

from collections.abc import Callable
from typing import Any

MODEL = "/p/huggingface-timm/resnet50"
COMPARED = [
    "huggingface-timm/resnet50",
    "open-mmlab-mmpretrain/resnet50_8xb32_in1k",
    "paddlepaddle-paddleclas/resnet50",
]
TWELVE = [
    *COMPARED,
    "huggingface-timm/convnext_tiny",
    "mlfoundations-open_clip/vit-b-32",
    "nvidia-nemo/canary-1b",
    "nvidia-nemo/stt_de_quartznet15x5",
    "intfloat/multilingual-e5-large",
    "baai/bge-m3",
    "keras-team-keras-hub/gemma_2b_en",
    "paddlepaddle-paddleclas/resnet101",
    "paddlepaddle-paddleclas/resnet18",
]

# Versions that tests/site/test_access.py gives statistics.
COMPARED_STATISTICS = "/compare/statistics?" + "&".join(
    f"model={MODEL.removeprefix('/p/')}@{label}" for label in ("a2_in1k", "a3_in1k")
)


def compare(models: list[str]) -> str:
    return "/compare?" + "&".join(f"model={model}" for model in models)


# What anyone may see.
VISITOR = {
    "home": "/",
    "search": "/search",
    "search with hits": "/search?q=resnet",
    "search with filters": "/search?q=resnet&task=image-classification&parameters_max=50M&sort=newest",
    "search, nothing found": "/search?q=zzzqqq&task=image-classification",
    "search, not understood": "/search?parameters_min=many",
    "projects": "/p/",
    "project": "/p/huggingface-timm",
    "model": MODEL,
    "model with few facts": "/p/keras-team-keras-hub/gemma_2b_en",
    "model with many numbers": "/p/intfloat/multilingual-e5-large",
    "versions": f"{MODEL}/versions",
    "evaluations": f"{MODEL}/evaluations",
    "discussion": f"{MODEL}/discussion",
    "thread": f"{MODEL}/comments/1",
    "reviews": f"{MODEL}/reviews",
    "history": f"{MODEL}/history",
    "version": f"{MODEL}/v/a1_in1k",
    "statistics, none yet": f"{MODEL}/v/a1_in1k/statistics",
    "statistics": f"{MODEL}/v/a2_in1k/statistics",
    "statistics, a matrix": f"{MODEL}/v/tv_in1k/statistics",
    "compare statistics": COMPARED_STATISTICS,
    "compare statistics, matrices": f"{COMPARED_STATISTICS}&on=2",
    "compare statistics, start": f"/compare/statistics?model={MODEL.removeprefix('/p/')}",
    "compare, nothing picked": "/compare",
    "compare one": compare(COMPARED[:1]),
    "compare three": compare(COMPARED),
    "compare three, all rows": compare(COMPARED) + "&show=all",
    "compare twelve": compare(TWELVE),
    "compare, too many": compare([*TWELVE, "baai/bge-small-en"]),
    "compare, unknown": compare(["huggingface-timm/resnet50", "no-such/model"]),
    "tag": "/tags/baseline",
    "term": "/terms/task/image-classification",
    "people": "/people/",
    "person": "/people/rana",
    "teams": "/teams/",
    "team": "/teams/vision",
    "progress": f"{MODEL}/progress",
    "progress by time": f"{MODEL}/progress?by=time",
    "dossier": f"{MODEL}/dossier",
    "boards": "/boards",
    "board": "/boards?on=top-1-accuracy@imagenet-1k",
    "board in a frame": "/boards/embed?on=top-1-accuracy@imagenet-1k",
    "plot": "/search/plot?q=image+classification&color=library",
    "dashboard": "/dashboard",
    "dashboard of a project": "/dashboard/projects/huggingface-timm",
    "dashboard of a team": "/dashboard/teams/vision",
    "sign-in": "/sign-in",
    "not found": "/p/no-such/model",
}
# What those who are signed in see besides; as the administrator, who may do everything.
MEMBER = {
    "home, signed in": "/",
    "model, signed in": MODEL,
    "discussion, signed in": f"{MODEL}/discussion",
    "profile": "/me",
    "tokens": "/me/tokens",
    "bookmarks": "/me/bookmarks",
    "notifications": "/me/notifications",
    "new model": "/models/new",
    "edit one field": f"{MODEL}/edit/field?field=summary",
    "edit model": f"{MODEL}/edit",
    "terms of a model": f"{MODEL}/edit/terms",
    "attributes of a model": f"{MODEL}/edit/attributes",
    "owners": f"{MODEL}/owners",
    "delete model": f"{MODEL}/delete",
    "new version": f"{MODEL}/versions/new",
    "edit version": f"{MODEL}/v/a1_in1k/edit",
    "send statistics": f"{MODEL}/v/a2_in1k/edit/statistics",
    "new project": "/projects/new",
    "edit project": "/p/huggingface-timm/edit",
    "delete project": "/p/huggingface-timm/delete",
    "grants": "/p/huggingface-timm/grants",
    "search operations": "/operations/search",
    "dashboard, signed in": "/dashboard",
    "alerts": "/alerts",
    "alerts, all of a model": f"/alerts?state=all&model={COMPARED[0]}",
    "history of alerts": "/alerts/history",
    "rules": "/alerts/rules",
    "rule": "/alerts/rules/1",
    "edit rule": "/alerts/rules/1/edit",
    "new rule": "/alerts/rules/new",
    "new rule on a metric": "/alerts/rules/new?kind=metric",
    "new rule on drift": "/alerts/rules/new?kind=drift",
    "new rule on ages": "/alerts/rules/new?kind=staleness",
    "new rule on metadata": "/alerts/rules/new?kind=metadata",
    "silences": "/alerts/silences",
    "new silence": "/alerts/silences/new?rule=1",
    "webhooks": "/alerts/webhooks",
    "new webhook": "/alerts/webhooks/new",
}
# Those answered with something else than 200.
REFUSED = {"not found": 404, "search, not understood": 400, "compare, too many": 400, "compare, unknown": 404}


def _keys(page: Any) -> None:
    page.keyboard.press("?")
    page.locator("#keys").wait_for()


def _suggestions(page: Any) -> None:
    page.keyboard.press("/")
    page.keyboard.type("resn")
    page.locator("#suggestions li").first.wait_for()


def _tray(page: Any) -> None:
    for _ in range(3):
        page.keyboard.press("j")
        page.keyboard.press("x")


def _facets(page: Any) -> None:
    for summary in page.locator(".facet-more > summary").all():
        summary.click()


def _forms(page: Any) -> None:
    for words in ("Rate it", "Write a comment", "Reply"):
        page.locator("summary", has_text=words).first.click()


def _menu(page: Any) -> None:
    page.locator("summary.avatar").click()


def _use(page: Any) -> None:
    page.locator("summary", has_text="Use this model").click()


def _nothing_filled_in(page: Any) -> None:
    page.locator("main form").first.evaluate("form => { form.noValidate = true; form.requestSubmit(); }")
    page.locator(".field-error, .notice-bad").first.wait_for()


# What a page shows only after something was pressed: who sees it, where, and what to press.
HIDDEN_AT_FIRST: dict[str, tuple[str, str, Callable[[Any], None]]] = {
    "the keys": ("", "/", _keys),
    "suggestions": ("", "/search", _suggestions),
    "the tray": ("", "/search?q=resnet", _tray),
    "all facets unfolded": ("", "/search?q=resnet", _facets),
    "use this model": ("", MODEL, _use),
    "my menu": ("mara", MODEL, _menu),
    "forms of a model": ("mara", "/p/open-mmlab-mmpretrain/resnet50_8xb32_in1k", _forms),
    "sign-in, refused": ("", "/sign-in", _nothing_filled_in),
    "new model, refused": ("mara", "/models/new", _nothing_filled_in),
    "new version, refused": ("mara", f"{MODEL}/versions/new", _nothing_filled_in),
    "new project, refused": ("mara", "/projects/new", _nothing_filled_in),
    "delete, refused": ("mara", f"{MODEL}/delete", _nothing_filled_in),
    "new rule, refused": ("mara", "/alerts/rules/new?kind=metric", _nothing_filled_in),
    "grant, refused": ("mara", "/p/huggingface-timm/grants", _nothing_filled_in),
}
