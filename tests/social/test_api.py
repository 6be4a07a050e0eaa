"""The social words in the API: rights, ETags, problem documents, nothing twice."""

import json

import pytest
from django.test import Client

from accounts.tokens import create_token
from catalog.services.tags import add_tag
from social.models import Bookmark, Comment, Follow, Notification, Rating
from social.services.comments import add_comment, delete_comment
from social.services.keeping import set_bookmark
from tests.makers import make_model, make_person, make_project, make_team, seen_by

pytestmark = pytest.mark.django_db
BASE = "/api/v1/"


@pytest.fixture
def anna():
    return make_person("anna", name="Anna A.", email="anna@example.org")


class Program:
    """Speaks to the API with a token."""

    def __init__(self, user=None, scope: str = "write") -> None:
        self.client = Client()
        self.headers = {}
        if user is not None:
            _, secret = create_token(user=user, name=f"{scope} token", scope=scope)
            self.headers["Authorization"] = f"Bearer {secret}"

    def __call__(self, method: str, address: str, body: object = None, **headers: str):
        data = body if isinstance(body, str) else "" if body is None else json.dumps(body)
        return self.client.generic(
            method, BASE + address, data, content_type="application/json", headers={**self.headers, **headers}
        )


@pytest.fixture
def api(anna) -> Program:
    return Program(anna)


def of(model, what: str) -> str:
    return f"models/{model.project.slug}/{model.slug}/{what}"


def test_a_rating_is_given_changed_and_taken_back(api):
    model = make_model()
    assert api("GET", of(model, "rating")).json() == {
        "average": None,
        "count": 0,
        "distribution": [{"stars": stars, "count": 0} for stars in (5, 4, 3, 2, 1)],
        "mine": None,
    }
    api("PUT", of(model, "rating"), {"stars": 2})
    answer = api("PUT", of(model, "rating"), {"stars": 4, "review": "Good."}).json()
    assert (answer["average"], answer["count"], answer["mine"]) == (4.0, 1, {"stars": 4, "review": "Good."})
    assert api("DELETE", of(model, "rating")).status_code == 204
    assert not Rating.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"stars": 0},
        {"stars": 6},
        {"stars": "many"},
        {"stars": 3, "review": "x" * 5001},
        {"stars": 3, "x": 1},
        [],
        "{",
    ],
)
def test_a_wrong_rating_is_refused_with_its_place(api, body):
    answer = api("PUT", of(make_model(), "rating"), body)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert not Rating.objects.exists()


def test_a_rating_based_on_old_knowledge_is_refused(api):
    model = make_model()
    tag = api("GET", of(model, "rating"))["ETag"]
    assert api("PUT", of(model, "rating"), {"stars": 2}, **{"If-Match": tag}).status_code == 200
    assert api("PUT", of(model, "rating"), {"stars": 5}, **{"If-Match": tag}).status_code == 412
    assert Rating.objects.get().stars == 2


def test_comments_are_written_answered_and_listed_oldest_first(api):
    model = make_model()
    made = api("POST", of(model, "comments"), {"body": "Why?", "version": "1"})
    assert made.status_code == 201
    first = made.json()
    assert made["Location"] == f"/api/v1/comments/{first['id']}"
    assert (first["author"], first["version"], first["parent"]) == (
        {"username": "anna", "name": "Anna A."},
        "1",
        None,
    )
    api("POST", of(model, "comments"), {"body": "Because.", "parent": first["id"]})
    listed = Program()("GET", of(model, "comments")).json()
    assert [(row["body"], row["parent"]) for row in listed["results"]] == [
        ("Why?", None),
        ("Because.", first["id"]),
    ]
    assert (listed["next"], listed["previous"]) == (None, None)


def test_comments_come_in_pages_by_cursor(api, anna):
    model = make_model()
    for number in range(5):
        add_comment(viewer=seen_by(anna), model=model, body=str(number))
    page = api("GET", of(model, "comments") + "?page_size=2").json()
    following = api.client.get(page["next"]).json()
    assert [row["body"] for row in following["results"]] == ["2", "3"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"body": ""},
        {"body": " \u200b"},
        {"body": "x" * 20_001},
        {"body": "x", "version": "none"},
        {"body": 5},
    ],
)
def test_a_wrong_comment_is_refused_with_its_place(api, body):
    answer = api("POST", of(make_model(), "comments"), body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] in ("body", "version")


def test_an_answer_to_a_comment_elsewhere_is_not_found(api, anna):
    elsewhere = add_comment(viewer=seen_by(anna), model=make_model(), body="Hello.")
    for parent in (elsewhere.pk, 2**62):
        assert api("POST", of(make_model(), "comments"), {"body": "x", "parent": parent}).status_code == 404


