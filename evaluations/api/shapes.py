"""Answers about evaluations, comparison and the vocabulary."""

from rest_framework import serializers as s

from core.api.shapes import Shape


class DatasetName(Shape):
    slug = s.CharField()
    name = s.CharField()


class MetricNumber(Shape):
    metric = s.CharField()
    name = s.CharField()
    value = s.FloatField(help_text="In the metric's own unit")
    unit = s.CharField(allow_blank=True)
    direction = s.CharField()
    words = s.CharField(allow_blank=True, help_text="As the source wrote it")
    raw_value = s.FloatField(allow_null=True)
    raw_unit = s.CharField(allow_blank=True)
    low = s.FloatField(allow_null=True, help_text="Lower end of the interval it is known within")
    high = s.FloatField(allow_null=True)
    interval = s.CharField(allow_blank=True, help_text="What the interval is")


class Evaluation(Shape):
    id = s.IntegerField()
    dataset = DatasetName(allow_null=True)
    dataset_words = s.CharField(allow_blank=True)
    split = s.CharField(allow_blank=True)
    split_is_assumed = s.BooleanField()
    slice = s.CharField(allow_blank=True)
    evaluated_at = s.DateTimeField(allow_null=True)
    source = s.CharField(allow_null=True)
    metrics = MetricNumber(many=True)


class Evaluations(Shape):
    evaluations = Evaluation(many=True)


class Taxonomy(Shape):
    slug = s.CharField()
    name = s.CharField()
    description = s.CharField(allow_blank=True)
    is_facet = s.BooleanField()
    allows_many = s.BooleanField()
    terms = s.IntegerField()


class Term(Shape):
    slug = s.CharField()
    name = s.CharField()
    description = s.CharField(allow_blank=True)
    url = s.CharField(allow_blank=True)
    parent = s.CharField(allow_null=True)
    children = s.IntegerField()
    aliases = s.ListField(child=s.CharField())


class Metric(Shape):
    slug = s.CharField()
    name = s.CharField()
    description = s.CharField(allow_blank=True)
    unit = s.CharField(allow_blank=True)
    direction = s.CharField()
    minimum = s.FloatField(allow_null=True)
    maximum = s.FloatField(allow_null=True)
    group = s.CharField()
    precision = s.IntegerField()
    importance = s.IntegerField()
    aliases = s.ListField(child=s.CharField())


class Dataset(Shape):
    slug = s.CharField()
    name = s.CharField()
    description = s.CharField(allow_blank=True)
    url = s.CharField(allow_blank=True)
    default_split = s.CharField(allow_blank=True)
    aliases = s.ListField(child=s.CharField())


class Tag(Shape):
    slug = s.CharField()
    name = s.CharField()
    url = s.CharField()
    models = s.IntegerField()


class Source(Shape):
    slug = s.CharField()
    name = s.CharField()
    url = s.CharField(allow_blank=True)
    revision = s.CharField(allow_blank=True)
    license = s.CharField(allow_blank=True)


class AttributeDefinition(Shape):
    slug = s.CharField()
    name = s.CharField()
    description = s.CharField(allow_blank=True)
    type = s.CharField()
    choices = s.ListField(child=s.JSONField())
    unit = s.CharField(allow_blank=True)
    is_required = s.BooleanField()
    is_sensitive = s.BooleanField()


class ComparedModel(Shape):
    ref = s.CharField()
    id = s.IntegerField()
    urn = s.CharField()
    url = s.CharField()
    name = s.CharField()
    project = s.CharField()
    version = s.CharField(allow_null=True)
    stage = s.CharField(allow_blank=True)
    external_id = s.CharField(allow_blank=True)


class ComparedMetric(Shape):
    metric = s.CharField()
    dataset = s.CharField(allow_null=True)
    split = s.CharField(allow_null=True)
    slice = s.CharField(allow_null=True)
    unit = s.CharField(allow_blank=True)
    direction = s.CharField()
    values = s.ListField(child=s.FloatField(allow_null=True), help_text="In the order of `models`")
    best = s.ListField(
        child=s.IntegerField(), help_text="Positions of the best values and those that tie with them"
    )
    worst = s.ListField(child=s.IntegerField(), help_text="Positions of the worst values")
    intervals = s.ListField(
        child=s.ListField(child=s.FloatField(), min_length=2, max_length=2, allow_null=True),
        help_text="Low and high of each value, where its source states them",
    )


class Comparison(Shape):
    models = ComparedModel(many=True)
    facts = s.ListField(child=s.DictField())
    parameters = s.ListField(child=s.DictField())
    packages = s.ListField(child=s.DictField())
    metrics = ComparedMetric(many=True)
    not_comparable = s.ListField(child=s.DictField())
    measured_once = s.IntegerField(help_text="Numbers that only one of the models was measured by")
