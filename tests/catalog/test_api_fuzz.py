"""Whatever is sent to the API, it answers with less than 500 and in words. Light: some seconds."""

import json

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.django_db

QUIET = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
    ],
)
words = st.text(st.characters(codec="utf-8"), max_size=40) | st.sampled_from(
    [
        "",
        " ",
        "1",
        "-1",
        "a/b",
        "..",
        "null",
        "%00",
        "\u202e",
        "é",
        "e\u0301",
        "{{7*7}}",
        "' OR 1=1",
        "<script>",
        "x" * 400,
    ]
)
plain = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | words
)
values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3), max_leaves=8
)
texts = st.lists(words, max_size=3)


def some(**fields):
    """Objects with some of these fields, each right or not."""
    return st.fixed_dictionaries({}, optional={name: strategy | values for name, strategy in fields.items()})


metric = some(metric=words, value=st.floats(-1e6, 1e6), unit=words)
evaluation = some(
    dataset=words,
    split=words,
    slice=words,
    evaluated_at=st.datetimes().map(str),
    metrics=st.lists(metric, max_size=3),
)
statistic = some(
    kind=st.sampled_from(["confusion_matrix", "roc", "calibration", "importance", "fairness", "x"]),
    name=words,
    dataset=words,
    source=words,
    evaluated_at=st.datetimes().map(str),
    labels=texts,
    matrix=st.lists(st.lists(st.integers(-1, 5), max_size=3), max_size=3),
    false_positive_rate=st.lists(st.floats(0, 1), max_size=3),
    true_positive_rate=st.lists(st.floats(0, 1), max_size=3),
    features=texts,
    values=st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=3),
    classes=st.dictionaries(words, st.lists(st.integers(), max_size=3), max_size=2),
    attribute=words,
    groups=st.lists(some(group=words, true_positive=st.integers()), max_size=3),
)
histogram = some(edges=st.lists(st.integers(), max_size=3), counts=st.lists(st.integers(0, 9), max_size=3))
statistics = some(
    statistics=st.lists(statistic, max_size=3),
    drift=st.lists(
        some(
            feature=words,
            at=st.datetimes().map(str),
            measure=words,
            value=st.floats(0, 1),
            reference=histogram,
        ),
        max_size=3,
    ),
    series=st.lists(
        some(name=words, points=st.lists(st.tuples(st.integers(), st.floats(-1e9, 1e9)), max_size=3)),
        max_size=3,
    ),
)
model = some(
    name=words,
    slug=words,
    summary=words,
    description=words,
    starts_on=st.dates().map(str),
    retires_on=st.dates().map(str),
    status=st.sampled_from(["active", "lost"]),
    terms=st.dictionaries(st.sampled_from(["task", "x"]), texts, max_size=2),
)
version = some(
    label=words,
    stage=words,
    name=words,
    parameter_count=st.integers(),
    flops=st.integers(),
    released_on=st.dates().map(str),
    parameters=st.dictionaries(words, values, max_size=3),
    packages=st.lists(some(name=words, specifier=words), max_size=3),
    artifacts=st.lists(some(uri=words, kind=words, size_bytes=st.integers(), digest=words), max_size=3),
    inputs=st.lists(some(name=words, type=words, shape=st.lists(st.integers(), max_size=3)), max_size=3),
    training_data=texts,
    terms=st.dictionaries(st.sampled_from(["task", "x"]), texts, max_size=2),
    links=st.lists(some(url=words, kind=words, title=words), max_size=3),
    papers=st.lists(some(title=words, url=words), max_size=3),
    evaluations=st.lists(evaluation, max_size=2),
    external_id=words,
)
BODIES = {
    ("POST", "projects"): some(
        name=words, slug=words, visibility=words, team=words, domain=words, starts_on=words, homepage=words
    ),
    ("PATCH", "projects/fraud"): some(name=words, visibility=words, team=words, ends_on=words, region=words),
    ("PUT", "projects/fraud/grants"): some(role=st.sampled_from(["viewer", "x"]), user=words, team=words),
    ("POST", "projects/fraud/models"): model,
    ("PATCH", "models/fraud/m"): model,
    ("POST", "models/fraud/m/versions"): version,
    ("PUT", "models/fraud/m/versions/1/stage"): some(stage=words, notes=words),
    ("PUT", "models/fraud/m/aliases/a"): some(version=words),
    ("POST", "models/fraud/m/versions/1/evaluations"): evaluation,
    ("POST", "models/fraud/m/versions/1/statistics"): statistics,
    ("DELETE", "models/fraud/m/versions/1/statistics/drift"): some(feature=words, measure=words),
    ("DELETE", "models/fraud/m/versions/1/statistics/series"): some(name=words),
    ("POST", "models/fraud/m/owners"): some(kind=st.sampled_from(["owner", "x"]), user=words, team=words),
    ("PUT", "models/fraud/m/attributes/risk"): some(value=values, version=words),
    ("PUT", "models/fraud/m/classifications/task"): some(terms=texts),
    ("POST", "taxonomies"): some(name=words, slug=words, allows_many=st.booleans()),
    ("POST", "taxonomies/task/terms"): some(name=words, slug=words, parent=words, aliases=texts, url=words),
    ("PATCH", "taxonomies/task/terms/vision"): some(name=words, slug=words, parent=words, aliases=texts),
    ("POST", "taxonomies/task/terms/vision/merge"): some(into=words),
}


