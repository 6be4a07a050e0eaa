"""Fixtures that make people, projects, models and a way to call the API; every test may ask for them."""

import itertools
import json
from typing import Any

import pytest
from django.test import Client

from access.viewer import Role
from access.viewers import load_viewer
from accounts.models import ApiToken, Membership, Team, User
from accounts.tokens import create_token
from catalog.models import (
    ModelVersion,
    Project,
    ProjectGrant,
    RegisteredModel,
)
from vocabulary.folding import fold
from vocabulary.models import Taxonomy, Term, TermAlias

_numbers = itertools.count(1)


@pytest.fixture
def person(db):
    """Makes people: `person("ada")`, or with `admin=True` an administrator of the site."""

    def make(username: str = "", *, admin: bool = False, **fields: Any) -> User:
        username = username or f"person{next(_numbers)}"
        return User.objects.create_user(username, is_superuser=admin, is_staff=admin, **fields)

    return make


@pytest.fixture
def team(db):
    """Makes teams of members."""

    def make(slug: str = "vision", *members: User, lead: User | None = None) -> Team:
        made, _ = Team.objects.get_or_create(slug=slug, defaults={"name": slug.title()})
        for user in members:
            Membership.objects.create(team=made, user=user, role="member")
        if lead:
            Membership.objects.create(team=made, user=lead, role="lead")
        return made

    return make


@pytest.fixture
def project(db):
    """Makes projects: `project("fraud", visibility="restricted", contributor=ada)`."""

    def make(slug: str = "", *, visibility: str = "public", **fields: Any) -> Project:
        holders = {role: fields.pop(role.name.lower()) for role in Role if role.name.lower() in fields}
        slug = slug or f"project-{next(_numbers)}"
        made = Project.objects.create(slug=slug, name=slug.title(), visibility=visibility, **fields)
        for role, user in holders.items():
            ProjectGrant.objects.create(project=made, user=user, role=role)
        return made

    return make


@pytest.fixture
def model(project):
    """Makes models, in a project of their own unless given one."""

    def make(slug: str = "", *, of: Project | None = None, **fields: Any) -> RegisteredModel:
        slug = slug or f"model-{next(_numbers)}"
        return RegisteredModel.objects.create(project=of or project(), slug=slug, name=slug.title(), **fields)

    return make


@pytest.fixture
def version(model):
    """Makes versions, at the next position of their model."""

    def make(label: str = "1", *, of: RegisteredModel | None = None, **fields: Any) -> ModelVersion:
        of = of or model()
        return ModelVersion.objects.create(model=of, label=label, position=of.versions.count() + 1, **fields)

    return make


@pytest.fixture
def term(db):
    """Makes terms with their aliases: `term("task", "Image classification", "classification")`."""

    def make(
        taxonomy: str, name: str, *aliases: str, parent: Term | None = None, allows_many: bool = True
    ) -> Term:
        tree, _ = Taxonomy.objects.get_or_create(
            slug=taxonomy, defaults={"name": taxonomy.title(), "allows_many": allows_many}
        )
        made = Term.objects.create(
            taxonomy=tree, slug=name.lower().replace(" ", "-"), name=name, parent=parent
        )
        for words in (name, *aliases):
            TermAlias.objects.create(term=made, taxonomy=tree, words=words, folded=fold(words))
        return made

    return make


@pytest.fixture
def looking():
    """The viewer for a person, or for nobody."""
    return load_viewer


class Api:
    """Calls the API as one person with a token, or as nobody."""

    def __init__(self, user: User | None = None, scope: str = "write") -> None:
        self.client = Client()
        self.headers = {}
        if user is not None:
            _, secret = create_token(user=user, name=f"token {next(_numbers)}", scope=ApiToken.Scope(scope))
            self.headers["Authorization"] = f"Bearer {secret}"

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        data = body if isinstance(body, str | bytes) else "" if body is None else json.dumps(body)
        path = path if path.startswith("/api/") or path.startswith("http") else f"/api/v1/{path}"
        return self.client.generic(method.upper(), path, data, content_type="application/json", headers=sent)

    def get(self, path: str, **headers: str) -> Any:
        return self("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self("POST", path, body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> Any:
        return self("PUT", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self("PATCH", path, body, **headers)

    def delete(self, path: str, body: Any = None, **headers: str) -> Any:
        return self("DELETE", path, body, **headers)


@pytest.fixture
def api(db):
    """`api(ada).get("models")`; `api()` is nobody."""
    return Api
