"""The pages of statistics: what they show, to whom, with how many statements; files; comparing like with like."""

import io
import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from sklearn.metrics import f1_score, roc_auc_score

from evaluations.models import DriftPoint, SeriesPoint, Statistic
from evaluations.services.statistics import add_statistics
from evaluations.statistics.document import read_document
from tests import statistics as real
from tests.filling import measure

pytestmark = pytest.mark.django_db
ROC = {"kind": "roc", "false_positive_rate": [0, 0.2, 1], "true_positive_rate": [0, 0.9, 1]}
HERE = "/p/fraud/m/v/1/statistics"
EDIT = "/p/fraud/m/v/1/edit/statistics"


@pytest.fixture
def root(person):
    return person("root", admin=True)


@pytest.fixture
def one(project, model, version):
    return version("1", of=model("m", of=project("fraud")))


@pytest.fixture
def send(root, looking):
    def add(version, **document):
        return add_statistics(viewer=looking(root), version=version, document=read_document(document))

    return add


@pytest.fixture
def reader():
    return Client()


@pytest.fixture
def editor(root):
    client = Client()
    client.force_login(root)
    return client


def words(response):
    assert response.status_code in (200, 400), response.status_code
    html = re.sub(r"<(script|svg).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_page_without_statistics_tells_how_to_send_them(one, reader):
    page = words(reader.get(HERE))
    assert "No statistics yet" in page and "/api/v1/models/fraud/m/versions/1/statistics" in page
    assert "Send a file" not in page


def test_the_numbers_of_the_page_are_those_of_scikit_learn(one, send, reader):
    send(one, **real.document())
    page = words(reader.get(HERE))
    *_, true, scores = real.cancer()
    assert f"Area under the curve {roc_auc_score(true, scores):.4f}" in page
    assert "Fairness by mean radius" in page and "radius above 14" in page
    assert "Feature importance: permutation" in page and "Importance by class: permutation" in page
    assert "Drift of features" in page and "mean radius" in page
    assert "train/loss" in page
    digits = Statistic.objects.get(kind="confusion_matrix").evaluation_id
    other = words(reader.get(f"{HERE}?on={digits}"))
    matrix = real.digits()["matrix"]
    true = [t for t, row in enumerate(matrix) for _ in range(sum(row))]
    said = [s for row in matrix for s, count in enumerate(row) for _ in range(count)]
    assert f"{f1_score(true, said, average='macro'):.4f} </dd>" not in other
    assert f"{f1_score(true, said, average='macro'):.4f}" in other and "Most confused" in other
    assert "Area under" not in other


def test_numbers_by_slice_mark_the_weakest(one, send, reader):
    send(one, statistics=[*real.slices(), real.curves()[0]])
    measure(one, "accuracy", 0.9, dataset="breast-cancer-wisconsin", split="test", direction="higher")
    page = words(reader.get(HERE))
    areas = {row.evaluation.slice: row.value for row in Statistic.objects.select_related("evaluation")}
    weakest = min(areas, key=areas.get)
    assert "By slice" in page and page.count("weakest") == 1
    assert f"{weakest or 'all'} {areas[weakest]:.4f} weakest" in page


def test_drift_says_what_moved(one, send, reader):
    days = [f"2026-03-0{day}" for day in (1, 2, 3)]
    for feature, values in {
        "calm": (0.01, 0.02, 0.03),
        "on the move": (0.05, 0.1, 0.15),
        "gone": (0.1, 0.3, 0.5),
    }.items():
        send(
            one,
            drift=[
                {"feature": feature, "at": day, "measure": "psi", "value": v}
                for day, v in zip(days, values, strict=True)
            ],
        )
    page = words(reader.get(HERE))
    assert "1 moved much" in page and "1 moved (0.1 to 0.2)" in page
    rows = re.findall(r"(gone|on the move|calm) (0\.\d+) (moved much|moved|stable)", page)
    assert rows == [
        ("gone", "0.5000", "moved much"),
        ("on the move", "0.1500", "moved"),
        ("calm", "0.0300", "stable"),
    ]


@pytest.mark.parametrize(
    "query", ["on=x", "on=99999999999999999999", "measure=%00", "series=%00zzz", "page=-1", "feature=' OR 1"]
)
def test_odd_parameters_are_met_calmly(one, send, reader, query):
    send(one, **real.document())
    assert reader.get(f"{HERE}?{query}").status_code == 200


def test_charts_are_downloaded_and_unknown_ones_are_not_there(one, send, reader):
    send(one, **real.document())
    table = reader.get(f"{HERE}?chart=roc&as=csv").content.decode().splitlines()
    fpr = real.curves()[0]["false_positive_rate"]
    assert table[0] == "Curve,False positive rate,True positive rate,Threshold" and len(table) == len(fpr) + 1
    assert reader.get(f"{HERE}?chart=drift&as=svg").content.startswith(b"<svg")
    assert reader.get(f"{HERE}?chart=none&as=svg").status_code == 404


def test_what_is_hidden_is_not_there(project, model, version, send, reader, person):
    hidden = version("1", of=model("h", of=project("secret", visibility="restricted")))
    send(hidden, statistics=[ROC])
    stranger = Client()
    stranger.force_login(person())
    for client in (reader, stranger):
        assert client.get("/p/secret/h/v/1/statistics").status_code == 404
        assert client.get("/compare/statistics?model=secret/h@1").content.count(b"secret") <= 2
        assert client.get("/compare/statistics?model=secret/h@1&model=secret/h").status_code == 404
    assert reader.get("/p/fraud/none/v/1/statistics").status_code == 404


def test_more_of_everything_takes_no_more_statements(one, send, reader, version):
    def statements(address):
        assert reader.get(address).status_code == 200
        with CaptureQueriesContext(connection) as queries:
            reader.get(address)
        return len(queries)

    other = version("2", of=one.model)
    pair = "/compare/statistics?model=fraud/m@1&model=fraud/m@2"
    for row in (one, other):
        send(row, **real.document())
    little = statements(HERE), statements(pair)
    for row in (one, other):
        send(
            row,
            statistics=[
                *({**ROC, "name": f"class {n}"} for n in range(40)),
                *({**ROC, "slice": f"s{n}"} for n in range(30)),
                *({**real.digits(), "name": f"m{n}"} for n in range(5)),
            ],
            drift=[
                {"feature": f"f{n}", "at": "2026-03-04", "measure": "psi", "value": 0.1} for n in range(200)
            ],
            series=[{"name": f"part{n}/loss", "points": [[0, 1], [1, 0.5]]} for n in range(40)],
        )
    assert (statements(HERE), statements(pair)) == little
    assert max(little) <= 22
    twelve = [version(f"n{n}", of=one.model) for n in range(10)]
    for row in twelve:
        send(row, **real.document())
    dozen = "&".join(f"model={row.ref}" for row in (one, other, *twelve))
    assert statements(f"/compare/statistics?{dozen}") == little[1]


def post(client, content, name="s.json", **fields):
    file = SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())
    return client.post(EDIT, {"action": "file", "holds": "json", "file": file, **fields})


