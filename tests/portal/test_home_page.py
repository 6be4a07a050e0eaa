"""The first page, for visitors and for those who have things of their own."""

import re

import pytest

from catalog.models import Activity, ModelVersion, Ownership
from social.models import Bookmark, Follow
from social.services.ratings import rate_model
from tests.makers import make_model, make_person, seen_by
from tests.portal.conftest import classify, section

pytestmark = pytest.mark.django_db


def test_home_says_how_much_there_is_and_lets_one_browse_it(read):
    for number in range(3):
        model = make_model()
        classify(model, "task", "object-detection" if number else "translation")
        classify(model, "license", "mit", name="MIT")
    page = read("/")
    assert "Search 3 models:" in page
    assert section(page, "by-task") == "What the catalog holds Object detection 2 Translation 1"
    assert 'href="/search?task=object-detection"' in page
    assert '<a href="/search?license=mit">MIT</a> <small>3</small>' in page


def test_home_shows_what_is_new_once_a_model(read):
    old, new = make_model(name="Old one"), make_model(name="New one")
    classify(new, "task", "translation")
    for label in ("2", "3"):
        ModelVersion.objects.create(model=new, label=label, position=int(label), stage="production")
    shown = section(read("/"), "new")
    assert shown.index("New one") < shown.index("Old one")
    assert shown.count("New one") == 1
    assert old.project.name in shown


def test_home_shows_what_most_people_follow(read):
    one, two = make_model(name="Followed once"), make_model(name="Followed twice")
    make_model(name="Followed never")
    for model in (one, two, two):
        Follow.objects.create(model=model, user=make_person())
    shown = section(read("/"), "followed")
    assert re.search(r"Followed twice .* 2 followers.*Followed once .* 1 follower$", shown)
    assert "never" not in shown


def test_home_tells_what_people_did_lately(read):
    model = make_model(name="Talked about")
    rate_model(viewer=seen_by(make_person(name="Anna A.")), model=model, stars=4)
    assert "Anna A. gave 4 stars on Talked about just now" in section(read("/"), "talk")


def test_home_shows_ones_own_things_to_their_person_alone(read):
    anna = make_person()
    mine, kept, followed = (make_model(name=f"{word} model") for word in ("Owned", "Kept", "Heard"))
    Ownership.objects.create(model=mine, kind="owner", user=anna)
    Bookmark.objects.create(model=kept, user=anna)
    Follow.objects.create(model=followed, user=anna)
    shown = section(read("/", by=anna), "mine")
    for words in ("Owned model yours", "Kept model bookmarked", "Heard model followed"):
        assert words in shown
    assert "waits for you here" in section(read("/", by=make_person()), "mine")
    assert not section(read("/"), "mine")


def test_an_empty_catalog_says_what_to_do(read):
    page = read("/")
    assert "Nothing here yet. Sign in to add the first model." in page
    for words in ("Search 0 models", "Nobody follows a model yet.", "Nothing happened yet."):
        assert words in page
    assert "Add the first model" in read("/", by=make_person(is_superuser=True))


def test_what_happened_to_a_project_alone_is_not_told_as_of_a_model(read):
    model, anna = make_model(), make_person(name="Anna A.")
    for about in ({"model": model}, {}):
        Activity.objects.create(
            actor=anna, verb="edited", project=model.project, detail={"fields": []}, **about
        )
    assert section(read("/"), "talk").count("Anna A. edited") == 1
