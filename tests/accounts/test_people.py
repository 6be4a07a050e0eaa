"""Pages of people and teams, accounts made and removed."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Membership
from catalog.models import Ownership
from catalog.services.tags import add_tag
from social.models import Bookmark, Comment, Follow, Notification, Rating
from social.selectors import discussion_of
from social.services.comments import add_comment
from social.services.keeping import follow, set_bookmark
from social.services.ratings import rate_model
from tests.makers import make_model, make_person, make_project, make_team, seen_by

pytestmark = pytest.mark.django_db


def text(response) -> str:
    return response.content.decode()


def test_a_persons_page_shows_what_the_viewer_may_see(client):
    anna = make_person("anna", name="Anna A.", bio="I *train* models.", email="anna@example.org")
    make_team("Vision", leads=(anna,))
    make_model(owner=anna, name="Seen model")
    make_model(make_project("restricted"), owner=anna, name="Hidden model")
    page = text(client.get("/people/ANNA"))
    for words in ("Anna A.", "<em>train</em>", "Vision", "Seen model"):
        assert words in page
    for words in ("Hidden model", "anna@example.org"):
        assert words not in page
    assert "1 model<" in page


def test_what_someone_did_with_hidden_models_is_not_told(client):
    anna = make_person("anna", is_superuser=True)
    hidden, seen = make_model(visibility="restricted", name="Hidden model"), make_model(name="Seen model")
    for model in (hidden, seen):
        rate_model(viewer=seen_by(anna), model=model, stars=3)
    page = text(client.get("/people/anna"))
    assert "Seen model" in page
    assert "Hidden model" not in page


@pytest.mark.parametrize("address", ["/people/nobody", "/people/a%00b", "/people/%20", "/teams/none"])
def test_who_is_not_there_is_not_found(client, address):
    assert client.get(address).status_code == 404


def test_the_inactive_have_no_page_and_are_in_no_list(client):
    gone = make_person("gone", is_active=False)
    team = make_team("Vision", gone)
    assert client.get("/people/gone").status_code == 404
    for address in ("/people/", team.get_absolute_url()):
        assert "gone" not in text(client.get(address))


def test_a_teams_page_shows_members_projects_and_models(client):
    anna = make_person("anna", name="Anna A.")
    team = make_team("Vision", anna)
    open_project, closed = make_project(team=team), make_project("restricted", team=team)
    model = make_model(open_project, name="Seen model")
    Ownership.objects.create(model=model, kind="steward", team=team)
    page = text(client.get(team.get_absolute_url()))
    for words in ("Anna A.", open_project.name + "<", "Seen model", "steward"):
        assert words in page
    assert closed.get_absolute_url() not in page
    client.force_login(anna)
    assert closed.get_absolute_url() in text(client.get(team.get_absolute_url()))


def test_the_list_of_teams_counts_only_visible_projects(client):
    team = make_team("Vision")
    make_project(team=team)
    make_project("restricted", team=team)
    assert '<td class="num">0</td><td class="num">1</td>' in text(client.get("/teams/"))


def test_people_are_found_by_name(client):
    make_person("anna", name="Anna A.")
    make_person("bob", name="Bob B.")
    page = text(client.get("/people/", {"q": "ann"}))
    assert "anna" in page
    assert "bob" not in page
    assert "No name holds" in text(client.get("/people/", {"q": "%_\x00<b>"}))


@pytest.mark.parametrize(
    "address", ["/people/", "/people/anna", "/people/nobody", "/teams/", "/teams/vision", "/teams/none"]
)
def test_a_closed_site_tells_nobody_who_is_there(client, settings, address):
    settings.VITRINE_SITE_OPEN = False
    make_team("Vision", make_person("anna"))
    response = client.get(address)
    assert (response.status_code, response["Location"]) == (302, f"/sign-in?next={address}")


@pytest.mark.parametrize("address", ["/people/", "/people/anna", "/teams/", "/teams/vision"])
def test_the_pages_take_the_same_queries_for_few_and_many(client, address):
    anna = make_person("anna")
    team = make_team("Vision", anna)

    def add(number: int) -> None:
        for _ in range(number):
            make_team("", anna, make_person())
            Membership.objects.create(team=team, user=make_person())
            model = make_model(make_project(team=team), owner=anna)
            Ownership.objects.create(model=model, kind="owner", team=team)
            rate_model(viewer=seen_by(anna), model=model, stars=3)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    add(2)
    count()
    few = count()
    add(12)
    assert count() == few
    assert few <= 10


def test_a_removed_persons_words_stay_and_their_name_goes(client):
    anna, bob, model = make_person("anna", name="Anna A."), make_person("bob"), make_model()
    viewer = seen_by(anna)
    comment = add_comment(viewer=viewer, model=model, body="Words that stay.")
    add_comment(viewer=seen_by(bob), model=model, body="An answer.", parent_id=comment.pk)
    rate_model(viewer=viewer, model=model, stars=5, review="A review that stays.")
    add_tag(viewer=viewer, model=model, name="stays")
    set_bookmark(viewer=viewer, model=model)
    follow(viewer=viewer, model=model)
    anna.delete()
    assert Comment.objects.get(pk=comment.pk).author is None
    assert Rating.objects.get().author is None
    assert model.model_tags.get().added_by is None
    assert not any(table.objects.exists() for table in (Bookmark, Follow, Notification))
    posts = discussion_of(seen_by(None), model).posts
    assert (posts[0].author_name, posts[0].body) == ("account removed", "Words that stay.")
    assert not posts[0].may_edit
    for name in ("discussion", "reviews"):
        page = text(client.get(reverse(f"social:{name}", args=[model.project.slug, model.slug])))
        assert "that stay" in page
        assert "account removed" in page
        assert "Anna" not in page
    assert client.get("/people/anna").status_code == 404


def test_nobody_inherits_the_words_of_a_removed_person():
    anna, model = make_person("anna"), make_model()
    add_comment(viewer=seen_by(anna), model=model, body="Hers.")
    anna.delete()
    again = make_person("anna")
    for viewer in (seen_by(again), seen_by(None)):
        assert not discussion_of(viewer, model).posts[0].may_edit


@pytest.mark.parametrize("table", ["user", "team", "membership", "apitoken"])
def test_the_admin_shows_the_tables_of_people(table):
    boss = make_person(is_superuser=True, is_staff=True)
    make_team("Vision", boss)
    client = Client()
    client.force_login(boss)
    assert client.get(reverse(f"admin:accounts_{table}_changelist"), {"q": "x"}).status_code == 200
    expected = 403 if table == "apitoken" else 200
    assert client.get(reverse(f"admin:accounts_{table}_add")).status_code == expected


@pytest.mark.parametrize(
    "table", ["rating", "comment", "commentrevision", "mention", "bookmark", "follow", "notification"]
)
def test_the_admin_shows_the_social_tables(table):
    boss = make_person("boss", is_superuser=True, is_staff=True)
    add_comment(viewer=seen_by(boss), model=make_model(), body="@boss")
    client = Client()
    client.force_login(boss)
    for page in ("changelist", "add"):
        assert client.get(reverse(f"admin:social_{table}_{page}")).status_code == 200
