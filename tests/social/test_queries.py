"""The number of SQL statements of the social pages does not grow with their rows."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import ModelTag, Tag
from social.models import Bookmark, Comment, Follow, Notification, Rating
from social.selectors import model_social
from tests.makers import make_model, make_person, make_project, seen_by

pytestmark = pytest.mark.django_db


def fill(model, people, each: int) -> None:
    """Much talk about a model, or little."""
    for number in range(each):
        author = people[number % len(people)]
        root = Comment.objects.create(model=model, author=author, body=f"@{author.username} see {number}")
        Comment.objects.create(
            model=model, parent=root, author=author, body="Yes.", version=model.versions.get()
        )
        tag = Tag.objects.create(slug=f"{model.pk}-{number}", name=f"{model.pk}-{number}")
        ModelTag.objects.create(model=model, tag=tag, added_by=author)
        Rating.objects.create(model=model, author=make_person(), stars=1 + number % 5, review="Words.")
        Follow.objects.create(model=model, user=make_person())


def count(act) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        act()
    return len(queries)


def test_the_social_blocks_take_the_same_queries_for_much_and_little():
    people = [make_person() for _ in range(6)]
    project = make_project(viewer=people[0])
    little, much = make_model(project), make_model(project)
    fill(little, people, 1)
    fill(much, people, 25)
    viewer = seen_by(people[0])
    numbers = {count(lambda model=model: model_social(viewer, model)) for model in (little, much)}
    assert len(numbers) == 1
    assert numbers.pop() <= 16


@pytest.mark.parametrize("name", ["discussion", "reviews"])
def test_the_pages_of_a_model_take_the_same_queries_for_much_and_little(name):
    people = [make_person() for _ in range(6)]
    little, much = make_model(), make_model()
    fill(little, people, 1)
    fill(much, people, 19)
    client = Client()
    client.force_login(people[0])
    pages = [reverse(f"social:{name}", args=[m.project.slug, m.slug]) for m in (little, much)]
    client.get(pages[0])
    numbers = [count(lambda page=page: client.get(page)) for page in pages]
    assert numbers[0] == numbers[1]
    assert numbers[0] <= 22


@pytest.mark.parametrize("name", ["bookmarks", "notifications"])
def test_ones_own_pages_take_the_same_queries_for_much_and_little(name):
    anna, bob = make_person(), make_person()
    client = Client()
    client.force_login(anna)

    def add(number: int) -> None:
        for _ in range(number):
            model = make_model()
            comment = Comment.objects.create(model=model, author=bob, body="News.")
            Bookmark.objects.create(model=model, user=anna)
            Notification.objects.create(
                recipient=anna, actor=bob, kind="mention", model=model, comment=comment
            )

    add(1)
    client.get(reverse(f"social:{name}"))
    little = count(lambda: client.get(reverse(f"social:{name}")))
    add(20)
    assert count(lambda: client.get(reverse(f"social:{name}"))) == little
    assert little <= 12