@pytest.fixture
def admin(api, person, project, model, version, term):
    from catalog.models import AttributeDefinition

    fraud = project("fraud")
    version("1", of=model("m", of=fraud))
    term("task", "Vision")
    AttributeDefinition.objects.create(slug="risk", name="Risk", type="keyword")
    return api(person("root", admin=True))


def sound(response):
    assert response.status_code < 500, response.content
    if response.status_code >= 400:
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["detail"]


@pytest.mark.parametrize(("method", "path"), BODIES, ids=[f"{m} {p}" for m, p in BODIES])
def test_any_body_is_answered_in_words(method, path, admin):
    @QUIET
    @given(BODIES[method, path] | values)
    def send(body):
        with transaction.atomic():
            sound(admin(method, path, json.dumps(body).encode()))
            transaction.set_rollback(True)

    send()


@QUIET
@given(st.binary(max_size=200))
def test_any_bytes_are_answered_in_words(admin, raw):
    with transaction.atomic():
        sound(admin("POST", "projects/fraud/models", raw))
        transaction.set_rollback(True)


@QUIET
@given(
    st.sampled_from(
        [
            "models",
            "projects",
            "tags",
            "metrics",
            "models/fraud/m/versions",
            "models/fraud/m/versions/1/statistics",
            "models/fraud/m/versions/1/statistics/drift",
            "models/fraud/m/versions/1/statistics/series/points",
            "compare",
            "models/fraud/m/activity",
        ]
    ),
    st.lists(
        st.tuples(
            st.sampled_from(
                "cursor page_size project updated_since model stage team x kind measure since name first most".split()
            ),
            words,
        ),
        max_size=3,
    ),
)
def test_any_parameters_are_answered_in_words(admin, path, parameters):
    from django.utils.http import urlencode

    sound(admin("GET", f"{path}?{urlencode(parameters)}"))


@QUIET
@given(words, words, words)
def test_any_address_and_header_is_answered_in_words(admin, one, two, tag):
    from urllib.parse import quote

    with transaction.atomic():
        header = (
            tag.encode("ascii", "ignore").decode().replace("\r", "").replace("\n", "").replace("\x00", "")
        )
        for path in (
            f"models/{quote(one)}/{quote(two)}",
            f"models/fraud/m/versions/{quote(one)}",
            f"models/fraud/m/aliases/{quote(one)}",
            f"taxonomies/task/terms/{quote(two)}",
        ):
            sound(admin("GET", path, If_None_Match=header))
        sound(admin("PATCH", "models/fraud/m", b'{"summary": "s"}', If_Match=header))
        sound(admin("PATCH", "projects/fraud", b'{"purpose": "s"}', If_Match=header))
        transaction.set_rollback(True)
