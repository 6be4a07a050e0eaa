"""Every change of the catalog reaches the outbox, whoever makes it and however."""

import importlib

import pytest
from django.db import connection

from catalog.models import (
    AttributeDefinition,
    AttributeValue,
    ModelTag,
    ModelVersion,
    Ownership,
    Paper,
    Project,
    RegisteredModel,
    Tag,
    TrainingData,
    VersionAlias,
)
from evaluations.models import Evaluation, MetricValue
from search.indexing import outbox
from search.models import Outbox
from social.models import Comment, Follow, Rating
from tests.makers import make_person, make_team
from tests.search.conftest import measure, term
from vocabulary.models import (
    Dataset,
    Metric,
    Source,
    Taxonomy,
    Term,
    TermAlias,
)

TABLES = importlib.import_module("search.migrations.0002_triggers").TOUCHED


def sql(statement, parameters=()):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


@pytest.fixture
def quiet(db):
    """Everything that waited is carried; what is in the outbox afterwards is new."""
    outbox.drain_all()
    return lambda: outbox.drain_all()


def touched() -> set[int | None]:
    return set(Outbox.objects.values_list("model_id", flat=True))


@pytest.fixture
def full(model):
    """A model with a row in every table that feeds its document, and another that nothing touches."""
    person, team = make_person("own", name="Owner"), make_team("Owners")
    source = Source.objects.create(slug="src", name="Source")
    made = model("full", task="child", tags=["tag"], source=source)
    Term.objects.filter(slug="child").update(parent=term("task", "parent"))
    version = made.versions.get()
    VersionAlias.objects.create(model=made, version=version, name="champion")
    measure(made, "acc", 1, dataset="data")
    TrainingData.objects.create(version=version, dataset=Dataset.objects.create(slug="train", name="train"))
    Ownership.objects.create(model=made, kind="owner", user=person)
    Ownership.objects.create(model=made, kind="owner", team=team)
    definition = AttributeDefinition.objects.create(slug="a", name="A", type="keyword")
    AttributeValue.objects.create(definition=definition, type="keyword", model=made, text="x")
    Paper.objects.create(title="paper", url="u").versions.add(version)
    TermAlias.objects.create(
        term=Term.objects.get(slug="child"), taxonomy=Taxonomy.objects.get(), words="kid", folded="kid"
    )
    Rating.objects.create(model=made, author=person, stars=3)
    Comment.objects.create(model=made, author=person, body="x")
    Follow.objects.create(model=made, user=person)
    model("bystander", library="other")
    outbox.drain_all()
    return made


UPDATES = [
    "UPDATE catalog_registeredmodel SET name = 'n' WHERE name = 'full'",
    "UPDATE catalog_modelversion SET stage = 'production' WHERE model_id = {pk}",
    "UPDATE catalog_versionalias SET name = 'x'",
    "UPDATE catalog_classification SET words = 'x' WHERE model_id = {pk}",
    "UPDATE catalog_evaluation SET split = 'x'",
    "UPDATE catalog_metricvalue SET value = 2",
    "UPDATE catalog_trainingdata SET words = 'x'",
    "UPDATE catalog_modeltag SET added_by_id = NULL",
    "UPDATE catalog_tag SET name = 'x'",
    "UPDATE catalog_term SET name = 'x' WHERE slug = 'child'",
    "UPDATE catalog_term SET name = 'x' WHERE slug = 'parent'",
    "UPDATE catalog_termalias SET words = 'x'",
    "UPDATE catalog_taxonomy SET slug = 'duty' WHERE slug = 'task'",
    "UPDATE catalog_metric SET importance = 9",
    "UPDATE catalog_dataset SET name = 'x' WHERE slug = 'data'",
    "UPDATE catalog_dataset SET name = 'x' WHERE slug = 'train'",
    "UPDATE catalog_ownership SET kind = 'steward'",
    "UPDATE catalog_attributevalue SET text = 'y'",
    "UPDATE catalog_attributedefinition SET is_sensitive = true",
    "UPDATE catalog_project SET visibility = 'internal' WHERE id = {project}",
    "UPDATE catalog_source SET name = 'x'",
    "UPDATE catalog_paper SET title = 'x'",
    "UPDATE accounts_user SET name = 'x'",
    "UPDATE accounts_team SET name = 'x'",
    "UPDATE social_rating SET stars = 5",
    "UPDATE social_comment SET body = 'y'",
    "UPDATE social_follow SET created_at = now()",
    "DELETE FROM catalog_versionalias",
    "DELETE FROM catalog_classification WHERE model_id = {pk}",
    "DELETE FROM catalog_metricvalue",
    "DELETE FROM catalog_trainingdata",
    "DELETE FROM catalog_modeltag",
    "DELETE FROM catalog_ownership",
    "DELETE FROM catalog_attributevalue",
    "DELETE FROM catalog_paper_versions",
    "DELETE FROM catalog_termalias",
    "DELETE FROM social_rating",
    "DELETE FROM social_comment",
    "DELETE FROM social_follow",
]


