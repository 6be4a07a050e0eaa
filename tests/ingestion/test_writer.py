"""The writer: idempotent, per record, with provenance; the same rules as everywhere."""

import pytest

from access.viewer import Viewer
from catalog.models import FactOrigin, ModelVersion, Project, RegisteredModel
from catalog.services.structure import LinkIn, PackageIn, PaperIn, Structure
from core.errors import NotAllowed
from evaluations.models import Evaluation, MetricValue
from evaluations.services.records import EvaluationIn, MetricIn
from ingestion.records import VersionRecord
from ingestion.writer import upsert
from vocabulary.models import Metric, MetricAlias

pytestmark = pytest.mark.django_db


def record(label="1", *, value=80.0, **fields):
    facts = {"architecture": "ResNet", "parameter_count": 25_000_000, **fields.pop("facts", {})}
    structure = Structure(
        parameters={"lr": 0.1, "layers": [3, 4]},
        packages=(PackageIn("torch", ">=2"),),
        training_data=("in1k",),
        terms={"license": ("MIT",), "language": ("English", "日本語")},
        links=(LinkIn("https://example.org/card", "card"),),
        papers=(PaperIn("Deep residual learning"),),
    )
    evaluations = (EvaluationIn((MetricIn("top1", value), MetricIn("Iter", 5)), "in1k"),)
    made = {"structure": structure, "evaluations": evaluations, "tags": ("vision", "C++"), **fields}
    return VersionRecord("team/vision", "resnet50", label, facts=facts, place=f"line {label}", **made)


def content():
    """All that the catalog says of its versions."""
    return [
        (
            version.label,
            version.position,
            version.architecture,
            version.parameter_count,
            sorted((p.name, repr(p.value)) for p in version.parameters.all()),
            sorted(p.name for p in version.packages.all()),
            sorted(d.dataset.slug for d in version.training_data.all()),
            sorted((c.term.name, c.words) for c in version.classifications.all()),
            sorted(link.url for link in version.links.all()),
            sorted(paper.title for paper in version.papers.all()),
            sorted(
                (e.dataset.slug, e.split, e.source.slug, v.metric.slug, v.value)
                for e in version.evaluations.all()
                for v in e.values.all()
            ),
            sorted(t.tag.name for t in version.model.model_tags.all()),
        )
        for version in ModelVersion.objects.order_by("position")
    ]


def test_a_record_becomes_a_project_a_model_and_a_version_with_all_its_parts(reading):
    (outcome,) = upsert(reading(), [record()])
    assert (outcome.status, outcome.ref, outcome.refusals) == ("created", "team-vision/resnet50@1", [])
    assert content() == [
        (
            "1",
            1,
            "ResNet",
            25_000_000,
            [("Iterations", "5"), ("layers", "[3, 4]"), ("lr", "0.1")],
            ["torch"],
            ["imagenet-1k"],
            [("English", "English"), ("MIT", "MIT"), ("日本語", "日本語")],
            ["https://example.org/card"],
            ["Deep residual learning"],
            [("imagenet-1k", "val", "board", "top-1", 80.0)],
            ["C++", "vision"],
        )
    ]
    version = ModelVersion.objects.get()
    assert (version.source.slug, version.observed_at.year) == ("board", 2026)


def test_the_same_reading_again_changes_nothing(reading):
    upsert(reading(), [record("1"), record("2", value=81.0)])
    before, rows = content(), MetricValue.objects.values_list("pk", flat=True)
    kept = list(rows)
    outcomes = upsert(reading(), [record("1"), record("2", value=81.0)])
    assert [outcome.status for outcome in outcomes] == ["unchanged", "unchanged"]
    assert content() == before
    assert list(rows.all()) == kept


def test_a_second_reading_replaces_what_the_source_says_otherwise(reading):
    upsert(reading(), [record()])
    changed = record(
        value=82.0, facts={"architecture": "ResNet-D"}, structure=Structure(parameters={"lr": 0.2})
    )
    (outcome,) = upsert(reading(), [changed])
    assert outcome.status == "changed"
    version = ModelVersion.objects.get()
    assert version.architecture == "ResNet-D"
    assert {p.name: p.value for p in version.parameters.all()} == {
        "lr": 0.2,
        "layers": [3, 4],
        "Iterations": 5,
    }
    assert not version.packages.exists() and not version.papers.exists()
    assert [v.value for v in MetricValue.objects.all()] == [82.0]


def test_what_people_stated_stays(reading, person):
    upsert(reading(), [record()])
    version = ModelVersion.objects.get()
    version.architecture = "ResNet, as we trained it"
    version.save()
    FactOrigin.objects.create(model=version.model, version=version, field="architecture", user=person())
    upsert(reading(), [record(facts={"architecture": "other", "parameter_count": 1})])
    version.refresh_from_db()
    assert (version.architecture, version.parameter_count) == ("ResNet, as we trained it", 1)


def test_numbers_of_others_stay(reading, source):
    upsert(reading(), [record()])
    other = Evaluation.objects.create(version=ModelVersion.objects.get(), split="test")
    upsert(reading(), [record(evaluations=())])
    assert list(Evaluation.objects.all()) == [other]


