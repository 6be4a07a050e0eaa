"""Oneself, one's own things, people and teams in the API."""

from typing import Any, cast

from django.core.exceptions import ValidationError
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from access.api import ApiView
from accounts import tokens
from accounts.models import ApiToken, Team, User
from catalog.api.shapes import Person, TeamName
from core.api.inputs import BIGGEST, Body, Words
from core.api.problems import Problem
from core.api.schema import describe
from core.api.shapes import Shape
from core.errors import NotVisible
from people import views
from social import selectors
from social.api import shapes
from social.services.notifications import mark_read

Plain = dict[str, Any]


class TokenBody(Body):
    name = Words(max_length=80)
    scope = s.ChoiceField(choices=ApiToken.Scope.choices, required=False)
    expires_at = s.DateTimeField(required=False, allow_null=True)


class ReadBody(Body):
    ids = s.ListField(
        child=s.IntegerField(min_value=1, max_value=BIGGEST),
        required=False,
        max_length=1000,
        help_text="Without it, all are marked",
    )


class TokenShape(Shape):
    id = s.IntegerField()
    name = s.CharField()
    prefix = s.CharField()
    scope = s.CharField()
    created_at = s.DateTimeField()
    expires_at = s.DateTimeField(allow_null=True)
    last_used_at = s.DateTimeField(allow_null=True)


class NewTokenShape(TokenShape):
    secret = s.CharField(help_text="Shown this once")


class ReadShape(Shape):
    marked = s.IntegerField()


class MembershipShape(Shape):
    team = TeamName()
    role = s.CharField()


class PersonShape(Person):
    bio = s.CharField(allow_blank=True)
    url = s.CharField()
    is_demo = s.BooleanField()
    teams = MembershipShape(many=True)


class MeShape(PersonShape):
    email = s.CharField(allow_blank=True)
    is_administrator = s.BooleanField()
    read_only = s.BooleanField(  # type: ignore[assignment]
        help_text="Whether this token may only read"
    )
    unread_notifications = s.IntegerField()


class TeamShape(TeamName):
    description = s.CharField(allow_blank=True)
    url = s.CharField()
    is_demo = s.BooleanField()


class MemberShape(Shape):
    user = Person()
    role = s.CharField()


class TeamDetailShape(TeamShape):
    members = MemberShape(many=True)
    projects = s.ListField(child=s.CharField(), help_text="Slugs of the projects that you may see")


def person_data(user: User) -> Plain:
    """A person as plain data. One query, unless their memberships were fetched."""
    return {
        "username": user.username,
        "name": user.name,
        "bio": user.bio,
        "url": user.get_absolute_url(),
        "is_demo": user.is_demo,
        "teams": [
            {"team": {"slug": row.team.slug, "name": row.team.name}, "role": row.role}
            for row in user.memberships.all()
        ],
    }


def team_data(team: Team) -> Plain:
    return {
        "slug": team.slug,
        "name": team.name,
        "description": team.description,
        "url": team.get_absolute_url(),
        "is_demo": team.is_demo,
    }


def token_data(token: ApiToken) -> Plain:
    names = ("name", "prefix", "scope", "created_at", "expires_at", "last_used_at")
    return {"id": token.pk, **{name: getattr(token, name) for name in names}}


class OwnView(ApiView):
    """Base of what needs an account even to read."""

    def check_signed_in(self) -> None:
        """401 for nobody in particular."""
        if not self.viewer.is_signed_in:
            self.permission_denied(self.request)

    @property
    def person(self) -> User:
        self.check_signed_in()
        return cast(User, self.request.user)


class Me(OwnView):
    @describe("get_me", MeShape)
    def get(self, request: Request) -> Response:
        """Who you are."""
        person = User.objects.prefetch_related("memberships__team").get(pk=self.person.pk)
        return self.tagged(
            {
                **person_data(person),
                "email": person.email,
                "is_administrator": self.viewer.is_administrator,
                "read_only": self.viewer.read_only,
                "unread_notifications": selectors.unread_count(self.viewer),
            }
        )


