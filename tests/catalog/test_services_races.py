"""Several people writing the same thing at the same moment: real threads on a real Postgres."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection

from catalog.models import (
    Classification,
    FactOrigin,
    ModelVersion,
    ProjectGrant,
    RegisteredModel,
    VersionAlias,
)
from catalog.services import (
    attributes,
    grants,
    ownership,
    projects,
    registered,
    versions,
)
from catalog.services.structure import Structure
from core.errors import (
    Conflict,
    DomainError,
    EditConflict,
    Invalid,
)
from evaluations.models import SeriesPoint, Statistic
from evaluations.services import evaluations, statistics
from evaluations.services.records import EvaluationIn, MetricIn
from evaluations.statistics.document import read_document
from ingestion.services.versions import add_version
from vocabulary.models import Dataset, Metric, Term
from vocabulary.services import taxonomies

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run all calls at the same moment; what each gave, or the error of the domain it met."""
    start = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(position: int, call: Callable[[], Any]) -> None:
        try:
            start.wait(10)
            results[position] = call()
        except BaseException as error:  # handed to the test
            results[position] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    unexpected = [r for r in results if isinstance(r, BaseException) and not isinstance(r, DomainError)]
    assert not unexpected, unexpected
    return results


@pytest.fixture
def admin(person, looking):
    return looking(person("root", admin=True))


def test_versions_added_at_once_get_positions_of_their_own(admin, model):
    resnet = model()
    at_once(*(lambda n=n: versions.add_version(viewer=admin, model=resnet, label=f"v{n}") for n in range(8)))
    positions = ModelVersion.objects.filter(model=resnet).values_list("position", flat=True)
    assert sorted(positions) == list(range(1, 9))


def test_one_label_added_at_once_makes_one_version(admin, model):
    resnet = model()
    results = at_once(
        *(lambda: versions.add_version(viewer=admin, model=resnet, label="1") for _ in range(4))
    )
    assert sum(isinstance(result, Conflict) for result in results) == 3
    assert resnet.versions.count() == 1


def test_a_form_sent_twice_at_once_makes_one_thing_and_both_see_it(admin, project, model):
    resnet, fraud = model(), project("fraud")
    made = at_once(
        *(lambda: versions.add_version(viewer=admin, model=resnet, label="1", once="x") for _ in range(3))
    )
    assert len({version.pk for version in made}) == 1
    made = at_once(
        *(lambda: registered.create_model(viewer=admin, project=fraud, name="A", once="y") for _ in range(3))
    )
    assert len({one.pk for one in made}) == 1
    made = at_once(*(lambda: projects.create_project(viewer=admin, name="New", once="z") for _ in range(3)))
    assert len({one.pk for one in made}) == 1


def test_an_alias_set_at_once_points_to_one_version(admin, model, version):
    resnet = model()
    held = [version(f"{n}", of=resnet) for n in range(4)]
    at_once(*(lambda v=v: versions.set_alias(viewer=admin, version=v, name="champion") for v in held))
    assert VersionAlias.objects.filter(model=resnet, name="champion").count() == 1


def test_of_editors_at_once_one_wins_and_the_others_are_told(admin, model):
    resnet = model()
    results = at_once(
        *(
            lambda n=n: registered.edit_model(
                viewer=admin, model=resnet, changes={"purpose": f"p{n}"}, expected_revision=1
            )
            for n in range(5)
        )
    )
    assert sum(isinstance(result, RegisteredModel) for result in results) == 1
    assert sum(isinstance(result, EditConflict) for result in results) == 4
    assert FactOrigin.objects.filter(model=resnet, field="purpose").count() == 1


def test_two_administrators_cannot_remove_each_other(person, project, looking):
    ada, eve = person("ada"), person("eve")
    fraud = project("fraud", administrator=ada)
    ProjectGrant.objects.create(project=fraud, user=eve, role=4)
    results = at_once(
        lambda: grants.revoke_role(viewer=looking(ada), project=fraud, user=eve),
        lambda: grants.revoke_role(viewer=looking(eve), project=fraud, user=ada),
    )
    assert any(isinstance(result, Conflict) for result in results)
    assert ProjectGrant.objects.filter(project=fraud, role=4).count() == 1


