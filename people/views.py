"""Pages of people and teams: who they are, and what of theirs the viewer may see."""

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from access.requests import ViewedRequest
from access.viewer import Viewer
from accounts.models import Membership, Team, User
from accounts.text import clean_line
from catalog.access import visible_models, visible_projects
from catalog.models import Activity, Ownership, Project, RegisteredModel
from core.errors import NotAllowed

PAGE = 50
FEED = 15


@dataclass(frozen=True, slots=True)
class PersonPage:
    """A person, with the models they answer for (each with `held_as`, its kinds) and what they did lately."""

    person: User
    memberships: tuple[Membership, ...]
    models: Page[RegisteredModel]
    activities: tuple[Activity, ...]


@dataclass(frozen=True, slots=True)
class TeamPage:
    """A team, its members, its projects, and the models it answers for."""

    team: Team
    memberships: tuple[Membership, ...]
    projects: tuple[Project, ...]
    models: Page[RegisteredModel]


def person_page(viewer: Viewer, username: str, number: str = "1") -> PersonPage | None:
    """The page of an active person; None when there is none. At most eight queries.

    Raises:
        NotAllowed: the site is closed, and nobody is signed in; whether the person exists is not told.
    """
    _check_open(viewer)
    person = User.objects.filter(username__iexact=username, is_active=True).first()
    if person is None:
        return None
    owned = _owned(viewer, Ownership.objects.filter(user=person))
    feed = Activity.objects.filter(actor=person, model__in=visible_models(viewer).values("pk"))
    return PersonPage(
        person=person,
        memberships=tuple(person.memberships.select_related("team").order_by("team__name")),
        models=Paginator(owned, PAGE).get_page(number),
        activities=tuple(feed.select_related("actor", "model__project", "version")[:FEED]),
    )


def team_page(viewer: Viewer, slug: str, number: str = "1") -> TeamPage | None:
    """The page of a team; None when there is none. At most seven queries.

    Raises:
        NotAllowed: as in `person_page`.
    """
    _check_open(viewer)
    team = Team.objects.filter(slug=slug).first()
    if team is None:
        return None
    members = team.memberships.filter(user__is_active=True).select_related("user")
    projects = (
        visible_projects(viewer).filter(team=team).annotate(model_count=Count("models")).order_by("name")
    )
    return TeamPage(
        team=team,
        memberships=tuple(members.order_by("role", "user__username")),
        projects=tuple(projects),
        models=Paginator(_owned(viewer, Ownership.objects.filter(team=team)), PAGE).get_page(number),
    )


def people_rows(viewer: Viewer, words: str = "") -> QuerySet[User]:
    """Active people with their teams, those with the words in their name or user name. Two queries when read.

    Raises:
        NotAllowed: as in `person_page`.
    """
    _check_open(viewer)
    people = User.objects.filter(is_active=True)
    if words:
        people = people.filter(Q(name__icontains=words) | Q(username__icontains=words))
    teams = Prefetch("memberships", Membership.objects.select_related("team").order_by("team__name"))
    return people.prefetch_related(teams)


def people_page(viewer: Viewer, words: str = "", number: str = "1") -> Page[User]:
    """A page of `people_rows` by user name. Three queries."""
    return Paginator(people_rows(viewer, words).order_by("username"), PAGE).get_page(number)


def team_rows(viewer: Viewer) -> QuerySet[Team]:
    """All teams.

    Raises:
        NotAllowed: as in `person_page`.
    """
    _check_open(viewer)
    return Team.objects.all()


def teams_page(viewer: Viewer, number: str = "1") -> Page[Team]:
    """Teams by name, each with `member_count` and `project_count`, the visible ones. Two queries."""
    seen = visible_projects(viewer).filter(team=OuterRef("pk")).order_by().values("team")
    teams = team_rows(viewer).annotate(
        member_count=Count("memberships", filter=Q(memberships__user__is_active=True)),
        project_count=Subquery(seen.annotate(number=Count("pk")).values("number")),
    )
    return Paginator(teams.order_by("name"), PAGE).get_page(number)  # type: ignore[return-value]


def _owned(viewer: Viewer, ownerships: QuerySet[Ownership]) -> QuerySet[RegisteredModel]:
    mine = Prefetch("ownerships", ownerships, to_attr="held_as")
    held = visible_models(viewer).filter(pk__in=ownerships.values("model_id"))
    return held.prefetch_related(mine).order_by("name", "pk")


def _check_open(viewer: Viewer) -> None:
    if not viewer.is_signed_in and not viewer.site_is_open:
        raise NotAllowed("people.view", "Sign in first.")


@require_safe
def people_list(request: ViewedRequest) -> HttpResponse:
    """`/people/`"""
    words = clean_line(request.GET.get("q", ""))[:100]
    page = people_page(request.viewer, words, request.GET.get("page", "1"))
    return render(request, "accounts/people.html", {"page": page, "words": words})


@require_safe
def person(request: ViewedRequest, username: str) -> HttpResponse:
    """`/people/<username>`"""
    page = person_page(request.viewer, clean_line(username), request.GET.get("page", "1"))
    if page is None:
        raise Http404
    return render(request, "accounts/person.html", {"page": page, "crumbs": [("People", "/people/")]})


@require_safe
def team_list(request: ViewedRequest) -> HttpResponse:
    """`/teams/`"""
    return render(
        request, "accounts/teams.html", {"page": teams_page(request.viewer, request.GET.get("page", "1"))}
    )


@require_safe
def team(request: ViewedRequest, slug: str) -> HttpResponse:
    """`/teams/<slug>`"""
    page = team_page(request.viewer, slug, request.GET.get("page", "1"))
    if page is None:
        raise Http404
    return render(request, "accounts/team.html", {"page": page, "crumbs": [("Teams", "/teams/")]})
