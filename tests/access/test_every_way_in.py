"""Every way into the catalog agrees with one plain evaluator, for random worlds: `VITRINE_WORLDS=500` for more."""

import os

import pytest
from django.test import Client

from access.policy import RULES, may
from access.viewers import load_viewer
from accounts.models import ApiToken, Membership, User
from accounts.models import Team as TeamRow
from accounts.tokens import create_token
from alerts.access import visible_alerts
from alerts.models import Alert, Rule
from catalog.access import can_read_sensitive, visible_models, visible_projects
from catalog.models import (
    AttributeDefinition,
    AttributeValue,
    Classification,
    ModelVersion,
    Ownership,
    ProjectGrant,
    RegisteredModel,
)
from catalog.models import Project as ProjectRow
from catalog.selectors.api_reads import attributes_data
from catalog.selectors.refs import UnknownRef
from evaluations import leaderboards
from evaluations.models import Evaluation, MetricValue
from evaluations.selectors.compare import compare
from search.backends.postgres import PostgresBackend
from search.query import parse
from search.query.lexicon import lexicon
from social.audience import audience
from tests.access.reference import NEEDS, World, random_world
from tests.search.conftest import backend, carry, engine, fresh_breaker  # noqa: F401 - fixtures
from vocabulary.models import Metric, Taxonomy, Term

pytestmark = pytest.mark.django_db
WORLDS = int(os.environ.get("VITRINE_WORLDS", "8"))
NOBODY = ""


class Stage:
    """A world in the database, and what somebody gets of it by each way in."""

    def __init__(self, world: World, settings, backend) -> None:  # noqa: F811
        self.world, self.backend = world, backend
        settings.VITRINE_SITE_OPEN = world.site_is_open
        self.to_engine = bool(settings.OPENSEARCH_URL)
        self.users = {
            person.name: User.objects.create(
                username=person.name, is_superuser=person.is_administrator, is_active=person.is_active
            )
            for person in world.people.values()
        }
        self.teams = {name: TeamRow.objects.create(slug=name, name=name) for name in world.teams}
        for team in world.teams.values():
            for who, role in team.members.items():
                Membership.objects.create(team=self.teams[team.name], user=self.users[who], role=role)
        self.projects = {}
        for project in world.projects.values():
            row = ProjectRow.objects.create(
                slug=project.name,
                name=project.name,
                visibility=project.visibility,
                team=self.teams.get(project.team),
            )
            for who, role in project.people.items():
                ProjectGrant.objects.create(project=row, user=self.users[who], role=role)
            for name, role in project.teams.items():
                ProjectGrant.objects.create(project=row, team=self.teams[name], role=role)
            self.projects[project.name] = row
        self._vocabulary()
        self.models = {name: self._model(model) for name, model in world.models.items()}
        carry(to_engine=self.to_engine)

    def _vocabulary(self) -> None:
        self.metric = Metric.objects.create(slug="f1", name="F1", direction="higher")
        self.taxonomy = Taxonomy.objects.create(slug="task", name="Task")
        self.fields = [
            AttributeDefinition.objects.create(
                slug=slug, name=slug, type="text", is_sensitive=slug == "secret"
            )
            for slug in ("plain", "secret")
        ]

    def _model(self, model) -> RegisteredModel:
        row = RegisteredModel.objects.create(
            project=self.projects[model.project], slug=model.name, name=f"zebra {model.name}"
        )
        version = ModelVersion.objects.create(model=row, label="1", position=1)
        for kind, sort, name in set(model.owners):
            holder = {"user": self.users[name]} if sort == "user" else {"team": self.teams[name]}
            Ownership.objects.create(model=row, kind=kind, **holder)
        term = Term.objects.create(
            taxonomy=self.taxonomy, slug=f"task-{model.name}", name=f"Task {model.name}"
        )
        Classification.objects.create(model=row, version=version, term=term)
        for field in self.fields:
            AttributeValue.objects.create(
                definition=field, type="text", model=row, text=f"{field.slug} {row.slug}"
            )
        evaluation = Evaluation.objects.create(version=version, split="test")
        MetricValue.objects.create(evaluation=evaluation, metric=self.metric, value=0.5)
        rule = Rule.objects.create(
            name="low", kind="metric", metric=self.metric, op="below", threshold=1, project=row.project
        )
        Alert.objects.create(rule=rule, model=row, state="firing")
        return row

    def clear(self) -> None:
        for table in (Alert, Rule, RegisteredModel, ProjectRow, TeamRow, User, AttributeDefinition):
            table.objects.all().delete()
        for table in (Term, Taxonomy, Metric):
            table.objects.all().delete()
        carry(to_engine=self.to_engine)
        lexicon_forget()

    def viewer(self, who: str, *, read_only: bool = False):
        return load_viewer(self.users.get(who), read_only=read_only)

    def search(self, who: str, text: str = ""):
        return self.backend.search(self.viewer(who), parse({"q": [text]}, lexicon()))


def lexicon_forget() -> None:
    from search.query import lexicon as module

    module.forget()


