"""The search of the API: the same query, result and words as the page."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.html import escape
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.api import ApiView
from core.api.schema import PROBLEM
from search.highlighting import MARK_END, MARK_START
from search.query import FIXED_FACETS, RANGE_PARAMETERS, SearchQuery
from search.query.wording import in_words
from search.results import Hit, SearchResult
from search.service import read, search
from search.web.views import suggested


class ReasonShape(serializers.Serializer[Any]):
    """One thing that lets a hit rank where it does."""

    words = serializers.CharField()
    points = serializers.FloatField()


class UnderstoodShape(serializers.Serializer[Any]):
    """Words of `q` that were understood."""

    words = serializers.CharField()
    condition = serializers.CharField(help_text="In the query language")
    label = serializers.CharField()
    is_filter = serializers.BooleanField(help_text="Else it only lets models that fulfil it rank higher")


class NamedModelShape(serializers.Serializer[Any]):
    """What every list of models names them by."""

    id = serializers.IntegerField()
    urn = serializers.CharField()
    ref = serializers.CharField(help_text="project/model")
    url = serializers.URLField()
    project = serializers.CharField(help_text="Slug of the project")
    project_name = serializers.CharField()
    name = serializers.CharField()


class HitShape(NamedModelShape):
    """One model found."""

    external_id = serializers.CharField(
        help_text="source/namespace/model of the imported record; may be empty"
    )
    summary = serializers.CharField()
    status = serializers.CharField()
    stage = serializers.CharField(help_text="Of the leading version")
    version = serializers.CharField(help_text="Label of the leading version")
    versions = serializers.IntegerField()
    terms = serializers.DictField(child=serializers.ListField(child=serializers.DictField()))
    tags = serializers.ListField(child=serializers.DictField())
    owners = serializers.ListField(child=serializers.DictField())
    parameters = serializers.IntegerField(allow_null=True)
    flops = serializers.IntegerField(allow_null=True)
    size = serializers.IntegerField(allow_null=True, help_text="Bytes")
    released = serializers.DateField(allow_null=True)
    rating = serializers.FloatField(allow_null=True)
    ratings = serializers.IntegerField()
    followers = serializers.IntegerField()
    comments = serializers.IntegerField()
    key_metric = serializers.DictField(allow_null=True)
    completeness = serializers.IntegerField(help_text="0 to 100")
    measurements = serializers.IntegerField(
        help_text="Numbers of different conditions over all versions in use"
    )
    measurements_left_out = serializers.IntegerField(
        help_text="How many of them, the least important, conditions on metrics can't find on OpenSearch"
    )
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    score = serializers.FloatField(allow_null=True)
    snippet = serializers.CharField(
        help_text="A piece of text that has the words, these between <mark> and </mark>"
    )
    reasons = ReasonShape(many=True, help_text="With explain=1: why it ranks where it does")


# Asking a serializer for its fields copies them all; once is enough.
HIT_FIELDS = tuple(str(name) for name in HitShape().fields)


class BucketShape(serializers.Serializer[Any]):
    """One value of a facet."""

    value = serializers.CharField()
    label = serializers.CharField()
    count = serializers.IntegerField()
    parent = serializers.CharField(help_text="The value above it in a taxonomy; may be empty")


class BinShape(serializers.Serializer[Any]):
    """How many values of the metric in play lie between two ends."""

    low = serializers.FloatField()
    high = serializers.FloatField()
    count = serializers.IntegerField()


class ResultShape(serializers.Serializer[Any]):
    """The answer to a search."""

    total = serializers.IntegerField()
    backend = serializers.ChoiceField(["opensearch", "postgres"])
    took_ms = serializers.FloatField()
    degraded = serializers.BooleanField(help_text="The search engine is away; Postgres answered")
    notices = serializers.ListField(child=serializers.CharField())
    understood = UnderstoodShape(many=True, help_text="What was read in the words; read=words turns it off")
    hits = HitShape(many=True)
    facets = serializers.DictField(child=BucketShape(many=True))
    histogram = BinShape(many=True, help_text="Of the metric that q names or the hits are sorted by")
    did_you_mean = serializers.CharField(
        help_text="Other words, where no model has all of these; may be empty"
    )
    next = serializers.URLField(allow_null=True)


class SuggestionShape(serializers.Serializer[Any]):
    """Something that may be meant."""

    kind = serializers.ChoiceField(["model", "project", "person", "team", "term", "tag", "filter", "field"])
    label = serializers.CharField()
    url = serializers.CharField()
    hint = serializers.CharField()
    text = serializers.CharField(help_text="What is typed so far, completed; for filters and fields")


class SuggestionsShape(serializers.Serializer[Any]):
    """What may be meant by what is typed so far."""

    suggestions = SuggestionShape(many=True)


def _parameter(
    name: str, about: str, kind: Any = OpenApiTypes.STR, *, many: bool = False
) -> OpenApiParameter:
    return OpenApiParameter(name, kind, description=about, many=many)


TAXONOMIES = (
    "task",
    "modality",
    "license",
    "framework",
    "library",
    "language",
    "architecture",
)
SEARCH_PARAMETERS = [
    _parameter(
        "q",
        'Words, and conditions such as task:"object detection" params<50M top1@imagenet>=85 -license:mit; '
        "empty finds everything.",
    ),
    _parameter("read", "`words`: no word of q is understood as a filter."),
    _parameter("find_tag", "Only values of the facet that have these words; likewise for every facet."),
    _parameter("explain", "1: every hit tells why it ranks where it does."),
    *(
        _parameter(name, f"Slugs of {name} terms; several are joined by “or”.", many=True)
        for name in TAXONOMIES
    ),
    *(
        _parameter(name, f"{label}; several are joined by “or”.", many=True)
        for name, label in FIXED_FACETS.items()
    ),
    *(_parameter(name, "25000000, 25M, 1.5B; dates as 2024-01-31 or 2024.") for name in RANGE_PARAMETERS),
    _parameter(
        "sort",
        "relevance, name, newest, updated, rating, followers, parameters, flops, size, or"
        " metric:slug@dataset; a leading - turns it round.",
    ),
    _parameter(
        "page",
        "From 1; at most 10,000 hits deep. Follow `next` to go on.",
        OpenApiTypes.INT,
    ),
    _parameter("page_size", "1 to 100.", OpenApiTypes.INT),
    _parameter("cursor", "From `next`."),
]


class StrictApiView(ApiView):
    """An endpoint whose parameters are read by the typed query, which names what is wrong itself."""

    def _check_parameters(self, request: Request) -> None:
        return None


class SearchView(StrictApiView):
    """Find models."""

    @extend_schema(
        operation_id="search",
        summary="Find models",
        description="Organisations may add taxonomies; their slugs are filters, too.",
        parameters=SEARCH_PARAMETERS,
        responses={200: ResultShape, **PROBLEM},
        tags=["search"],
    )
    def get(self, request: Request) -> Response:
        given = {name: request.query_params.getlist(name) for name in request.query_params}
        return Response(written(request, search(self.viewer, read(self.viewer, given))))


class SuggestView(ApiView):
    """What may be meant."""

    parameters: ClassVar[Mapping[str, str]] = {"q": "What is typed so far"}

    @extend_schema(
        operation_id="suggest",
        summary="Suggest models, people, teams, projects, terms and tags while typing",
        responses={200: SuggestionsShape, **PROBLEM},
        tags=["search"],
    )
    def get(self, request: Request) -> Response:
        prefix = request.query_params.get("q", "")[:200]
        return Response({"suggestions": suggested(self.viewer, prefix)})


def written(request: Request, result: SearchResult) -> dict[str, Any]:
    """A result as the API writes it."""
    following = _following(result)
    return {
        "total": result.total,
        "backend": result.backend,
        "took_ms": result.took_ms,
        "degraded": result.is_degraded,
        "notices": list(result.notices),
        "understood": [
            {
                "words": reading.words,
                "condition": str(reading.condition),
                "label": in_words(reading.condition, result.known),
                "is_filter": reading.is_sure,
            }
            for reading in result.query.readings
        ],
        "hits": [_hit(request, hit) for hit in result.hits],
        "facets": {
            facet.slug: [
                {"value": b.value, "label": b.label, "count": b.count, "parent": b.parent}
                for b in facet.buckets
            ]
            for facet in result.facets
        },
        "histogram": [{"low": one.low, "high": one.high, "count": one.count} for one in result.bins],
        "did_you_mean": result.did_you_mean,
        "next": request.build_absolute_uri(request.path + following.url_query()) if following else None,
    }


def _following(result: SearchResult) -> SearchQuery | None:
    return result.query.after(result.next_cursor) if result.next_cursor else None


def _hit(request: Request, hit: Hit) -> dict[str, Any]:
    found: dict[str, Any] = {name: getattr(hit, name) for name in HIT_FIELDS}
    snippet = escape(hit.snippet).replace(MARK_START, "<mark>").replace(MARK_END, "</mark>")
    reasons = [{"words": reason.words, "points": reason.points} for reason in hit.reasons]
    return found | {"url": request.build_absolute_uri(hit.url), "snippet": snippet, "reasons": reasons}
