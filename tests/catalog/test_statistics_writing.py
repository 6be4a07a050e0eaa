"""Sending statistics: all or nothing, the same again changes nothing, conflicts and limits are told."""

import json

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from sklearn.metrics import classification_report, cohen_kappa_score

from catalog.models import Activity
from core.errors import Conflict, Invalid, NotAllowed
from evaluations.models import (
    DriftPoint,
    Evaluation,
    MetricValue,
    SeriesPoint,
    Statistic,
)
from evaluations.services import evaluations, statistics
from evaluations.services.records import EvaluationIn, MetricIn
from evaluations.statistics.document import read_document
from tests import statistics as real
from vocabulary.models import Dataset, Source

pytestmark = pytest.mark.django_db
ROC = {"kind": "roc", "false_positive_rate": [0, 0.2, 1], "true_positive_rate": [0, 0.9, 1]}
LOSS = {"name": "loss", "points": [[0, 2.5], [1, 1.5]]}
PSI = {"feature": "age", "at": "2026-03-01", "measure": "psi", "value": 0.3}
PATH = "models/fraud/m/versions/1/statistics"


@pytest.fixture
def one(project, model, version):
    return version("1", of=model("m", of=project("fraud")))


@pytest.fixture
def admin(person, looking):
    return looking(person("root", admin=True))


@pytest.fixture
def send(one, admin):
    def add(**document):
        return statistics.add_statistics(viewer=admin, version=one, document=read_document(document))

    return add


@pytest.fixture
def root(api, person, one):
    return api(person("chief", admin=True))


def counts():
    return [table.objects.count() for table in (Statistic, DriftPoint, SeriesPoint, Evaluation, Activity)]


def test_a_document_lands_whole_and_the_same_again_changes_nothing(root):
    document = real.document()
    first = root.post(PATH, document)
    assert first.status_code == 201, first.content
    assert first.json()["new_statistics"] == 6
    assert first.json()["new_drift"] == 3 * len(real.drift()) and first.json()["new_points"] == 90
    before = counts()
    again = root.post(PATH, document)
    assert again.status_code == 200
    assert again.json()["statistics"] == first.json()["statistics"]
    assert [again.json()[name] for name in ("new_statistics", "new_drift", "new_points")] == [0, 0, 0]
    assert counts() == before


def test_one_fault_and_nothing_lands(root):
    document = real.document()
    document["series"] = [{"name": "loss", "points": [[0, 1], [1, "low"]]}]
    response = root.post(PATH, document)
    assert response.status_code == 400
    assert response.json()["errors"] == [{"field": "series[0].points[1][1]", "message": "Write a number."}]
    assert counts() == [0] * 5


def test_a_conflict_rolls_back_what_came_before_it(send):
    send(series=[LOSS])
    before = counts()
    with pytest.raises(Conflict) as caught:
        send(statistics=[ROC], drift=[PSI], series=[{"name": "loss", "points": [[2, 1.0], [1, 9.0]]}])
    assert caught.value.field == "series[0].points[1]" and "1.5 stands here already" in caught.value.message
    assert counts() == before


def test_other_numbers_under_the_same_conditions_are_a_conflict(send):
    (old,) = send(statistics=[ROC]).statistics
    with pytest.raises(Conflict, match=f"delete number {old.pk}") as caught:
        send(statistics=[{**ROC, "true_positive_rate": [0, 0.8, 1]}])
    assert caught.value.field == "statistics[0]"
    send(statistics=[{**ROC, "true_positive_rate": [0, 0.8, 1], "evaluated_at": "2026-03-01T00:00:00Z"}])
    send(statistics=[{**ROC, "true_positive_rate": [0, 0.8, 1], "name": "cat"}])
    with pytest.raises(Conflict) as caught:
        send(drift=[{**PSI, "value": 0.4}, PSI | {"feature": "sum"}], statistics=[ROC]) and send(drift=[PSI])
    assert caught.value.field == "drift[0]"


def test_series_and_drift_grow_by_what_is_new(send):
    assert send(series=[LOSS], drift=[PSI]).is_new
    added = send(
        series=[{"name": "loss", "points": [[1, 1.5], [2, 1.0]]}, {"name": "accuracy", "points": [[0, 0.5]]}],
        drift=[PSI, PSI | {"at": "2026-03-02"}, PSI | {"measure": "ks"}],
    )
    assert (added.new_points, added.new_drift) == (2, 2)
    assert SeriesPoint.objects.count() == 4 and DriftPoint.objects.count() == 3