def test_a_file_lands_whole_and_again_changes_nothing(one, editor):
    raw = json.dumps(real.document())
    response = post(editor, raw)
    assert response.status_code == 302 and response["Location"] == HERE
    assert "Added: 6 statistics, 60 points of drift, 90 points of series." in words(editor.get(HERE))
    post(editor, raw)
    assert "All of it was there already." in words(editor.get(HERE))
    assert (Statistic.objects.count(), DriftPoint.objects.count(), SeriesPoint.objects.count()) == (6, 60, 90)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{"statistics": [\n{"kind": }]}', "The file is no JSON: Expecting value at line 2, column 10."),
        (b"\xff\xfe", "The file is not UTF-8 at byte 0."),
        (b"[]", "document: Write an object here."),
        (
            json.dumps({"statistics": [{**ROC, "true_positive_rate": [0, 2, 1]}]}).encode(),
            "statistics[0].true_positive_rate[1]: 2 is more than 1.",
        ),
        (b"", "The submitted file is empty."),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(one, editor, content, told):
    response = post(editor, content)
    assert response.status_code == 400 and told in words(response).replace("&#x27;", "'")
    assert not Statistic.objects.exists()


def matrix_csv(matrix):
    out = io.StringIO()
    out.write("," + ",".join(map(str, range(10))) + "\n")
    for label, row in enumerate(matrix):
        out.write(f"{label}," + ",".join(map(str, row)) + "\n")
    return out.getvalue()


