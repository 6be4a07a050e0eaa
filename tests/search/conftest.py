"""Search as tests speak of it: a catalog to fill, each back end to ask, what was written carried to it."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from catalog.models import (
    AttributeDefinition,
    AttributeValue,
    Classification,
    ModelTag,
    ModelVersion,
    RegisteredModel,
    Tag,
)
from evaluations.models import Evaluation, MetricValue
from search import service
from search.backends.opensearch import OpenSearchBackend
from search.backends.postgres import PostgresBackend
from search.engine.client import alias, client
from search.indexing import bulk, outbox, reindex
from search.query import parse
from search.query.lexicon import lexicon
from search.results import SearchBackend, SearchResult
from tests.makers import make_model, make_project, seen_by
from vocabulary.models import (
    Dataset,
    Metric,
    Taxonomy,
    Term,
)


@pytest.fixture(autouse=True)
def fresh_breaker(settings, monkeypatch):
    """No engine unless a test asks for it, and no memory of an engine that was away."""
    settings.OPENSEARCH_URL = ""
    monkeypatch.setattr(service, "breaker", service.Breaker())


@pytest.fixture
def engine(db, settings, opensearch_url: str) -> Iterator[str]:
    """A real OpenSearch with an index of this test's own."""
    settings.OPENSEARCH_URL = opensearch_url
    settings.OPENSEARCH_ALIAS = f"test-{uuid.uuid4().hex[:10]}"
    reindex.rebuild()
    yield opensearch_url
    settings.OPENSEARCH_URL = opensearch_url
    client().indices.delete(index=f"{alias()}-*", ignore_unavailable=True)


@pytest.fixture(params=["postgres", "opensearch"])
def backend(request, db) -> SearchBackend:
    """Each back end in turn; both must pass the same tests."""
    if request.param == "postgres":
        return PostgresBackend()
    request.getfixturevalue("engine")
    return OpenSearchBackend()


def carry(*, to_engine: bool) -> None:
    """What the workers do, now."""
    outbox.drain_all()
    if to_engine:
        bulk.drain_all()
        client().indices.refresh(index=alias())


@pytest.fixture
def search(backend, settings) -> Callable[..., SearchResult]:
    """`search("words", task="…", viewer=…)`: carries what was written, then asks."""

    def ask(
        text: str = "", *, viewer: Any = None, by: User | None = None, late: bool = False, **given: Any
    ) -> SearchResult:
        if not late:
            carry(to_engine=bool(settings.OPENSEARCH_URL))
        parameters = {"q": [text], **{k: v if isinstance(v, list) else [str(v)] for k, v in given.items()}}
        query = parse(parameters, lexicon())
        return backend.search(viewer or seen_by(by), query)

    return ask


@pytest.fixture
def suggest(backend, settings) -> Callable[..., list[str]]:
    """`suggest("res")`: labels of what is suggested."""

    def ask(prefix: str, by: User | None = None) -> list[str]:
        carry(to_engine=bool(settings.OPENSEARCH_URL))
        return [suggestion.label for suggestion in backend.suggest(seen_by(by), prefix)]

    return ask


def names(result: SearchResult) -> list[str]:
    return [hit.name for hit in result.hits]


def counts(result: SearchResult, facet: str) -> dict[str, int]:
    return {bucket.value: bucket.count for bucket in result.facet(facet).buckets}


def term(taxonomy: str, slug: str, *, parent: Term | None = None) -> Term:
    owner, _ = Taxonomy.objects.get_or_create(slug=taxonomy, defaults={"name": taxonomy.title()})
    found, _ = Term.objects.get_or_create(
        taxonomy=owner, slug=slug, defaults={"name": slug.replace("-", " ").capitalize(), "parent": parent}
    )
    return found


@pytest.fixture
def model(db) -> Callable[..., RegisteredModel]:
    """`model("resnet50", task="image-classification", visibility="restricted", parameters=…, tags=[…])`."""
    known = ("task", "library", "license", "framework", "modality", "language", "architecture")
    version_fields = {
        "parameters": "parameter_count",
        "flops": "flops",
        "size": "size_bytes",
        "released": "released_on",
    }

    def make(
        name: str = "", *, project: Any = None, visibility: str = "public", **fields: Any
    ) -> RegisteredModel:
        terms = {taxonomy: fields.pop(taxonomy) for taxonomy in known if taxonomy in fields}
        facts = {version_fields[key]: fields.pop(key) for key in version_fields if key in fields}
        tags, stage = fields.pop("tags", []), fields.pop("stage", "")
        made = make_model(project or make_project(visibility), **({"name": name} if name else {}), **fields)
        version = made.versions.get()
        if facts or stage:
            ModelVersion.objects.filter(pk=version.pk).update(stage=stage, **facts)
        for taxonomy, slugs in terms.items():
            for slug in [slugs] if isinstance(slugs, str) else slugs:
                Classification.objects.create(
                    model=made, version=version, term=term(taxonomy, slug), words=slug
                )
        for word in tags:
            tag, _ = Tag.objects.get_or_create(slug=word, defaults={"name": word})
            ModelTag.objects.create(model=made, tag=tag)
        return made

    return make


def measure(
    made: RegisteredModel,
    metric: str,
    value: float,
    *,
    dataset: str = "",
    slice: str = "",
    direction: str = "higher",
) -> MetricValue:
    """A number of a model's first version."""
    known, _ = Metric.objects.get_or_create(slug=metric, defaults={"name": metric, "direction": direction})
    data = Dataset.objects.get_or_create(slug=dataset, defaults={"name": dataset})[0] if dataset else None
    evaluation, _ = Evaluation.objects.get_or_create(
        version=made.versions.first(), dataset=data, split="test", slice=slice
    )
    return MetricValue.objects.create(evaluation=evaluation, metric=known, value=value)


ATTRIBUTES = {
    "cost": "keyword",
    "note": "text",
    "tier": "choice",
    "card": "url",
    "approver": "user",
    "budget": "number",
    "reviewed": "date",
    "on-gpu": "boolean",
}


def give(made: RegisteredModel, slug: str, value: Any, *, kind: str = "", is_sensitive: bool = False) -> None:
    """A value of an attribute of the organisation's own."""
    kind = kind or ATTRIBUTES[slug]
    definition, _ = AttributeDefinition.objects.get_or_create(
        slug=slug, defaults={"name": slug.title(), "type": kind, "is_sensitive": is_sensitive}
    )
    column = {"number": "number", "date": "date", "boolean": "boolean", "user": "user"}.get(kind, "text")
    AttributeValue.objects.create(definition=definition, type=kind, model=made, **{column: value})


def end_the_connection(*_args, **_more):
    """Postgres ends this process's connection, as it does when it is restarted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