@pytest.mark.parametrize("statement", UPDATES)
def test_plain_sql_touches_the_model_and_no_other(full, statement):
    sql(statement.format(pk=full.pk, project=full.project_id))
    assert touched() == {full.pk}


def test_every_table_has_all_four_triggers(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE t.tgname LIKE 'search_on_%' GROUP BY c.relname"
        )
        assert dict(cursor.fetchall()) == dict.fromkeys(TABLES, 4)


def test_every_table_the_documents_are_built_from_has_triggers(full):
    """Whatever the builder reads is watched, so that a new fact cannot be forgotten."""
    from django.test.utils import CaptureQueriesContext

    from search.documents import builder

    with CaptureQueriesContext(connection) as queries:
        builder.build([full.pk])
    import re

    read = {
        name for q in queries for name in re.findall(r"\b((?:catalog|social|accounts)_[a-z_]+)\b", q["sql"])
    }
    models = {
        m._meta.db_table
        for m in __import__("django.apps", fromlist=["apps"]).apps.get_models(include_auto_created=True)
    }
    assert (read & models) - set(TABLES) == set()


def test_bulk_writes_of_the_orm_are_seen(model, quiet):
    one, two = model(), model()
    quiet()
    RegisteredModel.objects.filter(pk__in=[one.pk, two.pk]).update(summary="x")
    assert touched() == {one.pk, two.pk}
    quiet()
    tag = Tag.objects.create(slug="bulk", name="bulk")
    ModelTag.objects.bulk_create([ModelTag(model=one, tag=tag), ModelTag(model=two, tag=tag)])
    assert touched() == {one.pk, two.pk}


def test_a_row_that_moves_touches_both_models(model, quiet):
    one, two = model(), model(tags=["t"])
    quiet()
    ModelTag.objects.update(model=one)
    assert touched() == {one.pk, two.pk}


def test_copy_adds_each_model_once(model, quiet):
    one, two = model(), model()
    metric = Metric.objects.create(slug="m", name="m")
    evaluations = [Evaluation.objects.create(version=made.versions.get(), split="s") for made in (one, two)]
    quiet()
    with connection.cursor() as cursor:
        copying = cursor.copy(
            "COPY catalog_metricvalue (evaluation_id, metric_id, value, words, raw_unit, occurrence)"
            " FROM STDIN"
        )
        with copying as copy:
            for evaluation in evaluations:
                for occurrence in range(1, 501):
                    copy.write_row((evaluation.pk, metric.pk, 0.5, "", "", occurrence))
    assert sorted(Outbox.objects.values_list("model_id", flat=True)) == sorted([one.pk, two.pk])


def test_truncate_asks_for_everything(full):
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("TRUNCATE social_rating, social_comment CASCADE")
    assert touched() == {None}
    assert outbox.drain_all() == 2


def test_deleting_a_project_takes_its_models_along(full):
    pk = full.pk
    Project.objects.get(pk=full.project_id).delete()
    assert pk in touched()


def test_deleting_a_person_touches_what_they_own(full):
    from accounts.models import User

    User.objects.get(username="own").delete()
    assert touched() == {full.pk}


def test_a_sign_in_touches_nothing(full):
    sql("UPDATE accounts_user SET last_login = now()")
    assert touched() == set()


def test_a_change_taken_back_leaves_nothing(full):
    from django.db import transaction

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        ModelVersion.objects.update(notes="x")
        1 / 0  # noqa: B018
    assert touched() == set()


def test_a_statement_that_changes_no_row_adds_none(full):
    MetricValue.objects.filter(value=-1).update(value=3)
    assert touched() == set()
