"""A real OpenSearch as its tests speak of it: a line to cut, what it holds, what it finds."""

import pytest

from search.backends.opensearch import OpenSearchBackend
from search.engine.client import alias, client
from search.query import parse
from search.query.lexicon import Lexicon
from tests.makers import seen_by
from tests.search.line import Line


@pytest.fixture
def line(engine, settings):
    """The engine behind a line that the test can cut."""
    made = Line(engine)
    settings.OPENSEARCH_URL = made.url
    yield made
    made.cut()
    made.listener.close()


def held(made) -> dict:
    client().indices.refresh(index=alias())
    return client().get(index=alias(), id=str(made.pk))


def found(text: str = "") -> list[str]:
    client().indices.refresh(index=alias())
    return [
        hit.name for hit in OpenSearchBackend().search(seen_by(None), parse({"q": [text]}, Lexicon())).hits
    ]
