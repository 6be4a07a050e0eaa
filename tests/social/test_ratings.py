"""One rating each, changeable, and right in a race."""

from threading import Barrier, Thread

import pytest
from django.db import connection

from catalog.models import Activity
from core.errors import NotAllowed, NotVisible
from social.models import Rating
from social.selectors import rating_summaries, rating_summary, reviews_of
from social.services.ratings import InvalidRating, rate_model, unrate
from tests.makers import make_model, make_person, make_project, seen_by

pytestmark = pytest.mark.django_db


def test_a_second_rating_replaces_the_first():
    anna, model = make_person(), make_model()
    rate_model(viewer=seen_by(anna), model=model, stars=2, review="Slow.")
    rate_model(viewer=seen_by(anna), model=model, stars=5, review="Fast now.")
    assert [(r.stars, r.review) for r in Rating.objects.all()] == [(5, "Fast now.")]


def test_the_feed_tells_one_rating_a_person():
    anna, model = make_person(), make_model()
    rate_model(viewer=seen_by(anna), model=model, stars=2)
    rate_model(viewer=seen_by(anna), model=model, stars=4)
    assert [line.detail for line in Activity.objects.filter(verb="rated")] == [{"stars": 4}]
    unrate(viewer=seen_by(anna), model=model)
    assert not Activity.objects.filter(verb="rated").exists()


@pytest.mark.parametrize("stars", [0, 6, -1, True, 4.5, "5", None])
def test_stars_are_one_to_five(stars):
    with pytest.raises(InvalidRating) as refused:
        rate_model(viewer=seen_by(make_person()), model=make_model(), stars=stars)
    assert refused.value.field == "stars"


def test_a_review_may_be_long_but_not_endless():
    anna, model = seen_by(make_person()), make_model()
    assert rate_model(viewer=anna, model=model, stars=3, review="x" * 5000)
    with pytest.raises(InvalidRating):
        rate_model(viewer=anna, model=model, stars=3, review="x" * 5001)


def test_what_is_hidden_cannot_be_rated_and_is_not_there():
    model = make_model(visibility="restricted")
    with pytest.raises(NotVisible):
        rate_model(viewer=seen_by(make_person()), model=model, stars=3)
    with pytest.raises(NotVisible):
        rating_summary(seen_by(make_person()), model)


def test_rating_needs_an_account_and_a_token_that_may_write():
    anna, model = make_person(), make_model()
    for viewer in (seen_by(None), seen_by(anna, read_only=True)):
        with pytest.raises(NotAllowed):
            rate_model(viewer=viewer, model=model, stars=3)


def test_rating_a_model_deleted_meanwhile_says_it_is_not_there():
    anna, model = make_person(), make_model()
    type(model).objects.filter(pk=model.pk).delete()
    with pytest.raises(NotVisible):
        rate_model(viewer=seen_by(anna), model=model, stars=3)


def test_the_summary_has_average_distribution_and_my_own():
    anna, model = make_person(), make_model()
    for stars in (5, 5, 2):
        rate_model(viewer=seen_by(make_person()), model=model, stars=stars)
    rate_model(viewer=seen_by(anna), model=model, stars=4)
    summary = rating_summary(seen_by(anna), model)
    assert (summary.average, summary.count, summary.own.stars) == (4.0, 4, 4)
    assert [(row.stars, row.count, row.share) for row in summary.distribution] == [
        (5, 2, 50.0),
        (4, 1, 25.0),
        (3, 0, 0.0),
        (2, 1, 25.0),
        (1, 0, 0.0),
    ]
    assert rating_summary(seen_by(None), model).own is None


def test_no_ratings_are_no_average():
    summary = rating_summary(seen_by(None), make_model())
    assert (summary.average, summary.count) == (None, 0)


def test_summaries_of_many_leave_out_what_is_hidden():
    seen, hidden = make_model(), make_model(make_project("restricted", viewer=(boss := make_person())))
    for model in (seen, hidden):
        rate_model(viewer=seen_by(boss), model=model, stars=4)
    assert rating_summaries(seen_by(None), [seen, hidden]) == {seen.pk: (4.0, 1)}


def test_reviews_with_words_come_first():
    model = make_model()
    rate_model(viewer=seen_by(make_person()), model=model, stars=1, review="It fails on drawings.")
    rate_model(viewer=seen_by(make_person()), model=model, stars=5)
    assert [rating.stars for rating in reviews_of(seen_by(None), model)] == [1, 5]


@pytest.mark.django_db(transaction=True)
def test_twelve_ratings_of_one_person_at_once_are_one_row():
    anna, model = make_person(), make_model()
    barrier, errors = Barrier(6), []

    def rate(stars: int) -> None:
        try:
            viewer = seen_by(anna)
            barrier.wait(timeout=10)
            for _ in range(2):
                rate_model(viewer=viewer, model=model, stars=stars)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [Thread(target=rate, args=(1 + n % 5,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert errors == []
    assert Rating.objects.count() == 1
    assert Activity.objects.filter(verb="rated").count() == 1
