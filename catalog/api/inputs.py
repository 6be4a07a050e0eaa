"""The bodies the API takes, checked for shape; what they mean is checked by the services."""

from typing import Any

from rest_framework import serializers

from access.viewer import Role
from accounts.models import Team, User
from catalog.models import (
    ModelVersion,
    Ownership,
    Project,
    RegisteredModel,
)
from core.api.inputs import BIGGEST, Body, Named, Words, day, optional, whole
from vocabulary.models import Term

ROLES = tuple(role.name.lower() for role in Role)


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