def test_statistics_share_the_evaluation_of_the_numbers_under_the_same_conditions(send, one, admin):
    Dataset.objects.create(slug="digits", name="Digits", default_split="test")
    numbers = EvaluationIn(metrics=(MetricIn("accuracy", 0.9),), dataset="digits")
    send(statistics=[{**ROC, "dataset": "Digits"}])
    assert evaluations.add_evaluation(viewer=admin, version=one, evaluation=numbers).is_new
    assert not evaluations.add_evaluation(viewer=admin, version=one, evaluation=numbers).is_new
    held = Evaluation.objects.get()
    assert held.split == "test" and held.split_is_assumed
    assert (held.values.count(), held.statistics.count()) == (1, 1)
    other = EvaluationIn(metrics=(MetricIn("accuracy", 0.8),), dataset="digits")
    with pytest.raises(Conflict):
        evaluations.add_evaluation(viewer=admin, version=one, evaluation=other)


def test_two_names_of_one_data_set_are_one(send):
    with pytest.raises(Invalid, match="the same as") as caught:
        send(statistics=[{**ROC, "dataset": "image net"}, {**ROC, "dataset": "ImageNet"}])
    assert caught.value.field == "statistics[1]"


def test_a_source_is_named_by_its_slug(send):
    Source.objects.create(slug="nightly", name="Nightly run")
    (row,) = send(statistics=[{**ROC, "source": "nightly"}]).statistics
    assert row.evaluation.source.name == "Nightly run"
    with pytest.raises(Invalid) as caught:
        send(statistics=[ROC, {**ROC, "source": "hearsay"}])
    assert caught.value.field == "statistics[1].source"


def test_removing_a_statistic_leaves_numbers_and_takes_an_empty_evaluation(root, send, one, admin):
    first, second = send(statistics=[{**ROC, "dataset": "A"}, {**ROC, "dataset": "B"}]).statistics
    numbers = EvaluationIn(metrics=(MetricIn("accuracy", 0.9),), dataset="A")
    evaluations.add_evaluation(viewer=admin, version=one, evaluation=numbers)
    for row in (first, second):
        assert root.delete(f"{PATH}/{row.pk}").status_code == 204
        assert root.delete(f"{PATH}/{row.pk}").status_code == 404
    assert Evaluation.objects.get().dataset.name == "A"
    assert MetricValue.objects.count() == 1


def test_drift_and_series_are_removed_by_name(root, send):
    send(series=[LOSS], drift=[PSI, PSI | {"measure": "ks"}, PSI | {"feature": "sum"}])
    assert root.delete(f"{PATH}/drift", {"feature": "age", "measure": "ks"}).status_code == 204
    assert root.delete(f"{PATH}/drift", {"feature": "age"}).status_code == 204
    assert root.delete(f"{PATH}/drift", {"feature": "age"}).status_code == 404
    assert list(DriftPoint.objects.values_list("feature", flat=True)) == ["sum"]
    assert root.delete(f"{PATH}/series", {"name": "loss"}).status_code == 204
    assert root.delete(f"{PATH}/series", {"name": "loss"}).status_code == 404
    assert not SeriesPoint.objects.exists()


def test_who_may_only_read_adds_and_removes_nothing(one, send, person, looking):
    (row,) = send(statistics=[ROC], series=[LOSS], drift=[PSI]).statistics
    reader = looking(person("reader"))
    calls = [
        lambda: statistics.add_statistics(
            viewer=reader, version=one, document=read_document({"drift": [PSI]})
        ),
        lambda: statistics.remove_statistic(viewer=reader, version=one, statistic_id=row.pk),
        lambda: statistics.remove_drift(viewer=reader, version=one, feature="age"),
        lambda: statistics.remove_series(viewer=reader, version=one, name="loss"),
    ]
    for call in calls:
        with pytest.raises(NotAllowed):
            call()


def test_a_version_holds_a_bounded_number_of_points(send, monkeypatch):
    monkeypatch.setattr(statistics, "POINTS_OF_A_VERSION", 3)
    monkeypatch.setattr(statistics, "DRIFT_OF_A_VERSION", 1)
    monkeypatch.setattr(statistics, "SERIES_OF_A_VERSION", 1)
    send(series=[LOSS], drift=[PSI])
    with pytest.raises(Invalid, match="at most 3 points of series"):
        send(series=[{"name": "loss", "points": [[5, 1], [6, 1]]}])
    with pytest.raises(Invalid, match="at most 1 series"):
        send(series=[{"name": "other", "points": [[5, 1]]}])
    with pytest.raises(Invalid, match="at most 1 points of drift"):
        send(drift=[PSI | {"feature": "sum"}])