def test_a_request_sent_twice_with_its_key_lands_once(api):
    model = make_model()
    key = {"Idempotency-Key": "build 7"}
    first, second = (api("POST", of(model, "comments"), {"body": "Once."}, **key).json() for _ in range(2))
    assert first == second
    assert Comment.objects.count() == 1


def test_an_edit_names_what_it_was_based_on(api, anna):
    comment = add_comment(viewer=seen_by(anna), model=make_model(), body="One.")
    address = f"comments/{comment.pk}"
    tag = api("GET", address)["ETag"]
    assert api("PATCH", address, {"body": "Two."}, **{"If-Match": tag}).json()["body"] == "Two."
    stale = api("PATCH", address, {"body": "Three."}, **{"If-Match": tag})
    assert stale.status_code == 412
    assert stale.json()["current"] == {"body": "Two.", "revision": 2}
    assert api("DELETE", address, **{"If-Match": tag}).status_code == 412
    assert api("PATCH", address, {"body": "Four."}).json()["revision"] == 3
    assert api("DELETE", address).status_code == 204
    gone = api("GET", address).json()
    assert (gone["is_deleted"], gone["body"]) == (True, "")


def test_only_authors_edit_and_only_they_or_moderators_delete(api):
    comment = add_comment(viewer=seen_by(make_person()), model=make_model(), body="Theirs.")
    assert api("PATCH", f"comments/{comment.pk}", {"body": "Mine."}).status_code == 403
    assert api("DELETE", f"comments/{comment.pk}").status_code == 403


def test_the_words_of_a_deleted_comment_are_nowhere(api, anna):
    model = make_model()
    comment = add_comment(viewer=seen_by(anna), model=model, body="Regrettable.")
    delete_comment(viewer=seen_by(anna), comment=comment)
    for address in (of(model, "comments"), f"comments/{comment.pk}"):
        assert "Regrettable" not in api("GET", address).content.decode()


def test_hidden_things_are_not_found_whatever_is_asked(api):
    boss, model = make_person(is_superuser=True), make_model(visibility="restricted")
    comment = add_comment(viewer=seen_by(boss), model=model, body="Secret.")
    bodies = {
        "rating": {"stars": 3},
        "comments": {"body": "x"},
        "tags": {"name": "x"},
        "bookmark": {},
        "follow": None,
    }
    for who in (api, Program()):
        for what in bodies:
            assert who("GET", of(model, what)).status_code == 404
        assert who("GET", f"comments/{comment.pk}").status_code == 404
    for what, body in bodies.items():
        method = "POST" if what in ("comments", "tags") else "PUT"
        assert api(method, of(model, what), body).status_code == 404
    assert api("PATCH", f"comments/{comment.pk}", {"body": "x"}).status_code == 404
    assert api("DELETE", f"comments/{comment.pk}").status_code == 404


@pytest.mark.parametrize(
    ("method", "what", "body"),
    [
        ("PUT", "rating", {"stars": 3}),
        ("DELETE", "rating", None),
        ("POST", "comments", {"body": "x"}),
        ("PUT", "bookmark", {}),
        ("DELETE", "bookmark", None),
        ("PUT", "follow", None),
        ("POST", "tags", {"name": "x"}),
        ("DELETE", "tags/x", None),
    ],
)
def test_writing_needs_a_token_that_may_write(anna, method, what, body):
    model = make_model()
    nobody = Program()(method, of(model, what), body)
    assert nobody.status_code == 401
    assert nobody["WWW-Authenticate"] == 'Bearer realm="Vitrine"'
    assert Program(anna, "read")(method, of(model, what), body).status_code == 403


def test_bookmark_and_follow_are_the_same_set_twice(api):
    model = make_model()
    for _ in range(2):
        assert api("PUT", of(model, "bookmark"), {"note": "later"}).json() == {
            "bookmarked": True,
            "note": "later",
        }
        assert api("PUT", of(model, "follow")).json() == {"following": True, "followers": 1}
    assert (Bookmark.objects.count(), Follow.objects.count()) == (1, 1)
    for what in ("bookmark", "follow"):
        assert api("DELETE", of(model, what)).status_code == 204
    assert api("GET", of(model, "follow")).json() == {"following": False, "followers": 0}
    assert api("GET", of(model, "bookmark")).json() == {"bookmarked": False, "note": ""}


def test_tags_are_put_on_and_taken_off(api):
    model = make_model()
    made = api("POST", of(model, "tags"), {"name": "Edge OK"})
    assert (made.status_code, made.json()["slug"], made.json()["added_by"]) == (201, "edge-ok", "anna")
    assert [row["name"] for row in api("GET", of(model, "tags")).json()] == ["Edge OK"]
    add_tag(viewer=seen_by(make_person()), model=model, name="theirs")
    assert api("DELETE", of(model, "tags/theirs")).status_code == 403
    assert api("DELETE", of(model, "tags/edge-ok")).status_code == 204
    assert api("DELETE", of(model, "tags/edge-ok")).status_code == 404
    assert api("POST", of(model, "tags"), {"name": "…"}).json()["errors"][0]["field"] == "name"