class Tokens(OwnView):
    @describe("list_tokens", TokenShape, many=True)
    def get(self, request: Request) -> Response:
        """Your tokens, without their secrets."""
        return self.tagged([token_data(token) for token in tokens.active_tokens(self.person)])

    @describe("make_token", NewTokenShape, body=TokenBody, status=201)
    def post(self, request: Request) -> Response:
        """A new token, in the session of a browser only: a token must not make others that outlive it."""
        if request.auth is not None:
            raise Problem(403, "Make tokens in the browser, under /me/tokens; a token can't make another.")
        try:
            token, secret = tokens.create_token(user=self.person, **self.body(TokenBody))
        except ValidationError as error:
            raise refused(error) from None
        response = Response({**token_data(token), "secret": secret}, status=201)
        response["Cache-Control"] = "no-store"
        return response


class Token(OwnView):
    @describe("revoke_token")
    def delete(self, request: Request, token: int) -> Response:
        """End one of your tokens."""
        if not tokens.revoke_token(user=self.person, token_id=token):
            raise NotVisible
        return Response(status=204)


class Bookmarks(OwnView):
    is_paged = True

    @describe("list_bookmarks", shapes.BookmarkShape, paged=True)
    def get(self, request: Request) -> Response:
        """What you keep, newest first."""
        self.check_signed_in()
        return self.page(
            selectors.bookmark_rows(self.viewer), shapes.bookmark_data, by=["-created_at", "-id"]
        )


class Notifications(OwnView):
    is_paged = True

    @describe("list_notifications", shapes.NotificationShape, paged=True)
    def get(self, request: Request) -> Response:
        """What you were told, newest first."""
        self.check_signed_in()
        rows = selectors.notification_rows(self.viewer)
        return self.page(rows, shapes.notification_data, by=["-created_at", "-id"])


class NotificationsRead(OwnView):
    @describe("read_notifications", ReadShape, body=ReadBody)
    def post(self, request: Request) -> Response:
        """Mark notifications as read."""
        ids = self.body(ReadBody).get("ids")
        return Response({"marked": mark_read(viewer=self.viewer, notification_ids=ids)})


class People(ApiView):
    is_paged = True
    parameters = {"q": "Part of the name or user name"}

    @describe("list_people", PersonShape, paged=True)
    def get(self, request: Request) -> Response:
        """People with an account, by user name."""
        rows = views.people_rows(self.viewer, self.parameter("q"))
        return self.page(rows, lambda page: [person_data(user) for user in page], by=["username"])


class OnePerson(ApiView):
    @describe("get_person", PersonShape)
    def get(self, request: Request, username: str) -> Response:
        """A person, by user name in any case."""
        found = views.people_rows(self.viewer).filter(username__iexact=username).first()
        if found is None:
            raise NotVisible
        return self.tagged(person_data(found))


class Teams(ApiView):
    is_paged = True

    @describe("list_teams", TeamShape, paged=True)
    def get(self, request: Request) -> Response:
        """Teams, by slug."""
        rows = views.team_rows(self.viewer)
        return self.page(rows, lambda page: [team_data(team) for team in page], by=["slug"])


class OneTeam(ApiView):
    @describe("get_team", TeamDetailShape)
    def get(self, request: Request, slug: str) -> Response:
        """A team with its members, and its projects that you may see."""
        page = views.team_page(self.viewer, slug)
        if page is None:
            raise NotVisible
        members = [
            {"user": {"username": row.user.username, "name": row.user.name}, "role": row.role}
            for row in page.memberships
        ]
        projects = [project.slug for project in page.projects]
        return self.tagged({**team_data(page.team), "members": members, "projects": projects})


def refused(error: ValidationError) -> Problem:
    """Django's refusal as a problem document."""
    if hasattr(error, "error_dict"):
        errors = [(field, words) for field, all_words in error.message_dict.items() for words in all_words]
        return Problem(400, "Some fields are wrong.", errors=errors)
    return Problem(409, " ".join(error.messages))