def compare_world(stage: Stage) -> list[str]:
    """Every difference between the evaluator and what the catalog does, in words."""
    world, wrong = stage.world, []

    def expect(what: str, who: str, got: object, right: object) -> None:
        if got != right:
            wrong.append(f"{what} for {who or 'nobody'}: {got!r}, but {right!r} is right")

    for who in (*world.people, NOBODY):
        viewer, readable = stage.viewer(who), stage.viewer(who, read_only=True)
        seen = {name for name in world.models if world.sees_model(who, name)}
        expect("models", who, {row.slug for row in visible_models(viewer)}, seen)
        projects = {name for name, project in world.projects.items() if world.sees(who, project)}
        expect("projects", who, {row.slug for row in visible_projects(viewer)}, projects)
        result = stage.search(who)
        expect("hits", who, {hit.ref.partition("/")[2] for hit in result.hits}, seen)
        expect("total", who, result.total, len(seen))
        tasks = {bucket.value: bucket.count for bucket in result.facet("task").buckets}
        expect("facet", who, tasks, {f"task-{name}": 1 for name in seen})
        suggested = {s.label for s in stage.backend.suggest(viewer, "zebra", 20) if s.kind == "model"}
        expect("suggestions", who, suggested, {f"zebra {name}" for name in seen})
        ids = [row.pk for row in stage.models.values()]
        board = leaderboards.board(viewer, leaderboards.visible(viewer, ids), leaderboards.key_of("f1@@test"))
        ranked = {entry.ref.partition("/")[2] for entry in board.entries} if board else set()
        expect("leaderboard", who, ranked, seen)
        alerted = {alert.model.slug for alert in visible_alerts(viewer)}
        expect("alerts", who, alerted, seen if world.is_somebody(who) else set())
        for name, row in stage.models.items():
            expect(f"sees {name}", who, viewer.sees(row.scope_id, row.scope_visibility), name in seen)
            for action in RULES:
                expect(f"{action} {name}", who, may(viewer, action, row), world.can(who, action, name))
                right = world.can(who, action, name, read_only=True)
                expect(f"{action} {name} by a reading token", who, may(readable, action, row), right)
            _expect_sensitive(stage, expect, who, name, row, name in seen)
    for name, row in stage.models.items():
        told = {user.username for user in audience(row)}
        people = {who for who in world.people if world.is_somebody(who) and world.sees_model(who, name)}
        expect("audience", name, told, people)
    return wrong


def _expect_sensitive(stage: Stage, expect, who: str, name: str, row: RegisteredModel, is_seen: bool) -> None:
    reads = stage.world.reads_sensitive(who, name)
    for read_only in (False, True):
        viewer = stage.viewer(who, read_only=read_only)
        expect(f"sensitive {name}", who, can_read_sensitive(viewer, row), reads)
        if is_seen:
            shown = {field["attribute"] for field in attributes_data(viewer, row)}
            expect(f"attributes of {name}", who, shown, {"plain", "secret"} if reads else {"plain"})
        other = next((m for m in stage.models.values() if m.pk != row.pk), row)
        try:
            side = compare(viewer, [f"{row.project.slug}/{row.slug}", f"{other.project.slug}/{other.slug}"])
        except UnknownRef:
            side = None
        both = is_seen and stage.world.sees_model(who, other.slug)
        expect(f"comparison of {name}", who, side is not None, both)
        if side is not None:
            secrets = {
                value.text for fact in side.facts if fact.key == "attribute:secret" for value in _texts(fact)
            }
            right = {f"secret {m.slug}" for m in (row, other) if stage.world.reads_sensitive(who, m.slug)}
            expect(f"compared secrets of {name}", who, secrets, right)


def _texts(row):
    return [value for fact in row.facts for value in fact.values]


def test_every_way_in_agrees(settings, backend):  # noqa: F811
    assert set(NEEDS) == set(RULES)
    for seed in range(WORLDS):
        stage = Stage(random_world(seed), settings, backend)
        assert compare_world(stage) == [], f"in world {seed}"
        stage.clear()


@pytest.mark.parametrize("seed", range(1000, 1000 + max(4, WORLDS // 25)))
def test_pages_and_api_agree(seed, settings):
    stage = Stage(random_world(seed), settings, PostgresBackend())
    for who in (*stage.world.people, NOBODY):
        client, headers = Client(), {}
        if stage.world.is_somebody(who):
            client.force_login(stage.users[who])
            _, secret = create_token(user=stage.users[who], name="t", scope=ApiToken.Scope.READ)
            headers = {"Authorization": f"Bearer {secret}"}
        for name, row in stage.models.items():
            seen, path = stage.world.sees_model(who, name), f"{row.project.slug}/{name}"
            page = client.get(f"/p/{path}")
            closed = not stage.world.site_is_open and not stage.world.is_somebody(who)
            assert page.status_code == (302 if closed else 200 if seen else 404), (who, path)
            answer = client.get(f"/api/v1/models/{path}", headers=headers)
            assert answer.status_code == (200 if seen else 404), (who, path)
            if not seen:
                continue
            reads = stage.world.reads_sensitive(who, name)
            assert (f"secret {name}" in page.content.decode()) is reads, (who, path)
            listed = client.get(f"/api/v1/models/{path}/attributes", headers=headers).content.decode()
            assert (f"secret {name}" in listed) is reads, (who, path)
            dossier = client.get(f"/p/{path}/dossier").content.decode()
            assert (f"secret {name}" in dossier) is reads, (who, path)