def test_a_matrix_of_a_thousand_classes_lands_and_the_database_refuses_more(send, root):
    matrix = [[0] * 1000 for _ in range(1000)]
    for place in range(1000):
        matrix[place][place] = 50
    (row,) = send(
        statistics=[{"kind": "confusion_matrix", "labels": list(range(1000)), "matrix": matrix}]
    ).statistics
    assert row.size == 1000 and row.value == 1.0
    assert root.get(f"{PATH}/{row.pk}").json()["computed"]["macro"]["f1"] == 1.0
    for change in ({"size": 10_001}, {"value": float("nan")}, {"kind": "x"}, {"body": [1]}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Statistic.objects.filter(pk=row.pk).update(**change)


def test_one_statistic_is_answered_with_what_scikit_learn_makes_of_it(root):
    root.post(PATH, {"statistics": [real.digits()]})
    (line,) = root.get(f"{PATH}?kind=confusion_matrix&dataset=digits&split=test").json()["results"]
    found = root.get(f"{PATH}/{line['id']}").json()
    true = [t for t, row in enumerate(real.digits()["matrix"]) for _ in range(sum(row))]
    said = [s for row in real.digits()["matrix"] for s, count in enumerate(row) for _ in range(count)]
    report = classification_report(true, said, output_dict=True)
    assert found["computed"]["macro"]["f1"] == pytest.approx(report["macro avg"]["f1-score"])
    assert found["computed"]["classes"][8]["recall"] == pytest.approx(report["8"]["recall"])
    assert found["computed"]["kappa"] == pytest.approx(cohen_kappa_score(true, said))
    assert found["body"]["matrix"] == real.digits()["matrix"]
    assert found["value"] == pytest.approx(report["accuracy"]) and found["measure"] == "accuracy"


def test_lists_are_filtered_and_wrong_filters_refused(root):
    root.post(PATH, real.document())
    assert len(root.get(f"{PATH}?kind=roc").json()["results"]) == 1
    assert len(root.get(f"{PATH}?dataset=digits").json()["results"]) == 1
    assert root.get(f"{PATH}?kind=auc").json()["errors"][0]["field"] == "kind"
    drift = root.get(f"{PATH}/drift?feature=mean radius&measure=psi&since=2026-03-02T00:00:00Z").json()[
        "results"
    ]
    assert [row["at"][:10] for row in drift] == ["2026-03-02", "2026-03-03", "2026-03-04"]
    assert root.get(f"{PATH}/drift?measure=mad").status_code == 400
    names = [row["name"] for row in root.get(f"{PATH}/series").json()["results"]]
    assert names == ["test/accuracy", "train/accuracy", "train/loss"]
    assert root.get(f"{PATH}/series/points?name=none").status_code == 404
    assert root.get(f"{PATH}/series/points?name=train/loss&most=many").status_code == 400


def test_thinned_series_keep_their_peaks(root):
    points = [[step, 0.5] for step in range(5000)]
    points[2345][1], points[4000][1] = 99.0, -99.0
    assert root.post(PATH, {"series": [{"name": "s", "points": points}]}).status_code == 201
    found = root.get(f"{PATH}/series/points?name=s&most=100").json()
    assert found["total"] == 5000 and found["is_thinned"] and len(found["points"]) <= 102
    assert [2345, 99.0] in found["points"] and [4000, -99.0] in found["points"]
    part = root.get(f"{PATH}/series/points?name=s&first=2340&last=2349").json()
    assert part["points"] == points[2340:2350] and not part["is_thinned"]


def test_more_of_everything_takes_no_more_statements(root):
    def statements(document):
        with CaptureQueriesContext(connection) as queries:
            assert root.post(PATH, document).status_code == 201
        return len(queries)

    def document(times, start):
        names = [f"{start}-{n}" for n in range(times)]
        return {
            "statistics": [{**ROC, "name": name, "dataset": "A"} for name in names],
            "drift": [{**PSI, "feature": name} for name in names],
            "series": [{"name": name, "points": [[0, 1], [1, 2]]} for name in names],
        }

    root.post(PATH, document(1, "first"))
    assert statements(document(60, "many")) == statements(document(1, "few"))


def test_bytes_that_are_no_document_are_refused_with_their_place(root):
    response = root.post(PATH, b'{"statistics": [\n  {"kind": }]}')
    assert response.status_code == 400 and "line 2, column 12" in response.json()["detail"]
    assert root.post(PATH, json.dumps([1])).json()["errors"][0]["field"] == "document"
    assert "NaN" in root.post(PATH, b'{"series": [{"name": "a", "points": [[0, NaN]]}]}').json()["detail"]