def test_me_is_who_the_token_says(api, anna):
    make_team("Vision", leads=(anna,))
    me = api("GET", "me").json()
    assert (me["username"], me["email"], me["read_only"]) == ("anna", "anna@example.org", False)
    assert me["teams"] == [{"team": {"slug": "vision", "name": "Vision"}, "role": "lead"}]
    assert Program(anna, "read")("GET", "me").json()["read_only"] is True


@pytest.mark.parametrize("address", ["me", "me/tokens", "me/bookmarks", "me/notifications"])
def test_ones_own_things_need_an_account(address):
    answer = Program()("GET", address)
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("header", ["Bearer vtr_wrong", "Bearer", "Token x y"])
def test_a_wrong_token_is_told_even_where_none_is_needed(header):
    answer = Program()("GET", of(make_model(), "rating"), Authorization=header)
    assert answer.status_code == 401


def test_a_token_makes_no_other_token(api, anna):
    assert api("POST", "me/tokens", {"name": "child"}).status_code == 403
    assert anna.tokens.count() == 1


def test_a_browser_makes_a_token_and_sees_its_secret_once(anna):
    browser = Program()
    browser.client.force_login(anna)
    made = browser("POST", "me/tokens", {"name": "pipeline", "scope": "write"})
    assert (made.status_code, made["Cache-Control"]) == (201, "no-store")
    secret = made.json()["secret"]
    listed = browser("GET", "me/tokens")
    assert secret not in listed.content.decode()
    assert "digest" not in listed.json()[0]
    assert browser("POST", "me/tokens", {"name": "pipeline"}).status_code == 400
    program = Program()
    program.headers["Authorization"] = f"Bearer {secret}"
    assert program("DELETE", f"me/tokens/{listed.json()[0]['id']}").status_code == 204
    assert program("GET", "me").status_code == 401


def test_nobody_revokes_anothers_token(api):
    token, _ = create_token(user=make_person(), name="theirs")
    assert api("DELETE", f"me/tokens/{token.pk}").status_code == 404


def test_bookmarks_and_news_are_listed_and_read(api, anna):
    model = make_model()
    set_bookmark(viewer=seen_by(anna), model=model, note="later")
    add_comment(viewer=seen_by(make_person("bob")), model=model, body="@anna")
    kept = api("GET", "me/bookmarks").json()["results"]
    assert [(row["model"]["ref"], row["note"]) for row in kept] == [(model.ref, "later")]
    news = api("GET", "me/notifications").json()["results"]
    assert [(row["kind"], row["actor"]["username"], row["read_at"]) for row in news] == [
        ("mention", "bob", None)
    ]
    assert api("POST", "me/notifications/read", {"ids": [news[0]["id"]]}).json() == {"marked": 1}
    assert api("POST", "me/notifications/read", {}).json() == {"marked": 0}
    assert Notification.objects.get().read_at is not None


def test_people_and_teams_are_shown_without_what_is_private(anna):
    team = make_team("Vision", anna)
    seen, _ = make_project(team=team), make_project("restricted", team=team)
    make_person("gone", is_active=False)
    nobody = Program()
    person = nobody("GET", "people/ANNA").json()
    assert person["username"] == "anna"
    assert "email" not in person
    assert [row["username"] for row in nobody("GET", "people").json()["results"]] == ["anna"]
    assert nobody("GET", "people/gone").status_code == 404
    assert [row["slug"] for row in nobody("GET", "teams").json()["results"]] == ["vision"]
    detail = nobody("GET", "teams/vision").json()
    assert (detail["projects"], detail["members"][0]["user"]["username"]) == ([seen.slug], "anna")
    assert nobody("GET", "teams/none").status_code == 404


@pytest.mark.parametrize(
    "address", ["people", "people/anna", "people/nobody", "teams", "teams/vision", "teams/none"]
)
def test_a_closed_site_tells_nobody_who_is_there(settings, anna, address):
    settings.VITRINE_SITE_OPEN = False
    make_team("Vision", anna)
    assert Program()("GET", address).status_code in (401, 403)


def test_adding_a_version_through_the_api_tells_the_followers(anna):
    bob = make_person("bob")
    model = make_model(make_project(contributor=bob))
    assert Program(anna)("PUT", of(model, "follow")).status_code == 200
    made = Program(bob)("POST", of(model, "versions"), {"label": "2"})
    assert made.status_code == 201, made.content
    news = Notification.objects.get()
    assert (news.recipient, news.actor, news.kind) == (anna, bob, "version")
