"""How the search engine is reached. Whatever goes wrong on the way is `EngineAway`."""

import logging
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from django.conf import settings
from opensearchpy import OpenSearch
from opensearchpy.exceptions import NotFoundError, OpenSearchException, TransportError

from search.errors import EngineAway, InvalidQuery

# It would log every document and every outage by itself; we say what matters.
logging.getLogger("opensearchpy.trace").setLevel(logging.ERROR)
logging.getLogger("opensearch").setLevel(logging.ERROR)

SEARCH_SECONDS = 3.0
WRITE_SECONDS = 30.0
Answer = TypeVar("Answer")


def is_configured() -> bool:
    return bool(settings.OPENSEARCH_URL)


def alias() -> str:
    """The name searches go to; the index behind it changes with each rebuild."""
    return str(getattr(settings, "OPENSEARCH_ALIAS", "") or "vitrine-models")


@lru_cache(maxsize=8)
def _client(url: str, seconds: float) -> OpenSearch:
    return OpenSearch(
        url,
        timeout=seconds,
        max_retries=0,
        retry_on_timeout=False,
        pool_maxsize=16,
    )


def client(seconds: float = WRITE_SECONDS) -> OpenSearch:
    """A client of this process. Retries are ours to decide, so it makes none."""
    return _client(settings.OPENSEARCH_URL, seconds)


def asked(call: Callable[[], Answer]) -> Answer:
    """The engine's answer.

    Raises:
        EngineAway: there is none, it is late, or it says that it can't now.
        InvalidQuery: it is asked for more at once than it can; asking again, or another, would not help.
    """
    try:
        return call()
    except NotFoundError as error:
        raise EngineAway(f"The index is missing: {_words(error)}") from error
    except TransportError as error:
        if "too many nested clauses" in str(error):
            raise InvalidQuery("q", "The search has too many words and conditions.", "Use fewer.") from error
        raise EngineAway(_words(error)) from error
    except OpenSearchException as error:
        raise EngineAway(str(error)[:300]) from error


def _words(error: TransportError) -> str:
    return f"{type(error).__name__} {error.status_code}: {str(error.error)[:300]}"


def is_there() -> bool:
    """Whether the engine answers at all, within a short time."""
    try:
        return bool(asked(lambda: client(SEARCH_SECONDS).ping()))
    except EngineAway:
        return False


Body = dict[str, Any]
