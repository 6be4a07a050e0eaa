"""Creates the demo's people and lets them act through the same services as everybody."""

from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.db import transaction

from access.viewer import Viewer
from access.viewers import load_viewer
from accounts.models import Membership, Team, User
from alerts.services.rules import EDITABLE, make_rule
from catalog.models import Project, RegisteredModel
from catalog.selectors.leading import in_leading_order
from catalog.services.ownership import set_owner
from catalog.services.registered import edit_model
from catalog.services.tags import add_tag
from catalog.services.versions import set_alias, set_stage
from social.services.comments import add_comment
from social.services.keeping import follow, set_bookmark
from social.services.ratings import rate_model
from vocabulary.models import Dataset, Metric

HERE = Path(__file__).parent


@transaction.atomic
def load_people() -> int:
    """Create the demo's accounts, teams and what they did; models that are not there are passed over.

    Returns the number of accounts. Running it again changes nothing that is there.
    """
    plan = yaml.safe_load((HERE / "people.yaml").read_text(encoding="utf-8"))
    if User.objects.filter(is_demo=True).exists():
        return 0
    teams = {
        row["slug"]: Team.objects.create(
            slug=row["slug"], name=row["name"], description=row["description"], is_demo=True
        )
        for row in plan["teams"]
    }
    people = {row["username"]: _person(row, teams) for row in plan["people"]}
    for slug, team in plan["projects"].items():
        Project.objects.filter(slug=slug).update(team=teams[team])
    viewers = {name: load_viewer(user) for name, user in people.items()}
    for entry in plan["models"]:
        project, slug = entry["model"].split("/")
        model = (
            RegisteredModel.objects.filter(project__slug=project, slug=slug).select_related("project").first()
        )
        if model is not None:
            _act(model, entry, people, teams, viewers)
    for entry in plan["rules"]:
        _watch(entry, people, teams)
    return len(people)


def _person(row: dict[str, Any], teams: dict[str, Team]) -> User:
    user = User.objects.create_user(
        username=row["username"],
        password=settings.VITRINE_DEMO_PASSWORD,
        name=row["name"],
        bio=row["bio"],
        is_demo=True,
        is_superuser=row.get("administrator", False),
        is_staff=row.get("administrator", False),
    )
    for slug, role in row.get("teams", {}).items():
        Membership.objects.create(team=teams[slug], user=user, role=role)
    return user


def _watch(entry: dict[str, Any], people: dict[str, User], teams: dict[str, Team]) -> None:
    """Make a rule; one on what the catalog does not hold is passed over."""
    fields = {name: value for name, value in entry.items() if name in EDITABLE}
    scope: dict[str, Any] = {"team": teams[entry["team"]]} if "team" in entry else {}
    if "project" in entry:
        scope["project"] = Project.objects.filter(slug=entry["project"]).first()
    if "metric" in entry:
        fields["metric"] = Metric.objects.filter(slug=entry["metric"]).first()
        fields["dataset"] = Dataset.objects.filter(slug=entry["dataset"]).first()
    if None in (*scope.values(), *fields.values()):
        return
    make_rule(
        viewer=load_viewer(people[entry["by"]]),
        kind=entry["kind"],
        scope=scope,
        fields=fields | {"tell_owners": False},
        people=[people[name] for name in entry.get("tells", [])],
    )


def _act(
    model: RegisteredModel,
    entry: dict[str, Any],
    people: dict[str, User],
    teams: dict[str, Team],
    viewers: dict[str, Viewer],
) -> None:
    administrator = viewers["mara"]
    for kind in ("owner", "steward"):
        if held := entry.get(kind):
            user, team = people.get(held.get("user", "")), teams.get(held.get("team", ""))
            set_owner(viewer=administrator, model=model, kind=kind, user=user, team=team)
    leading = in_leading_order(model.versions.select_related("model__project")).first()
    if leading is not None and "stage" in entry:
        set_stage(viewer=administrator, version=leading, stage=entry["stage"])
    if leading is not None and "alias" in entry:
        set_alias(viewer=administrator, version=leading, name=entry["alias"])
    if texts := entry.get("texts"):
        edit_model(viewer=administrator, model=model, changes=texts)
    for name, tags in entry.get("tags", {}).items():
        for tag in tags:
            add_tag(viewer=viewers[name], model=model, name=tag)
    for name in entry.get("follow", []):
        follow(viewer=viewers[name], model=model)
    for name in entry.get("bookmark", []):
        set_bookmark(viewer=viewers[name], model=model)
    for row in entry.get("ratings", []):
        rate_model(viewer=viewers[row["by"]], model=model, stars=row["stars"], review=row["review"])
    for row in entry.get("comments", []):
        comment = add_comment(viewer=viewers[row["by"]], model=model, body=row["body"])
        for reply in row.get("replies", []):
            add_comment(viewer=viewers[reply["by"]], model=model, body=reply["body"], parent_id=comment.pk)