def test_a_new_data_set_and_metric_named_at_once_are_one(admin, model):
    models = [model() for _ in range(5)]
    given = Structure(training_data=("Brand new",))
    measured = (EvaluationIn((MetricIn("Sparkle", 1.0),), dataset="brand-NEW"),)
    at_once(
        *(
            lambda m=m: add_version(viewer=admin, model=m, label="1", structure=given, evaluations=measured)
            for m in models
        )
    )
    assert ModelVersion.objects.count() == 5
    assert Dataset.objects.count() == 1
    assert Metric.objects.count() == 1


def test_the_same_evaluation_at_once_stands_once(admin, version):
    one = version()
    given = EvaluationIn((MetricIn("Sparkle", 1.0),), dataset="D")
    results = at_once(
        *(lambda: evaluations.add_evaluation(viewer=admin, version=one, evaluation=given) for _ in range(4))
    )
    assert sum(result.is_new for result in results) == 1
    assert one.evaluations.count() == 1


def test_an_owner_and_an_attribute_set_at_once_stand_once(admin, person, model):
    from catalog.models import AttributeDefinition

    resnet, ada = model(), person("ada")
    field = AttributeDefinition.objects.create(slug="f", name="F", type="number")
    at_once(
        *(lambda: ownership.set_owner(viewer=admin, model=resnet, kind="owner", user=ada) for _ in range(4))
    )
    at_once(
        *(
            lambda n=n: attributes.set_attribute(viewer=admin, model=resnet, definition=field, value=n)
            for n in range(4)
        )
    )
    assert (resnet.ownerships.count(), resnet.attribute_values.count()) == (1, 1)


def test_two_moves_at_once_close_no_circle(admin, term):
    one, two = term("task", "One"), term("task", "Two")
    results = at_once(
        lambda: taxonomies.edit_term(viewer=admin, term=one, changes={"parent": two}),
        lambda: taxonomies.edit_term(viewer=admin, term=two, changes={"parent": one}),
    )
    assert sum(isinstance(result, Invalid) for result in results) == 1


def test_a_term_merged_while_models_are_given_it_is_nowhere_left(admin, model, term):
    for taxonomy in (f"task{number}" for number in range(5)):
        keep, gone = term(taxonomy, "Keep"), term(taxonomy, "Gone")
        classify = partial(registered.classify_model, viewer=admin, taxonomy=taxonomy, terms=["gone"])
        results = at_once(
            partial(taxonomies.merge_terms, viewer=admin, keep=keep, gone=gone),
            *(partial(classify, model=model()) for _ in range(4)),
        )
        assert not [result for result in results if isinstance(result, DomainError)]
        assert Classification.objects.filter(term=keep).count() == 4
        assert not Term.objects.filter(pk=gone.pk).exists()


def test_one_document_of_statistics_sent_at_once_lands_once(admin, version):
    one = version()
    roc = {"kind": "roc", "false_positive_rate": [0, 1], "true_positive_rate": [0, 1], "dataset": "New set"}
    series = {"name": "loss", "points": [[step, 1.0] for step in range(50)]}
    document = read_document({"statistics": [roc], "series": [series]})
    add = partial(statistics.add_statistics, viewer=admin, version=one, document=document)
    results = at_once(*(add for _ in range(5)))
    assert sum(result.is_new for result in results) == 1
    assert (Statistic.objects.count(), SeriesPoint.objects.count()) == (1, 50)


def test_batches_of_one_series_sent_at_once_all_land(admin, version):
    one = version()

    def send(start: int) -> object:
        points = [[step, float(step)] for step in range(start, start + 60)]
        document = read_document({"series": [{"name": "loss", "points": points}]})
        return statistics.add_statistics(viewer=admin, version=one, document=document)

    results = at_once(*(partial(send, start) for start in (0, 30, 60, 90)))
    assert not [result for result in results if isinstance(result, DomainError)]
    assert SeriesPoint.objects.count() == 150
