"""Bookmarks, follows and tags."""

from threading import Barrier, Thread

import pytest
from django.db import connection

from catalog.models import ModelTag, Tag
from catalog.services.tags import MOST_TAGS, InvalidTag, add_tag, remove_tag, tag_slug
from core.errors import NotAllowed, NotVisible
from social.models import Bookmark, Follow
from social.selectors import bookmarks_of, most_followed, my_followed, tags_of
from social.services.keeping import InvalidNote, follow, remove_bookmark, set_bookmark, unfollow
from tests.makers import make_model, make_person, make_project, seen_by

pytestmark = pytest.mark.django_db


def test_a_bookmark_is_kept_once_and_its_note_can_change():
    anna, model = seen_by(make_person()), make_model()
    set_bookmark(viewer=anna, model=model)
    set_bookmark(viewer=anna, model=model, note="for the  demo")
    set_bookmark(viewer=anna, model=model)
    assert [b.note for b in bookmarks_of(anna)] == ["for the demo"]
    assert remove_bookmark(viewer=anna, model=model)
    assert not remove_bookmark(viewer=anna, model=model)


def test_a_note_is_short():
    with pytest.raises(InvalidNote):
        set_bookmark(viewer=seen_by(make_person()), model=make_model(), note="x" * 301)


def test_bookmarks_are_ones_own_and_hidden_models_fall_out():
    anna, bob, model = make_person(), make_person(), make_model()
    set_bookmark(viewer=seen_by(anna), model=model)
    assert len(bookmarks_of(seen_by(bob))) == 0
    assert len(bookmarks_of(seen_by(None))) == 0
    type(model.project).objects.update(visibility="restricted")
    assert len(bookmarks_of(seen_by(anna))) == 0


def test_following_twice_is_following_once():
    anna, model = seen_by(make_person()), make_model()
    follow(viewer=anna, model=model)
    follow(viewer=anna, model=model)
    assert Follow.objects.count() == 1
    assert my_followed(anna) == [model]
    assert unfollow(viewer=anna, model=model)
    assert my_followed(anna) == []


def test_the_most_followed_are_only_those_one_sees():
    boss, seen, hidden, lonely = make_person(is_superuser=True), make_model(), None, make_model()
    hidden = make_model(visibility="restricted")
    for model in (seen, hidden):
        follow(viewer=seen_by(boss), model=model)
    assert [(m, m.followers) for m in most_followed(seen_by(None))] == [(seen, 1)]
    assert lonely not in most_followed(seen_by(boss))


@pytest.mark.parametrize("act", [set_bookmark, follow, lambda **k: add_tag(name="x", **k)])
def test_keeping_needs_an_account_and_sight_of_the_model(act):
    with pytest.raises(NotAllowed):
        act(viewer=seen_by(None), model=make_model())
    with pytest.raises(NotVisible):
        act(viewer=seen_by(make_person()), model=make_model(visibility="restricted"))


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("  Edge   OK ", "edge-ok"),
        ("#baseline", "baseline"),
        ("C++", "c-plus-plus"),
        ("C#", "c-sharp"),
        ("GPT-3.5", "gpt-3-5"),
        ("Zürich", "zürich"),
        ("Zu\u0308rich", "zürich"),
        ("日本語", "日本語"),
        ("ＦＵＬＬ", "full"),
    ],
)
def test_spellings_of_one_word_are_one_tag(name, slug):
    assert add_tag(viewer=seen_by(make_person()), model=make_model(), name=name).tag.slug == slug


@pytest.mark.parametrize("name", ["", "  ", "#", "…", "\u202e", "\x00", "-", "x" * 81])
def test_a_tag_is_a_word(name):
    with pytest.raises(InvalidTag) as refused:
        add_tag(viewer=seen_by(make_person()), model=make_model(), name=name)
    assert refused.value.field == "name"


def test_c_and_c_plus_plus_are_two_tags():
    assert len({tag_slug(name) for name in ("C", "C++", "C#")}) == 3


def test_a_tag_is_put_on_once_and_keeps_its_first_spelling():
    anna, model = seen_by(make_person()), make_model()
    add_tag(viewer=anna, model=model, name="Edge OK")
    add_tag(viewer=seen_by(make_person()), model=model, name="edge ok")
    assert [row.tag.name for row in tags_of(anna, model)] == ["Edge OK"]
    assert Tag.objects.count() == 1


def test_a_model_has_fifty_tags_at_most():
    anna, model = seen_by(make_person()), make_model()
    for number in range(MOST_TAGS):
        add_tag(viewer=anna, model=model, name=f"word{number}")
    with pytest.raises(InvalidTag):
        add_tag(viewer=anna, model=model, name="one more")
    assert add_tag(viewer=anna, model=model, name="word1")


def test_who_put_a_tag_there_and_contributors_take_it_off():
    adder, contributor, other, model = make_person(), make_person(), make_person(), None
    model = make_model(make_project(contributor=contributor))
    add_tag(viewer=seen_by(adder), model=model, name="word")
    may_remove = {u: tags_of(seen_by(u), model)[0].may_remove for u in (adder, contributor, other, None)}
    assert may_remove == {adder: True, contributor: True, other: False, None: False}
    with pytest.raises(NotAllowed):
        remove_tag(viewer=seen_by(other), model=model, slug="word")
    assert remove_tag(viewer=seen_by(adder), model=model, slug="word")
    assert not remove_tag(viewer=seen_by(adder), model=model, slug="word")


def test_a_tag_from_the_source_is_for_contributors_to_take_off():
    anna, model = make_person(), make_model()
    ModelTag.objects.create(model=model, tag=Tag.objects.create(slug="timm", name="timm"), added_by=None)
    assert not tags_of(seen_by(anna), model)[0].may_remove
    with pytest.raises(NotAllowed):
        remove_tag(viewer=seen_by(anna), model=model, slug="timm")


@pytest.mark.django_db(transaction=True)
def test_tags_and_bookmarks_set_by_many_at_once_are_right():
    people, model = [make_person() for _ in range(6)], make_model()
    barrier, errors = Barrier(6), []

    def act(user) -> None:
        try:
            viewer = seen_by(user)
            barrier.wait(timeout=10)
            add_tag(viewer=viewer, model=model, name="Same")
            for _ in range(2):
                set_bookmark(viewer=viewer, model=model)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [Thread(target=act, args=(user,)) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert errors == []
    assert (ModelTag.objects.count(), Tag.objects.count(), Bookmark.objects.count()) == (1, 1, 6)
