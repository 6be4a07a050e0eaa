"""What a search gives back: plain data that pages and the API show without another query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from access.viewer import Viewer
from search.query import SearchQuery
from search.query.lexicon import Lexicon

MOST_BUCKETS = 60


@dataclass(frozen=True, slots=True)
class Bucket:
    """One value of a facet, and how many of the viewer's models have it."""

    value: str
    label: str
    count: int
    is_chosen: bool = False
    parent: str = ""  # the value above it in a taxonomy


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter with its values, most frequent first, counted without this facet's own choice."""

    slug: str
    label: str
    buckets: tuple[Bucket, ...] = ()

    @property
    def most(self) -> int:
        return max((bucket.count for bucket in self.buckets), default=0)

    @property
    def is_chosen(self) -> bool:
        return any(bucket.is_chosen for bucket in self.buckets)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a hit ranks where it does: what was found where, and the points it gives."""

    words: str
    points: float


@dataclass(frozen=True, slots=True)
class Found:
    """One hit as a back end found it: its document's part to show, its score, why, and a piece of its text."""

    hit: Mapping[str, Any]
    score: float | None = None
    reasons: Sequence[Reason] = ()
    snippet: str = ""
    measured: float | None = None  # its value of the metric that hits are ordered by


@dataclass(frozen=True, slots=True)
class Hit:
    """One model found, as the results show it."""

    id: int
    urn: str
    ref: str
    url: str
    project: str
    project_name: str
    name: str
    external_id: str
    summary: str
    status: str
    stage: str
    version: str
    versions: int
    aliases: Sequence[str]
    terms: Mapping[str, Sequence[Mapping[str, str]]]
    tags: Sequence[Mapping[str, str]]
    owners: Sequence[Mapping[str, Any]]
    parameters: int | None
    flops: int | None
    size: int | None
    released: str | None
    rating: float | None
    ratings: int
    followers: int
    comments: int
    key_metric: Mapping[str, Any] | None
    completeness: int
    created_at: str
    updated_at: str
    measurements: int = 0
    measurements_left_out: int = 0  # beyond what the engine's documents hold; the least important ones
    score: float | None = None
    reasons: Sequence["Reason"] = ()
    snippet: str = ""
    measured: float | None = None

    def terms_of(self, taxonomy: str) -> str:
        return ", ".join(term["name"] for term in self.terms.get(taxonomy, ()))


@dataclass(frozen=True, slots=True)
class Bin:
    """How many values lie between two ends."""

    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class RawResult:
    """What a back end found, before names are put on facet values and hits are looked at again."""

    total: int
    hits: Sequence[Found]
    counts: Mapping[str, Sequence[tuple[str, int]]]
    next_cursor: str = ""
    bins: Sequence[Bin] = ()
    is_relaxed: bool = False


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The answer to a query for one viewer."""

    query: SearchQuery
    total: int
    hits: tuple[Hit, ...]
    facets: tuple[Facet, ...]
    backend: str
    took_ms: float
    next_cursor: str = ""
    is_degraded: bool = False
    bins: tuple[Bin, ...] = ()
    did_you_mean: str = ""
    notices: tuple[str, ...] = field(default=())
    known: Lexicon = field(default_factory=Lexicon)  # the vocabulary as the viewer may know it

    def facet(self, slug: str) -> Facet:
        """A facet by its slug; an empty one when nobody's models have a value in it."""
        return next((facet for facet in self.facets if facet.slug == slug), Facet(slug, slug))

    @property
    def pages(self) -> int:
        return -(-self.total // self.query.page.size)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something the viewer may mean while typing: where it leads, and a hint beside it.

    One that completes what is typed has the `text` then; without an address it only goes on typing.
    """

    kind: str
    label: str
    url: str
    hint: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class SameNumber:
    """A number that two models were measured by under the same conditions: the found model's, and the asked one's."""

    metric: str
    name: str
    unit: str
    direction: str
    precision: int
    dataset: str
    dataset_name: str
    split: str
    slice: str
    value: float
    asked: float


@dataclass(frozen=True, slots=True)
class SimilarModel:
    """A model like the one asked about, with what both have in common."""

    hit: Hit
    points: float
    why: str
    shared: tuple[str, ...]  # the facts it is alike in, weightiest first
    number: SameNumber | None = None


@dataclass(frozen=True, slots=True)
class SimilarResult:
    """Models like one, for one viewer."""

    models: tuple[SimilarModel, ...]
    backend: str = ""
    is_degraded: bool = False


class SearchBackend(Protocol):
    """Answers queries. The viewer comes first: forgetting them is a type error and not a leak."""

    name: str

    def search(self, viewer: Viewer, query: SearchQuery) -> SearchResult: ...

    def ids(self, viewer: Viewer, query: SearchQuery, most: int) -> list[int]: ...

    def suggest(self, viewer: Viewer, prefix: str, limit: int = 8) -> list[Suggestion]: ...

    def similar(self, viewer: Viewer, model_id: int, limit: int = 10) -> SimilarResult: ...
