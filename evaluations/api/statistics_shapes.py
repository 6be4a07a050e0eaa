"""Statistics in the OpenAPI document. `evaluations.statistics` reads what is sent and says where it is wrong."""

from rest_framework import serializers as s

from core.api.shapes import Shape
from evaluations.models import DriftPoint, Statistic
from evaluations.statistics import document as doc
from evaluations.statistics.kinds import FEATURES_AT_MOST, POINTS_AT_MOST


def _numbers(help_text: str) -> s.ListField:
    return s.ListField(child=s.FloatField(), required=False, max_length=POINTS_AT_MOST, help_text=help_text)


class GroupCounts(Shape):
    group = s.CharField(max_length=200)
    true_positive = s.IntegerField(min_value=0)
    false_positive = s.IntegerField(min_value=0)
    false_negative = s.IntegerField(min_value=0)
    true_negative = s.IntegerField(min_value=0)


class NewStatistic(Shape):
    """One statistic: its kind, its conditions, and the fields of its kind."""

    kind = s.ChoiceField(choices=Statistic.Kind.choices)
    name = s.CharField(
        required=False, max_length=120, help_text="Tells several of a kind apart: a class, a method"
    )
    dataset = s.CharField(
        required=False, max_length=300, help_text="In your own words; the vocabulary maps them"
    )
    split = s.CharField(required=False, max_length=120)
    slice = s.CharField(required=False, max_length=300)
    evaluated_at = s.DateTimeField(required=False, allow_null=True)
    source = s.CharField(required=False, max_length=80, help_text="Slug of a source")
    labels = s.ListField(
        child=s.CharField(), required=False, help_text="confusion_matrix: the classes, 2 to 1,000"
    )
    matrix = s.ListField(
        child=s.ListField(child=s.IntegerField(min_value=0)),
        required=False,
        help_text="confusion_matrix: counts; rows are what was true, columns what was predicted",
    )
    false_positive_rate = _numbers("roc: rising from 0 to 1")
    true_positive_rate = _numbers("roc: rising from 0 to 1")
    precision = _numbers("precision_recall")
    recall = _numbers("precision_recall: falling, as scikit-learn gives it, or rising")
    thresholds = s.ListField(
        child=s.FloatField(allow_null=True),
        required=False,
        help_text="roc, precision_recall: optional; null first where a tool writes infinity",
    )
    predicted = _numbers("calibration: mean predicted probability of each bin, rising")
    observed = _numbers("calibration: share of positives in each bin")
    counts = s.ListField(
        child=s.IntegerField(min_value=1), required=False, help_text="calibration: examples in each bin"
    )
    features = s.ListField(
        child=s.CharField(), required=False, max_length=FEATURES_AT_MOST, help_text="importance: their names"
    )
    values = _numbers("importance: of each feature, over all classes")
    errors = _numbers("importance: standard deviations of `values`, optional")
    classes = s.DictField(
        child=s.ListField(child=s.FloatField()),
        required=False,
        help_text="importance: by class, a value for each feature",
    )
    attribute = s.CharField(required=False, max_length=120, help_text="fairness: what tells the groups apart")
    outcome = s.CharField(required=False, max_length=200, help_text="fairness: the positive outcome in words")
    groups = GroupCounts(many=True, required=False)


class Histogram(Shape):
    edges = s.ListField(child=s.FloatField(), required=False, help_text="Rising, one more than counts")
    categories = s.ListField(child=s.CharField(), required=False, help_text="Instead of edges")
    counts = s.ListField(child=s.IntegerField(min_value=0))


class NewDrift(Shape):
    """Either a measure and its value, or two histograms of which all three measures are computed."""

    feature = s.CharField(max_length=200)
    at = s.DateTimeField()
    measure = s.ChoiceField(choices=DriftPoint.Measure.choices, required=False)
    value = s.FloatField(required=False, min_value=0)
    reference = Histogram(required=False)
    current = Histogram(required=False)


class NewSeries(Shape):
    name = s.CharField(max_length=200)
    points = s.ListField(
        child=s.ListField(child=s.FloatField(), min_length=2, max_length=2),
        max_length=doc.STEPS_AT_MOST,
        help_text="Pairs of step and value",
    )


class NewStatistics(Shape):
    """A statistics document: the same as a file or as a request."""

    statistics = NewStatistic(many=True, required=False)
    drift = NewDrift(many=True, required=False)
    series = NewSeries(many=True, required=False)


class RemoveDrift(Shape):
    feature = s.CharField()
    measure = s.ChoiceField(choices=DriftPoint.Measure.choices, required=False)


class RemoveSeries(Shape):
    name = s.CharField()


class StatisticLine(Shape):
    id = s.IntegerField()
    kind = s.CharField()
    name = s.CharField(allow_blank=True)
    dataset = s.CharField(allow_null=True)
    dataset_words = s.CharField(allow_blank=True)
    split = s.CharField(allow_blank=True)
    split_is_assumed = s.BooleanField()
    slice = s.CharField(allow_blank=True)
    evaluated_at = s.DateTimeField(allow_null=True)
    source = s.CharField(allow_null=True)
    size = s.IntegerField(help_text="How many classes, points, features or groups")
    measure = s.CharField(allow_blank=True, help_text="What `value` is")
    value = s.FloatField(allow_null=True)
    created_at = s.DateTimeField()


class StatisticFull(StatisticLine):
    body = s.DictField(child=s.JSONField(), help_text="The fields of its kind, as they were sent")
    computed = s.DictField(child=s.JSONField(), help_text="What the formulas make of it")


class StatisticsAdded(Shape):
    """What a document was made of, and how much of it was new."""

    statistics = StatisticLine(many=True)
    new_statistics = s.IntegerField()
    new_drift = s.IntegerField()
    new_points = s.IntegerField()


class Drift(Shape):
    feature = s.CharField()
    measure = s.CharField()
    at = s.DateTimeField()
    value = s.FloatField()


class SeriesLine(Shape):
    name = s.CharField()
    points = s.IntegerField()
    first_step = s.IntegerField(allow_null=True)
    last_step = s.IntegerField(allow_null=True)


class SeriesPoints(Shape):
    name = s.CharField()
    total = s.IntegerField()
    is_thinned = s.BooleanField(help_text="Lows and highs stay; ask for a shorter range to see all")
    points = s.ListField(child=s.ListField(child=s.FloatField(), min_length=2, max_length=2))