def test_a_refused_part_is_told_with_its_place_and_the_rest_lands(reading):
    numbers = (MetricIn("top1", 254.0), MetricIn("top1", 80.0), MetricIn("top1", 8, "per mille"))
    wrong = record(
        evaluations=(EvaluationIn(numbers, "in1k"),),
        structure=Structure(terms={"license": ("WTFPL",), "language": ("English",)}, parameters={"a": None}),
    )
    (outcome,) = upsert(reading(), [wrong])
    assert outcome.status == "created"
    assert {refusal.path: refusal.message for refusal in outcome.refusals} == {
        "parameters.a": "Leave a parameter out rather than giving it no value.",
        "terms.license": "License has no term “WTFPL”.",
        "evaluations[0].metrics[0]": "Top-1 accuracy goes from 0 to 100 %; 254 was given.",
        "evaluations[0].metrics[2].unit": "The unit “per mille” is not known for Top-1 accuracy."
        " Known: “%”, “fraction”.",
    }
    assert [v.value for v in MetricValue.objects.all()] == [80.0]
    assert ModelVersion.objects.get().classifications.get().term.name == "English"


def test_a_record_that_cannot_be_written_is_refused_alone(reading):
    outcomes = upsert(reading(), [record("a b"), record("2"), record("3", facts={"parameter_count": -1})])
    assert [outcome.status for outcome in outcomes] == ["refused", "created", "refused"]
    assert [refusal.path for refusal in outcomes[0].refusals] == ["label"]
    assert [refusal.path for refusal in outcomes[2].refusals] == ["parameter_count"]
    assert [version.label for version in ModelVersion.objects.all()] == ["2"]


def test_versions_that_come_later_take_the_next_positions(reading):
    upsert(reading(), [record("1"), record("2")])
    upsert(reading(), [record("3"), record("1")])
    assert list(ModelVersion.objects.order_by("position").values_list("label", "position")) == [
        ("1", 1),
        ("2", 2),
        ("3", 3),
    ]


def test_who_may_not_write_writes_nothing(reading, person, looking):
    with pytest.raises(NotAllowed):
        upsert(reading(looking(person())), [record()])
    upsert(reading(), [record()])
    Project.objects.update(visibility="public")
    with pytest.raises(NotAllowed):
        upsert(reading(looking(person())), [record("2")])
    assert ModelVersion.objects.count() == 1


def test_an_administrator_may(reading, person, looking):
    viewer: Viewer = looking(person(admin=True))
    assert upsert(reading(viewer), [record()])[0].status == "created"
    assert RegisteredModel.objects.get().source.slug == "board"


def test_a_batch_costs_the_same_statements_whatever_its_size(reading, django_assert_max_num_queries):
    upsert(reading(), [record("0")])
    with django_assert_max_num_queries(60) as few:
        upsert(reading(), [record(f"a{n}") for n in range(3)])
    with django_assert_max_num_queries(60) as many:
        upsert(reading(), [record(f"b{n}") for n in range(30)])
    assert len(few) == len(many)


def test_a_version_that_people_made_stays_theirs_and_gets_the_numbers(reading):
    upsert(reading(), [record("1")])
    model = RegisteredModel.objects.get()
    mine = ModelVersion.objects.create(model=model, label="2", position=2, architecture="Mine")
    (outcome,) = upsert(reading(), [record("2")])
    mine.refresh_from_db()
    assert (outcome.status, mine.architecture, mine.source) == ("changed", "Mine", None)
    assert not mine.packages.exists()
    assert [value.value for value in MetricValue.objects.filter(evaluation__version=mine)] == [80.0]


def test_parameters_that_others_measured_stay(reading):
    upsert(reading(), [record()])
    version = ModelVersion.objects.get()
    version.parameters.create(name="Warm-up steps", value=100)
    assert upsert(reading(), [record()])[0].status == "unchanged"
    assert version.parameters.filter(name="Warm-up steps").exists()


def test_a_version_given_twice_is_refused_the_second_time(reading):
    outcomes = upsert(reading(), [record("1"), record("1", value=81.0)])
    assert [outcome.status for outcome in outcomes] == ["created", "refused"]
    assert outcomes[1].refusals[0].message == "This version is given twice: line 1 has it already."
    assert MetricValue.objects.get().value == 80.0


def test_a_label_that_is_an_alias_is_refused(reading):
    upsert(reading(), [record("1")])
    version = ModelVersion.objects.get()
    version.aliases.create(model=version.model, name="champion")
    (outcome,) = upsert(reading(), [record("champion")])
    assert (outcome.status, outcome.refusals[0].path) == ("refused", "label")


def test_a_name_of_several_metrics_is_refused_where_no_unit_tells(reading, source):
    for slug, unit in (("loss-a", "nats"), ("loss-b", "bits")):
        metric = Metric.objects.create(slug=slug, name=slug, unit=unit)
        MetricAlias.objects.create(metric=metric, words="loss", folded="loss", unit=unit)
    numbers = (MetricIn("loss", 1.0), MetricIn("loss", 2.0, "bits"))
    (outcome,) = upsert(reading(), [record(evaluations=(EvaluationIn(numbers),))])
    assert [refusal.message for refusal in outcome.refusals] == [
        "This name may mean loss-a or loss-b: give the unit, or another name."
    ]
    assert MetricValue.objects.get().metric.slug == "loss-b"
