"""The query language as its tests speak of it: what a text says, what of it is refused, with a small vocabulary."""

from urllib.parse import parse_qs

import pytest

from search.query import Filter, MetricKey, SearchQuery, parse
from search.query.language import read
from search.query.misread import Misread
from tests.search.words import small_lexicon

LEXICON = small_lexicon()
TOP1 = MetricKey("top-1-accuracy")
ON_IMAGENET = MetricKey("top-1-accuracy", "imagenet-1k")
MIT, ASR = Filter("license", ("mit",)), Filter("task", ("speech-recognition",))


def said(text: str):
    """The only condition of a text without free words."""
    words, conditions = read(text, LEXICON)
    assert words == ""
    (condition,) = conditions
    return condition


def refused(text: str) -> tuple[str, str, str]:
    """What of the text is wrong, why, and what would do."""
    with pytest.raises(Misread) as error:
        read(text, LEXICON)
    place = error.value.place
    return text[place.start : place.end], error.value.reason, error.value.suggestion


def parsed(text: str, **more: str) -> SearchQuery:
    return parse({"q": [text], **{name: [value] for name, value in more.items()}}, LEXICON)


def again(query: SearchQuery) -> SearchQuery:
    """The query that its own address says."""
    return parse(parse_qs(query.url_query().removeprefix("?"), keep_blank_values=True), LEXICON)
