"""The dashboard's numbers are those of the models that its reader sees."""

import pytest

from alerts.quantities.metadata import completeness
from alerts.quantities.versions import VersionsOf
from alerts.selectors.dashboard import _completeness, dashboard
from catalog.access import visible_models
from catalog.models import ModelVersion, Ownership, RegisteredModel
from evaluations.models import Evaluation
from social.models import Rating
from tests.filling import fill, make_term
from tests.makers import make_model, make_person, make_project, make_team, seen_by

pytestmark = pytest.mark.django_db


def counts(bars):
    return {bar.label: bar.count for bar in bars if bar.count}


def test_completeness_in_sql_is_that_of_the_models_pages(db):
    """Steps there and not there, terms on models and on versions, and another version leading than the newest."""
    boss = make_person(is_superuser=True)
    bare, full, half = make_model(), make_model(), make_model(owner=boss)
    fill(full, 2)
    Ownership.objects.create(model=full, kind="owner", user=boss)
    RegisteredModel.objects.filter(pk=half.pk).update(summary="s")
    term = make_term("framework", "torch")
    half.classifications.create(term=term, version=half.versions.get())
    newer = ModelVersion.objects.create(
        model=half, label="2", position=2, parameter_count=5, stage="archived"
    )
    half.classifications.create(term=make_term("license", "mit"), version=newer)
    Evaluation.objects.create(version=half.versions.get(label="1"))
    bare.versions.all().delete()
    models = list(RegisteredModel.objects.select_related("source").order_by("-pk"))
    told = completeness(models, VersionsOf([model.pk for model in models]))
    percents, is_sample, _ = _completeness(visible_models(seen_by(boss)))
    assert percents == [told[model.pk].percent for model in models]
    assert len(set(percents)) == 3 and not is_sample


def test_it_counts_what_its_reader_sees_and_nothing_else(rule, arrives, look):
    insider, stranger = make_person(), make_person()
    hidden = make_model(make_project("restricted", viewer=insider))
    seen = make_model()
    rule(severity="critical")
    for model in (hidden, seen):
        arrives(model, 0.5)
        Rating.objects.create(model=model, author=insider, stars=5)
        ModelVersion.objects.filter(model=model).update(stage="production")
    look()
    for user, number in ((insider, 2), (stranger, 1)):
        page = dashboard(seen_by(user))
        assert page.models == page.firing == page.ratings == len(page.newest) == len(page.alerts) == number
        assert counts(page.stages) == {"Production": number}
        assert counts(page.by_severity) == {"Critical": number}
        assert sum(bar.count for bar in page.completeness) == number
    nobody = dashboard(seen_by(None))
    assert (nobody.models, nobody.firing, nobody.alerts) == (1, 0, ())


def test_a_projects_and_a_teams_are_of_their_models(rule, arrives, look):
    team = make_team()
    mine, owned, other = make_model(make_project(team=team)), make_model(), make_model()
    Ownership.objects.create(model=owned, kind="owner", team=team)
    rule()
    for model in (mine, owned, other):
        arrives(model, 0.5)
    look()
    viewer = seen_by(make_person())
    assert dashboard(viewer).firing == 3
    assert dashboard(viewer, team=team).firing == 2
    assert dashboard(viewer, project=mine.project).firing == 1
    assert {row.version.model for row in dashboard(viewer, team=team).newest} == {mine, owned}


def test_ages_are_in_one_bar_each(arrives):
    from datetime import timedelta

    from django.utils import timezone

    for days in (1, 45, 200, 800, None):
        model = make_model()
        if days is not None:
            at = timezone.now() - timedelta(days=days)
            Evaluation.objects.create(version=model.versions.get(), evaluated_at=at)
    page = dashboard(seen_by(None))
    assert [bar.count for bar in page.evaluated] == [1, 1, 1, 1, 1]
    assert counts(page.renewed) == {"within 30 days": 5}