def test_a_matrix_and_curves_land_as_csv(one, editor):
    matrix = real.digits()["matrix"]
    response = post(
        editor, matrix_csv(matrix), "m.csv", holds="confusion_matrix", dataset="Digits", split="test"
    )
    assert response.status_code == 302, words(response)
    held = Statistic.objects.get()
    assert held.body["matrix"] == matrix and held.evaluation.dataset.name == "Digits"
    roc, recall, bins = real.curves()
    for curve, columns in (
        (roc, ("false_positive_rate", "true_positive_rate", "thresholds")),
        (recall, ("precision", "recall", "thresholds")),
        (bins, ("predicted", "observed", "counts")),
    ):
        values = [curve[name] + [None] * (len(curve[columns[0]]) - len(curve[name])) for name in columns]
        lines = [",".join("" if v is None else repr(v) for v in row) for row in zip(*values, strict=True)]
        response = post(editor, "\n".join([",".join(columns), *lines]), "c.csv", holds=curve["kind"])
        assert response.status_code == 302, words(response)
        held = Statistic.objects.get(kind=curve["kind"])
        assert {name: held.body[name] for name in columns} == {name: curve[name] for name in columns}


@pytest.mark.parametrize(
    ("content", "holds", "told"),
    [
        (",a,b\na,5,1\nb,x,3\n", "confusion_matrix", "line 3, column 2: “x” is no whole number."),
        (",a,b\na,5,1\nb,-1,3\n", "confusion_matrix", "line 3, column 2: -1 is less than 0."),
        (",a,b\na,5,1\nb,1\n", "confusion_matrix", "line 3: The matrix must be square"),
        (",a,b\nb,5,1\na,1,2\n", "confusion_matrix", "line 2: The classes must stand in the same order"),
        (",a\n", "confusion_matrix", "line 1: Give a line of names"),
        (
            "false_positive_rate,true_positive_rate\n0,0\n0.5,1.5\n1,1\n",
            "roc",
            "true_positive_rate, line 3: 1.5 is more",
        ),
        ("fpr,true_positive_rate\n0,0\n", "roc", "line 1: “fpr” is no column"),
        ("false_positive_rate,true_positive_rate\n0\n", "roc", "line 2: 1 cells do not fit 2 columns."),
        (
            "predicted,observed,counts\n0.1,0.2,2.5\n",
            "calibration",
            "line 2, column 3: “2.5” is no whole number.",
        ),
    ],
)
def test_a_wrong_csv_is_refused_with_its_line(one, editor, content, holds, told):
    response = post(editor, content, "c.csv", holds=holds)
    assert response.status_code == 400 and told in words(response)
    assert not Statistic.objects.exists()


def test_who_may_not_write_sends_no_file(one, reader, person):
    assert post(reader, json.dumps({"statistics": [ROC]})).status_code in (302, 403)
    stranger = Client()
    stranger.force_login(person())
    assert post(stranger, json.dumps({"statistics": [ROC]})).status_code == 403
    assert not Statistic.objects.exists()


