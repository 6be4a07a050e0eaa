"""Mentions and notifications: who is told, who is not, and what a name reveals."""

import pytest

from accounts.models import User
from core.errors import NotAllowed
from social.mentions import names_in
from social.models import Mention, Notification
from social.selectors import discussion_of, notifications_of, unread_count
from social.services.comments import add_comment, delete_comment, edit_comment, restore_comment
from social.services.keeping import follow
from social.services.notifications import announce_version, mark_read
from tests.makers import make_model, make_person, make_project, seen_by


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("Thanks @anna and @Bob.Smith!", ["anna", "bob.smith"]),
        ("@anna, @ANNA: look", ["anna"]),
        ("Ask @anna.", ["anna"]),
        ("mail anna@example.org, see example.org/@anna", []),
        ("`@anna` and\n\n    @anna\n\n```\n@anna\n```", []),
        ("[@anna](https://example.org)", []),
        ("**@anna** and @-x @_y @", ["anna"]),
        ("no one", []),
    ],
)
def test_names_are_found_where_the_page_links_them(body, names):
    assert names_in(body) == names


def test_a_comment_names_twenty_people_at_most():
    assert len(names_in(" ".join(f"@person{n}" for n in range(50)))) == 20


@pytest.fixture
def say(db):
    def say(user: User, model, body: str = "Hello.", **more):
        return add_comment(viewer=seen_by(user), model=model, body=body, **more)

    return say


def news(user: User) -> list[tuple[str, str]]:
    return [(n.kind, n.comment.body if n.comment else "") for n in notifications_of(seen_by(user))]


def test_who_is_named_is_told(say):
    anna, model = make_person("Anna"), make_model()
    say(make_person(), model, "Look, @anna")
    assert news(anna) == [("mention", "Look, @anna")]
    assert unread_count(seen_by(anna)) == 1


def test_who_may_not_see_the_model_is_not_told_and_nothing_shows_it(say):
    insider, _outsider, model = make_person(), make_person("outsider"), None
    model = make_model(make_project("restricted", viewer=insider))
    comment = say(insider, model, "Hello @outsider and @noone")
    assert not Notification.objects.exists()
    assert not Mention.objects.exists()
    assert comment.body == "Hello @outsider and @noone"
    assert discussion_of(seen_by(insider), model).known_people == {"outsider"}


def test_the_inactive_and_oneself_are_not_told(say):
    anna, model = make_person("anna"), make_model()
    make_person("gone", is_active=False)
    comment = say(anna, model, "@anna @gone")
    say(anna, model, "An answer to myself.", parent_id=comment.pk)
    assert not Notification.objects.exists()


def test_the_author_is_told_of_an_answer(say):
    anna, model = make_person(), make_model()
    comment = say(anna, model)
    say(make_person(), model, "Yes.", parent_id=comment.pk)
    assert news(anna) == [("reply", "Yes.")]


def test_followers_are_told_and_everyone_once_by_what_concerns_them_most(say):
    anna, bob, cleo, model = make_person("anna"), make_person("bob"), make_person(), make_model()
    first = say(anna, model)
    for user in (anna, bob, cleo):
        follow(viewer=seen_by(user), model=model)
    say(make_person(), model, "@bob is right.", parent_id=first.pk)
    assert [news(user)[0][0] for user in (anna, bob, cleo)] == ["reply", "mention", "comment"]
    assert Notification.objects.filter(comment__parent=first).count() == 3


def test_an_answer_to_someone_who_lost_sight_of_the_model_tells_them_nothing(say):
    anna, boss = make_person(), make_person(is_superuser=True)
    project = make_project("restricted", viewer=anna)
    model = make_model(project)
    comment = say(anna, model)
    project.grants.all().delete()
    say(boss, model, "Now secret.", parent_id=comment.pk)
    assert not Notification.objects.filter(recipient=anna).exists()


def test_news_of_a_model_hidden_since_is_no_news(say):
    anna, model = make_person("anna"), make_model()
    say(make_person(), model, "@anna")
    type(model.project).objects.update(visibility="restricted")
    assert news(anna) == []
    assert unread_count(seen_by(anna)) == 0


def test_an_edit_tells_those_it_names_first_and_nobody_twice(say):
    writer, anna, bob, model = make_person(), make_person("anna"), make_person("bob"), make_model()
    comment = say(writer, model, "@anna")
    edit_comment(viewer=seen_by(writer), comment=comment, body="@anna @bob", revision=1)
    assert (len(news(anna)), len(news(bob))) == (1, 1)
    edit_comment(viewer=seen_by(writer), comment=comment, body="@bob", revision=2)
    assert set(Mention.objects.values_list("user__username", flat=True)) == {"bob"}


def test_a_deleted_comment_is_no_news_until_it_is_back(say):
    writer, anna, model = make_person(), make_person("anna"), make_model()
    comment = say(writer, model, "@anna")
    delete_comment(viewer=seen_by(writer), comment=comment)
    assert news(anna) == []
    restore_comment(viewer=seen_by(writer), comment=comment)
    assert len(news(anna)) == 1


def test_followers_hear_of_a_version_if_they_may_see_it(db):
    anna, bob = make_person(), make_person()
    model = make_model(make_project("restricted", viewer=anna))
    for user in (anna, bob):
        model.follows.create(user=user)
    announce_version(version=model.versions.get(), actor_id=None)
    assert [n.recipient for n in Notification.objects.all()] == [anna]


def test_reading_marks_only_ones_own(say):
    anna, bob, model = make_person("anna"), make_person("bob"), make_model()
    say(make_person(), model, "@anna @bob")
    theirs = Notification.objects.get(recipient=bob)
    assert mark_read(viewer=seen_by(anna), notification_ids=[theirs.pk]) == 0
    assert mark_read(viewer=seen_by(anna)) == 1
    assert (unread_count(seen_by(anna)), unread_count(seen_by(bob))) == (0, 1)
    for viewer in (seen_by(None), seen_by(bob, read_only=True)):
        with pytest.raises(NotAllowed):
            mark_read(viewer=viewer)
