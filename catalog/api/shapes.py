"""What the API answers with, described for its OpenAPI document. The data itself comes from the selectors."""

from typing import Any

from rest_framework import serializers as s

from catalog.facts.fields import answer_fields
from core.api.shapes import Shape


class Index(Shape):
    projects = s.CharField()
    models = s.CharField()
    search = s.CharField()
    compare = s.CharField()
    taxonomies = s.CharField()
    metrics = s.CharField()
    datasets = s.CharField()
    tags = s.CharField()
    sources = s.CharField()
    attribute_definitions = s.CharField()
    schema = s.CharField()
    docs = s.CharField()


class Project(Shape):
    slug = s.CharField()
    name = s.CharField()
    url = s.CharField()
    description = s.CharField(allow_blank=True)
    purpose = s.CharField(allow_blank=True)
    business_goal = s.CharField(allow_blank=True)
    domain = s.CharField(allow_null=True)
    region = s.CharField(allow_blank=True)
    visibility = s.CharField()
    starts_on = s.DateField(allow_null=True)
    ends_on = s.DateField(allow_null=True)
    team = s.CharField(allow_null=True)
    source = s.CharField(allow_null=True)
    namespace = s.CharField(allow_blank=True)
    homepage = s.CharField(allow_blank=True)
    models = s.IntegerField()
    created_at = s.DateTimeField()
    updated_at = s.DateTimeField()


class Person(Shape):
    username = s.CharField()
    name = s.CharField(allow_blank=True)


class TeamName(Shape):
    slug = s.CharField()
    name = s.CharField()


class Grant(Shape):
    role = s.CharField()
    user = Person(allow_null=True)
    team = TeamName(allow_null=True)


class ModelLine(Shape):
    id = s.IntegerField()
    urn = s.CharField()
    ref = s.CharField()
    url = s.CharField()
    project = s.CharField()
    slug = s.CharField()
    name = s.CharField()
    summary = s.CharField(allow_blank=True)
    status = s.CharField()
    external_id = s.CharField(allow_blank=True)
    source = s.CharField(allow_null=True)
    leading_version = s.CharField(allow_null=True)
    versions = s.IntegerField()
    revision = s.IntegerField()
    created_at = s.DateTimeField()
    updated_at = s.DateTimeField()


class FactValue(Shape):
    text = s.CharField()
    words = s.CharField(allow_blank=True)


class Origin(Shape):
    name = s.CharField(allow_blank=True)
    url = s.CharField(allow_blank=True)
    at = s.DateTimeField(allow_null=True)
    by = s.CharField(allow_blank=True, help_text="The person who stated it, when no source did")


class Fact(Shape):
    key = s.CharField()
    label = s.CharField()
    kind = s.CharField()
    number = s.FloatField(allow_null=True)
    values = FactValue(many=True)
    origin = Origin()


class Owner(Shape):
    id = s.IntegerField()
    kind = s.CharField()
    user = Person(allow_null=True)
    team = TeamName(allow_null=True)


class Attribute(Shape):
    attribute = s.CharField()
    name = s.CharField()
    type = s.CharField()
    unit = s.CharField(allow_blank=True)
    is_sensitive = s.BooleanField()
    version = s.CharField(allow_null=True)
    value = s.JSONField()


class Link(Shape):
    kind = s.CharField()
    url = s.CharField()
    title = s.CharField(allow_blank=True)


class Model(ModelLine):
    description = s.CharField(allow_blank=True)
    purpose = s.CharField(allow_blank=True)
    business_goal = s.CharField(allow_blank=True)
    intended_use = s.CharField(allow_blank=True)
    unintended_use = s.CharField(allow_blank=True)
    starts_on = s.DateField(allow_null=True)
    retires_on = s.DateField(allow_null=True)
    observed_at = s.DateTimeField(allow_null=True)
    facts = Fact(many=True)
    aliases = s.DictField(child=s.CharField())
    owners = Owner(many=True)
    attributes = Attribute(many=True)
    tags = s.ListField(child=s.CharField())
    links = Link(many=True)


class VersionLine(Shape):
    urn = s.CharField()
    ref = s.CharField()
    url = s.CharField()
    label = s.CharField()
    position = s.IntegerField()
    stage = s.CharField(allow_blank=True)
    aliases = s.ListField(child=s.CharField())
    name = s.CharField(allow_blank=True)
    external_id = s.CharField(allow_blank=True)
    created_at = s.DateTimeField()
    updated_at = s.DateTimeField()

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), **answer_fields(in_lists=True)}


class Package(Shape):
    name = s.CharField()
    specifier = s.CharField(allow_blank=True)


class Artifact(Shape):
    kind = s.CharField()
    uri = s.CharField()
    format = s.CharField(allow_blank=True)
    size_bytes = s.IntegerField(allow_null=True)
    digest = s.CharField(allow_blank=True)


class Port(Shape):
    name = s.CharField(allow_blank=True)
    type = s.CharField(allow_blank=True)
    shape = s.ListField(child=s.IntegerField(allow_null=True), allow_null=True)


class TrainingData(Shape):
    dataset = s.CharField()
    name = s.CharField()
    words = s.CharField(allow_blank=True)


class TermOfVersion(Shape):
    term = s.CharField()
    name = s.CharField()
    words = s.CharField(allow_blank=True)


class Paper(Shape):
    title = s.CharField()
    url = s.CharField(allow_blank=True)


class Version(VersionLine):
    notes = s.CharField(allow_blank=True)
    description = s.CharField(allow_blank=True)
    source = s.CharField(allow_null=True)
    observed_at = s.DateTimeField(allow_null=True)
    parameters = s.DictField(child=s.JSONField())
    packages = Package(many=True)
    artifacts = Artifact(many=True)
    inputs = Port(many=True)
    outputs = Port(many=True)
    training_data = TrainingData(many=True)
    terms = s.DictField(child=TermOfVersion(many=True))
    links = Link(many=True)
    papers = Paper(many=True)

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), **answer_fields(in_lists=False)}


class Classification(Shape):
    taxonomy = s.CharField()
    term = s.CharField()
    name = s.CharField()
    words = s.CharField(allow_blank=True)
    version = s.CharField(allow_null=True)


class Activity(Shape):
    id = s.IntegerField()
    verb = s.CharField()
    actor = s.CharField(allow_null=True)
    version = s.CharField(allow_null=True)
    at = s.DateTimeField()
    detail = s.DictField(child=s.JSONField())