def test_versions_are_compared_like_with_like(one, version, send, reader):
    other = version("2", of=one.model)
    for row, strength in ((one, 1.0), (other, 0.001)):
        send(row, **real.document(strength))
    send(other, statistics=[{**ROC, "dataset": "Elsewhere"}])
    page = words(reader.get("/compare/statistics?model=fraud/m@1&model=fraud/m@2"))
    *_, true, weak = real.cancer(0.001)
    assert f"2 {roc_auc_score(true, weak):.4f}" in page
    assert "Not side by side" in page and "only one has it on Elsewhere" in page
    digits = words(reader.get("/compare/statistics?model=fraud/m@1&model=fraud/m@2&on=2"))
    assert "F1, classes that differ most first" in digits and "Area under the curve" not in digits


def test_matrices_of_other_classes_do_not_stand_side_by_side(one, version, send, reader):
    other = version("2", of=one.model)
    matrix = {"kind": "confusion_matrix", "labels": ["a", "b"], "matrix": [[5, 1], [1, 3]]}
    turned = {**matrix, "labels": ["b", "a"], "matrix": [[3, 1], [1, 5]]}
    send(one, statistics=[matrix])
    send(other, statistics=[{**matrix, "labels": ["a", "c"]}])
    page = words(reader.get("/compare/statistics?model=fraud/m@1&model=fraud/m@2"))
    assert "their classes differ" in page and "F1, classes" not in page
    third = version("3", of=one.model)
    send(third, statistics=[turned])
    page = reader.get("/compare/statistics?model=fraud/m@1&model=fraud/m@3").content.decode()
    table = page.split("F1, classes")[1].split("</table>")[0]
    assert table.count("0.8333") == 2 and table.count("0.7500") == 2 and "best" not in table


def test_nothing_alike_and_too_many_are_told(one, version, send, reader):
    other = version("2", of=one.model)
    send(one, statistics=[{**ROC, "dataset": "A"}])
    send(other, statistics=[{**ROC, "dataset": "B"}])
    assert "Nothing was measured alike" in words(
        reader.get("/compare/statistics?model=fraud/m@1&model=fraud/m@2")
    )
    start = words(reader.get("/compare/statistics?model=fraud/m@1"))
    assert "Choose 2 to 12 versions" in start and "Versions with statistics" in start
    many = "&".join(f"model=fraud/m@{n}" for n in range(13))
    assert reader.get(f"/compare/statistics?{many}").status_code == 400
    assert reader.get("/compare/statistics").status_code == 200


def test_what_was_sent_is_removed_on_its_page(one, send, editor, reader):
    send(one, **real.document())
    held = Statistic.objects.get(kind="roc")
    assert f'value="{held.pk}"' in editor.get(EDIT).content.decode()
    for action, what, told in (
        ("statistic", held.pk, "Removed."),
        ("statistic", held.pk, "no such thing"),
        ("statistic", "x", "no such thing"),
        ("series", "train/loss", "Removed."),
        ("drift", "mean radius", "Removed 12 points of drift."),
        ("drift", "none\x00", "no such thing"),
    ):
        assert reader.post(EDIT, {"action": f"remove-{action}", "what": what}).status_code in (302, 403)
        response = editor.post(EDIT, {"action": f"remove-{action}", "what": what}, follow=True)
        assert told in words(response), (action, what)
    assert Statistic.objects.count() == 5 and DriftPoint.objects.count() == 48
    assert SeriesPoint.objects.count() == 60


def test_the_page_that_removes_takes_no_more_statements_for_much(one, send, editor):
    def statements():
        with CaptureQueriesContext(connection) as queries:
            assert editor.get(EDIT).status_code == 200
        return len(queries)

    send(one, statistics=[ROC], series=[{"name": "a", "points": [[0, 1]]}])
    statements()
    little = statements()
    send(
        one,
        statistics=[{**ROC, "name": f"{n}", "dataset": f"D{n % 9}"} for n in range(60)],
        series=[{"name": f"s{n}", "points": [[0, 1]]} for n in range(30)],
    )
    assert statements() == little <= 16
