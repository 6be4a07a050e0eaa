"""The bodies the API takes, checked for shape; what they mean is checked by the services."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework import serializers

from accounts.models import Team, User
from catalog.models import ModelVersion, Ownership, Project, RegisteredModel, Source, Term
from catalog.services import structure as given
from governance.errors import Invalid
from governance.viewer import Role

BIGGEST = 2**63 - 1
ROLES = tuple(role.name.lower() for role in Role)


class Body(serializers.Serializer[Any]):
    """A body in which every name must be known, so that a misspelt one is not lost silently."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = [str(name) for name in data if name not in self.fields]
            if unknown:
                known = ", ".join(sorted(name for name, field in self.fields.items() if not field.read_only))
                raise serializers.ValidationError(
                    {name[:80]: [f"There is no such field here. Known: {known}."] for name in unknown}
                )
        return super().to_internal_value(data)


class Words(serializers.CharField):
    """Text, and nothing that merely can be written as text."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError("Write text here.")
        return super().to_internal_value(data)


class Named(serializers.SlugRelatedField[Any]):
    """A row named by its slug or username."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            raise serializers.ValidationError("Write a name here.")
        return super().to_internal_value(data)


class Measure(serializers.FloatField):
    """A finite number."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, int | float):
            raise serializers.ValidationError("Write a number.")
        if not math.isfinite(data):
            raise serializers.ValidationError("Write a finite number.")
        return float(data)


def optional(most: int, **more: Any) -> Words:
    return Words(required=False, allow_blank=True, max_length=most, **more)


def whole() -> serializers.IntegerField:
    return serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=BIGGEST)


def day() -> serializers.DateField:
    return serializers.DateField(required=False, allow_null=True)


def people(**more: Any) -> Named:
    return Named(slug_field="username", queryset=User.objects.filter(is_active=True), **more)


def teams(**more: Any) -> Named:
    return Named(slug_field="slug", queryset=Team.objects.all(), **more)


class ProjectFields(Body):
    name = Words(max_length=200)
    description = optional(20_000)
    purpose = optional(20_000)
    business_goal = optional(20_000)
    region = optional(80)
    homepage = optional(500, source="url")
    visibility = serializers.ChoiceField(choices=Project.VisibilityChoice.choices, required=False)
    starts_on = day()
    ends_on = day()
    team = teams(required=False, allow_null=True)
    domain = Words(required=False, allow_null=True, help_text="Slug of a term of the taxonomy `domain`")

    def validate_domain(self, slug: str | None) -> Term | None:
        if slug is None:
            return None
        term = Term.objects.filter(taxonomy__slug="domain", slug=slug).first()
        if term is None:
            raise serializers.ValidationError("The taxonomy `domain` has no such term.")
        return term


class NewProject(ProjectFields):
    slug = serializers.SlugField(required=False, max_length=120)


class GrantBody(Body):
    role = serializers.ChoiceField(choices=ROLES)
    user = people(required=False)
    team = teams(required=False)


class RevokeBody(Body):
    user = people(required=False)
    team = teams(required=False)
    last_one_knowingly = serializers.BooleanField(required=False)


class ModelFields(Body):
    name = Words(max_length=200)
    summary = optional(300)
    description = optional(200_000)
    purpose = optional(200_000)
    business_goal = optional(200_000)
    intended_use = optional(200_000)
    unintended_use = optional(200_000)
    starts_on = day()
    retires_on = day()
    status = serializers.ChoiceField(choices=RegisteredModel.Status.choices, required=False)


class TermLists(serializers.DictField):
    """Taxonomy slug → names of terms."""

    child = serializers.ListField(child=Words(max_length=500), max_length=200)


class NewModel(ModelFields):
    slug = serializers.SlugField(required=False, max_length=160)
    terms = TermLists(required=False)


class Confirmation(Body):
    confirmation = Words(help_text="The slug of what is to be removed")


class MetricBody(Body):
    metric = Words(max_length=200, help_text="In your own words; the vocabulary maps them")
    value = Measure()
    unit = optional(40)
    low = Measure(required=False, allow_null=True, help_text="Lower end of the interval it is known within")
    high = Measure(required=False, allow_null=True)
    spread = Measure(required=False, allow_null=True, help_text="Instead of both ends: as far to either side")
    interval = optional(60, help_text="What the interval is, such as 95 % confidence")


class EvaluationBody(Body):
    dataset = optional(300)
    split = optional(120)
    slice = optional(200)
    evaluated_at = serializers.DateTimeField(required=False, allow_null=True)
    source = Words(required=False, allow_null=True, max_length=80, help_text="Slug of a source")
    metrics = MetricBody(many=True, allow_empty=False)


def evaluations_of(
    rows: Sequence[Mapping[str, Any]], *, within: str = "evaluations"
) -> tuple[given.EvaluationIn, ...]:
    """The checked bodies as the services take them. One query, for all their sources.

    Raises:
        Invalid: there is no such source.
    """
    slugs = {row["source"] for row in rows if row.get("source")}
    sources = {source.slug: source for source in Source.objects.filter(slug__in=slugs)} if slugs else {}
    found = []
    for position, row in enumerate(rows):
        fields = {name: value for name, value in row.items() if name not in {"metrics", "source"}}
        slug = row.get("source")
        if slug and slug not in sources:
            place = f"{within}[{position}].source" if within else "source"
            raise Invalid(f"There is no source “{slug}”.", field=place)
        metrics = tuple(given.MetricIn(**metric) for metric in row["metrics"])
        found.append(given.EvaluationIn(metrics=metrics, source=sources[slug] if slug else None, **fields))
    return tuple(found)


class PackageBody(Body):
    name = Words(max_length=200)
    specifier = optional(200)


class ArtifactBody(Body):
    uri = Words(max_length=1000)
    kind = serializers.SlugField(required=False, max_length=40)
    format = optional(80)
    size_bytes = whole()
    digest = optional(160)


class PortBody(Body):
    name = optional(200)
    type = optional(120)
    shape = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=BIGGEST, allow_null=True),
        required=False,
        allow_null=True,
        max_length=32,
    )


class LinkBody(Body):
    url = Words(max_length=1000)
    kind = serializers.SlugField(required=False, max_length=40)
    title = optional(200)


class PaperBody(Body):
    title = Words(max_length=500)
    url = optional(500)


class NewVersion(Body):
    label = Words(max_length=128)
    stage = serializers.ChoiceField(choices=ModelVersion.Stage.choices, required=False, allow_blank=True)
    name = optional(200)
    notes = optional(200_000)
    description = optional(200_000)
    architecture = optional(500)
    parameter_count = whole()
    flops = whole()
    size_bytes = whole()
    hardware = optional(300)
    base_model = optional(300)
    released_on = day()
    external_id = optional(500)
    parameters = serializers.DictField(child=serializers.JSONField(), required=False)
    packages = PackageBody(many=True, required=False)
    artifacts = ArtifactBody(many=True, required=False)
    inputs = PortBody(many=True, required=False)
    outputs = PortBody(many=True, required=False)
    training_data = serializers.ListField(child=Words(max_length=300), required=False, max_length=500)
    terms = TermLists(required=False)
    links = LinkBody(many=True, required=False)
    papers = PaperBody(many=True, required=False)
    evaluations = EvaluationBody(many=True, required=False)


def version_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """The checked body as the arguments of `add_version`."""
    fields = dict(data)
    kinds = {
        "packages": given.PackageIn,
        "artifacts": given.ArtifactIn,
        "links": given.LinkIn,
        "papers": given.PaperIn,
    }
    parts: dict[str, Any] = {
        name: tuple(kind(**row) for row in fields.pop(name, ())) for name, kind in kinds.items()
    }
    for name in ("inputs", "outputs"):
        parts[name] = tuple(_port(row) for row in fields.pop(name, ()))
    parts["parameters"] = fields.pop("parameters", {})
    parts["training_data"] = tuple(fields.pop("training_data", ()))
    parts["terms"] = {slug: tuple(words) for slug, words in fields.pop("terms", {}).items()}
    parts["evaluations"] = evaluations_of(fields.pop("evaluations", ()))
    return {**fields, "structure": given.Structure(**parts)}


def _port(row: Mapping[str, Any]) -> given.PortIn:
    shape = row.get("shape")
    return given.PortIn(row.get("name", ""), row.get("type", ""), None if shape is None else tuple(shape))


class StageBody(Body):
    stage = serializers.ChoiceField(choices=ModelVersion.Stage.choices, allow_blank=True)
    notes = optional(200_000)


class AliasBody(Body):
    version = Words(max_length=128, help_text="Label of the version the name stands for")


class OwnerBody(Body):
    kind = serializers.ChoiceField(choices=Ownership.Kind.choices)
    user = people(required=False)
    team = teams(required=False)


class AttributeBody(Body):
    value = serializers.JSONField(
        help_text="In the type of the attribute; a person by username, a date as text"
    )
    version = Words(required=False, allow_null=True, max_length=128)


class TermsBody(Body):
    terms = serializers.ListField(child=Words(max_length=500), max_length=200)


class TermFields(Body):
    name = Words(max_length=200)
    description = optional(20_000)
    url = optional(500)
    parent = Words(required=False, allow_null=True, max_length=120)
    aliases = serializers.ListField(child=Words(max_length=300), required=False, max_length=200)


class NewTerm(TermFields):
    slug = Words(required=False, max_length=120)


class TermChanges(NewTerm):
    pass


class MergeBody(Body):
    into = Words(max_length=120, help_text="Slug of the term to keep")


class NewTaxonomy(Body):
    name = Words(max_length=120)
    slug = serializers.SlugField(required=False, max_length=60)
    description = optional(20_000)
    is_facet = serializers.BooleanField(required=False)
    allows_many = serializers.BooleanField(required=False)
