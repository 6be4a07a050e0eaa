"""What tests of conditions share: a shelf of four models, and ways to ask both back ends for them."""

from collections.abc import Callable
from typing import Any

import pytest

from catalog.models import ModelVersion
from search.query import Condition, PageRequest, SearchQuery
from social.models import Follow, Rating
from tests.makers import make_person, seen_by
from tests.search.conftest import measure, names


@pytest.fixture
def shelf(model) -> None:
    """Four models: one of each kind of fact, and one without any."""
    resnet = model(
        "resnet50",
        task="classification",
        license="mit",
        library="timm",
        parameters=25_000_000,
        flops=4_100_000_000,
        size=100_000_000,
        released="2024-06-30",
        tags=["fast", "vision"],
        stage="production",
        summary="Keeps a calm lighthouse and its keeper.",
    )
    whisper = model(
        "whisper-large",
        task="speech",
        license="apache",
        language=["german", "english"],
        parameters=1_500_000_000,
        size=3_000_000_000,
        released="2023-12-31",
        tags=["fast"],
        summary="Hears a lighthouse that is calm.",
    )
    bert = model("tinybert", task="text", license="cc", library="timm", parameters=4_000_000)
    ModelVersion.objects.filter(model=bert).update(released_on="2024-01-01")
    model("bare")
    person = make_person()
    Rating.objects.create(model=resnet, author=person, stars=5)
    Rating.objects.create(model=bert, author=person, stars=2)
    Follow.objects.create(model=resnet, user=person)
    measure(resnet, "accuracy", 80.4, dataset="imagenet")
    measure(bert, "accuracy", 91.0, dataset="glue")
    measure(resnet, "wer", 30.0, dataset="librispeech", direction="lower")
    measure(whisper, "wer", 4.2, dataset="librispeech")


@pytest.fixture
def finds(search) -> Callable[..., list[str]]:
    """`finds("task:text")`: the sorted names of all models found."""
    asked: list[str] = []

    def ask(text: str, **given: Any) -> list[str]:
        result = search(text, late=bool(asked), page_size=100, **given)
        asked.append(text)
        assert result.total == len(result.hits)
        return sorted(names(result))

    return ask


RESNET, WHISPER, BERT, BARE = "resnet50", "whisper-large", "tinybert", "bare"


def check(finds: Callable[..., list[str]], cases: dict[str, set[str]]) -> None:
    for text, expected in cases.items():
        assert finds(text) == sorted(expected), text


def ids(backend: Any, *where: Condition) -> list[str]:
    query = SearchQuery(where=where, page=PageRequest(size=100))
    return sorted(names(backend.search(seen_by(None), query)))
