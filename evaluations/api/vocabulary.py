"""The vocabulary: taxonomies with their terms, metrics, data sets, tags, sources, custom fields."""

from typing import Any

from django.db.models import Count
from rest_framework.request import Request
from rest_framework.response import Response

from access.api import ApiView
from access.policy import require_administrator
from catalog.access import visible_projects
from catalog.models import AttributeDefinition
from core.api.schema import describe
from core.errors import Invalid, NotVisible
from evaluations.api import shapes
from evaluations.api.vocabulary_inputs import MergeBody, NewTaxonomy, NewTerm, TermChanges
from evaluations.selectors import vocabulary_use as reads
from vocabulary.models import Source, Taxonomy, Term
from vocabulary.services import taxonomies


class TaxonomyList(ApiView):
    @describe("list_taxonomies", shapes.Taxonomy, many=True)
    def get(self, request: Request) -> Response:
        """The controlled vocabularies."""
        return self.tagged([_taxonomy(row) for row in _counted()])

    @describe("create_taxonomy", shapes.Taxonomy, body=NewTaxonomy, status=201)
    def post(self, request: Request) -> Response:
        """Add a vocabulary of your own. For administrators of the site."""
        require_administrator(self.viewer, "taxonomy.edit")
        made = taxonomies.create_taxonomy(viewer=self.viewer, **self.body(NewTaxonomy))
        return self.tagged(_taxonomy(_counted().get(pk=made.pk)), status=201)


class TermList(ApiView):
    parameters = {"parent": "Only terms right below this one; `-` for those at the top"}
    is_paged = True

    @describe("list_terms", shapes.Term, paged=True)
    def get(self, request: Request, taxonomy: str) -> Response:
        """The terms of a taxonomy, each with its place in the tree."""
        rows = Term.objects.filter(taxonomy=_find(taxonomy))
        if parent := self.parameter("parent"):
            rows = rows.filter(parent=None) if parent == "-" else rows.filter(parent__slug=parent)
        return self.page(rows, reads.term_data, by=["name", "id"])

    @describe("create_term", shapes.Term, body=NewTerm, status=201)
    def post(self, request: Request, taxonomy: str) -> Response:
        """Add a term. For administrators of the site."""
        require_administrator(self.viewer, "taxonomy.edit")
        found = _find(taxonomy)
        body = _with_parent(found, self.body(NewTerm))
        term = taxonomies.create_term(viewer=self.viewer, taxonomy=found, **body)
        return self.tagged(reads.term_data([term])[0], status=201)


class TermDetail(ApiView):
    @describe("get_term", shapes.Term)
    def get(self, request: Request, taxonomy: str, term: str) -> Response:
        """One term."""
        return self.tagged(reads.term_data([_term(_find(taxonomy), term)])[0])

    @describe("edit_term", shapes.Term, body=TermChanges)
    def patch(self, request: Request, taxonomy: str, term: str) -> Response:
        """Change a term or its place in the tree. For administrators of the site."""
        require_administrator(self.viewer, "taxonomy.edit")
        found = _find(taxonomy)
        row = _term(found, term)
        body = _with_parent(found, self.body(TermChanges, partial=True))
        self.match(reads.term_data([row])[0])
        aliases = body.pop("aliases", None)
        changed = taxonomies.edit_term(viewer=self.viewer, term=row, changes=body, aliases=aliases)
        return self.tagged(reads.term_data([changed])[0])


class TermMerge(ApiView):
    @describe("merge_term", shapes.Term, body=MergeBody)
    def post(self, request: Request, taxonomy: str, term: str) -> Response:
        """Make this term one with another; what carried it carries the other. For administrators of the site."""
        require_administrator(self.viewer, "taxonomy.edit")
        found = _find(taxonomy)
        gone = _term(found, term)
        slug = self.body(MergeBody)["into"]
        keep = Term.objects.filter(taxonomy=found, slug=slug).select_related("taxonomy").first()
        if keep is None:
            raise Invalid(f"{found.name} has no term “{slug}”.", field="into")
        kept = taxonomies.merge_terms(viewer=self.viewer, keep=keep, gone=gone)
        return self.tagged(reads.term_data([kept])[0])


class MetricList(ApiView):
    is_paged = True

    @describe("list_metrics", shapes.Metric, paged=True)
    def get(self, request: Request) -> Response:
        """What is measured: units, ranges, directions, and the words that stand for each."""
        return self.page(reads.metrics(self.viewer), reads.metric_data, by=["name"])


class DatasetList(ApiView):
    is_paged = True

    @describe("list_datasets", shapes.Dataset, paged=True)
    def get(self, request: Request) -> Response:
        """Data sets that models are trained or measured on."""
        return self.page(reads.datasets(self.viewer), reads.dataset_data, by=["name"])


class TagList(ApiView):
    is_paged = True

    @describe("list_tags", shapes.Tag, paged=True)
    def get(self, request: Request) -> Response:
        """Free words on models that you may see."""
        viewer = self.viewer
        return self.page(reads.tags(viewer), lambda page: reads.tag_data(viewer, page), by=["name", "id"])


class SourceList(ApiView):
    is_paged = True

    @describe("list_sources", shapes.Source, paged=True)
    def get(self, request: Request) -> Response:
        """Where metadata was read from, as far as projects that you may see came from there."""
        rows = Source.objects.filter(projects__in=visible_projects(self.viewer)).distinct()
        return self.page(rows, _sources, by=["name", "id"])


class AttributeDefinitionList(ApiView):
    is_paged = True

    @describe("list_attribute_definitions", shapes.AttributeDefinition, paged=True)
    def get(self, request: Request) -> Response:
        """The organisation's own fields; sensitive ones for people who are signed in."""
        rows = AttributeDefinition.objects.all()
        if not self.viewer.is_signed_in:
            rows = rows.filter(is_sensitive=False)
        return self.page(rows, _definitions, by=["name"])


def _sources(rows: list[Source]) -> list[dict[str, Any]]:
    return [
        {"slug": row.slug, "name": row.name, "url": row.url, "revision": row.revision, "license": row.license}
        for row in rows
    ]


def _definitions(rows: list[AttributeDefinition]) -> list[dict[str, Any]]:
    names = ("slug", "name", "description", "type", "choices", "unit", "is_required", "is_sensitive")
    return [{name: getattr(row, name) for name in names} for row in rows]


def _counted() -> Any:
    return Taxonomy.objects.annotate(term_count=Count("terms"))


def _taxonomy(row: Any) -> dict[str, Any]:
    names = ("slug", "name", "description", "is_facet", "allows_many")
    return {**{name: getattr(row, name) for name in names}, "terms": row.term_count}


def _find(slug: str) -> Taxonomy:
    found = Taxonomy.objects.filter(slug=slug).first()
    if found is None:
        raise NotVisible
    return found


def _term(taxonomy: Taxonomy, slug: str) -> Term:
    found = Term.objects.filter(taxonomy=taxonomy, slug=slug).select_related("taxonomy").first()
    if found is None:
        raise NotVisible
    return found


def _with_parent(taxonomy: Taxonomy, body: dict[str, Any]) -> dict[str, Any]:
    if "parent" not in body:
        return body
    slug = body["parent"]
    parent = Term.objects.filter(taxonomy=taxonomy, slug=slug).first() if slug else None
    if slug and parent is None:
        raise Invalid(f"{taxonomy.name} has no term “{slug}”.", field="parent")
    return {**body, "parent": parent}
