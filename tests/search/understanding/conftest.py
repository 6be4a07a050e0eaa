"""Understanding as its tests speak of it: a text read with a small vocabulary, or asked of a few real models."""

from typing import Any

import pytest

from search import service
from search.indexing import outbox
from search.query import SearchQuery, parse
from search.query.lexicon import forget
from search.query.understanding import understand
from tests.makers import seen_by
from tests.search.conftest import measure
from tests.search.words import small_lexicon

LEXICON = small_lexicon()


def asked(text: str, **more: str) -> SearchQuery:
    query = parse({"q": [text], **{name: [value] for name, value in more.items()}}, LEXICON)
    return understand(query, LEXICON)


@pytest.fixture
def shelf(model) -> None:
    """A few models with words that can be understood, carried."""
    detector = model(
        "yolov8", task="object-detection", license="mit", parameters=3_000_000, summary="Finds a zebra."
    )
    model("yolov8x", task="object-detection", license="agpl", parameters=68_000_000, tags=["zebra"])
    model("resnet50", task="image-classification", library="timm", parameters=25_000_000)
    measure(detector, "accuracy", 80, dataset="coco")
    outbox.drain_all()
    forget()


def told(text: str, user: Any = None, **given: str) -> Any:
    """The answer for a person to a text, as page and API get it."""
    viewer = seen_by(user)
    given_lists = {"q": [text], **{name: [value] for name, value in given.items()}}
    return service.search(viewer, service.read(viewer, given_lists))


def api(client: Any, text: str, **given: str) -> dict[str, Any]:
    return client.get("/api/v1/search", {"q": text, **given}).json()
