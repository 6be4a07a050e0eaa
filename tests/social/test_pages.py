"""The pages and forms of the social words, without a script and with htmx."""

import re
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from social.models import Bookmark, Comment, Follow, Notification, Rating
from social.services.comments import add_comment, delete_comment, edit_comment
from social.services.keeping import set_bookmark
from social.services.ratings import rate_model
from tests.makers import make_model, make_person, make_project, seen_by

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def anna():
    return make_person("anna", name="Anna A.")


@pytest.fixture
def signed_in(anna) -> Client:
    client = Client()
    client.force_login(anna)
    return client


def url(name: str, model, *more) -> str:
    return reverse(f"social:{name}", args=[model.project.slug, model.slug, *more])


def text(response) -> str:
    return response.content.decode()


def test_rating_without_a_script_goes_back_to_where_the_form_stood(signed_in):
    model = make_model()
    here = url("reviews", model) + "?page=1"
    response = signed_in.post(url("rate", model), {"stars": "4", "review": "Good.", "next": here})
    assert (response.status_code, response["Location"]) == (302, here + "#rating")
    assert Rating.objects.get().stars == 4
    assert "Your rating is kept." in text(signed_in.get(here))


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_a_form_sends_nobody_to_another_site(signed_in, target):
    model = make_model()
    response = signed_in.post(url("rate", model), {"stars": "4", "next": target})
    assert response["Location"] == model.get_absolute_url() + "#rating"


def test_rating_by_htmx_gives_the_block_and_the_line(signed_in):
    model = make_model()
    response = signed_in.post(url("rate", model), {"stars": "4"}, headers=HTMX)
    assert "<html" not in text(response)
    assert 'id="rating"' in text(response)
    assert 'id="rating-line" hx-swap-oob="true"' in text(response)
    assert "Your rating: 4 stars" in text(response)


@pytest.mark.parametrize("stars", ["", "0", "6", "five", "٣", "9" * 5000])
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_wrong_stars_are_told_and_the_review_is_kept(signed_in, stars, headers):
    response = signed_in.post(
        url("rate", make_model()), {"stars": stars, "review": "My <b>words</b>"}, headers=headers
    )
    assert response.status_code == 422
    assert "Choose 1 to 5 stars." in text(response)
    assert "My &lt;b&gt;words&lt;/b&gt;" in text(response)


def test_a_rating_can_be_withdrawn(signed_in, anna):
    model = make_model()
    rate_model(viewer=seen_by(anna), model=model, stars=3)
    assert signed_in.post(url("unrate", model)).status_code == 302
    assert not Rating.objects.exists()


def test_a_comment_lands_at_its_place(signed_in):
    model = make_model()
    response = signed_in.post(url("comment_add", model), {"body": "Hello.", "request_key": str(uuid4())})
    comment = Comment.objects.get()
    assert response["Location"] == f"{model.get_absolute_url()}#comment-{comment.pk}"
    page = text(signed_in.get(url("discussion", model)))
    assert f'id="comment-{comment.pk}"' in page
    assert "Anna A." in page


def test_the_forms_of_a_page_have_keys_of_their_own(signed_in, anna):
    model = make_model()
    add_comment(viewer=seen_by(anna), model=model, body="Hello.")
    keys = re.findall(r'name="request_key" value="([^"]+)"', text(signed_in.get(url("discussion", model))))
    assert len(keys) == 2
    assert len(set(keys)) == 2


def test_scripts_in_any_text_are_words(signed_in):
    model, bad = (
        make_model(),
        "<script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1))",
    )
    signed_in.post(url("comment_add", model), {"body": bad})
    signed_in.post(url("rate", model), {"stars": "1", "review": bad})
    signed_in.post(url("tag_add", model), {"name": "<script>x</script>"})
    signed_in.post(url("bookmark", model), {"on": "1", "note": '"><script>x</script>'})
    for page in (url("discussion", model), url("reviews", model), reverse("social:bookmarks")):
        body = text(signed_in.get(page))
        assert "<script>alert" not in body
        assert "<script>x" not in body
        assert "<img src=x" not in body
        assert 'href="javascript:' not in body


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize("body", ["", "  \u200b ", "x" * 20_001])
def test_a_comment_that_cannot_be_kept_stays_in_its_form(signed_in, body, headers):
    response = signed_in.post(url("comment_add", make_model()), {"body": body}, headers=headers)
    assert response.status_code == 422
    assert 'role="alert"' in text(response)
    assert f">{body}</textarea>" in text(response)


def test_an_answer_that_cannot_be_kept_stays_in_the_form_below_what_it_answers(signed_in, anna):
    model = make_model()
    comment = add_comment(viewer=seen_by(anna), model=model, body="Hello.")
    response = signed_in.post(url("comment_add", model), {"body": " ", "parent": comment.pk})
    assert response.status_code == 422
    assert re.search(r"<details data-edit open><summary>Reply", text(response))


def test_a_form_whose_comment_is_on_another_page_keeps_its_words_in_its_thread(signed_in, anna):
    model = make_model()
    comment = add_comment(viewer=seen_by(anna), model=model, body="Old thread")
    for number in range(20):
        add_comment(viewer=seen_by(make_person()), model=model, body=str(number))
    edit_comment(viewer=seen_by(anna), comment=comment, body="Newer.", revision=1)
    for headers in ({}, HTMX):
        address = url("comment_edit", model, comment.pk)
        answer = signed_in.post(address, {"body": "Kept words", "revision": "1"}, headers=headers)
        assert answer.status_code == 409
        assert text(answer).count("Kept words") == 2
        answer = signed_in.post(
            url("comment_add", model), {"body": "y" * 20_001, "parent": comment.pk}, headers=headers
        )
        assert answer.status_code == 422
        assert "y" * 20_001 in text(answer)


def test_forms_of_a_threads_page_stay_in_the_thread(signed_in, anna):
    model = make_model()
    comment = add_comment(viewer=seen_by(anna), model=model, body="This thread")
    add_comment(viewer=seen_by(anna), model=model, body="Another thread")
    page = text(signed_in.get(url("thread", model, comment.pk)))
    assert f'name="thread" value="{comment.pk}"' in page
    fields = {"body": "An answer", "parent": comment.pk, "thread": comment.pk}
    block = text(signed_in.post(url("comment_add", model), fields, headers=HTMX))
    assert "This thread" in block
    assert "An answer" in block
    assert "Another thread" not in block


def test_a_new_thread_leads_to_the_first_page(signed_in):
    model = make_model()
    response = signed_in.post(
        url("comment_add", model), {"body": "x", "next": url("discussion", model) + "?page=3"}
    )
    assert response["Location"] == url("discussion", model) + f"#comment-{Comment.objects.get().pk}"


def test_words_for_a_model_that_is_gone_or_hidden_are_given_back_alike(signed_in):
    hidden = make_model(visibility="restricted")
    words = "A long and thoughtful answer."
    answers = [
        signed_in.post(url("comment_add", hidden), {"body": words}),
        signed_in.post("/p/no-such/model/comments", {"body": words}),
        signed_in.post(url("rate", hidden), {"stars": "3", "review": words}),
    ]
    assert {answer.status_code for answer in answers} == {404}
    pages = {re.sub(r'csrf\w*" value="[^"]+|X-CSRFToken": "[^"]+', "", text(answer)) for answer in answers}
    assert len(pages) == 1
    assert words in pages.pop()


def test_words_of_someone_signed_out_are_given_back(client):
    response = client.post(url("comment_add", make_model()), {"body": "Half an hour of work."})
    assert response.status_code == 403
    assert "Half an hour of work." in text(response)
    assert "Sign in" in text(response)
    assert not Comment.objects.exists()


def test_two_tabs_editing_see_both_texts(signed_in, anna):
    model = make_model()
    comment = add_comment(viewer=seen_by(anna), model=model, body="One.")
    edit_comment(viewer=seen_by(anna), comment=comment, body="First <tab>.", revision=1)
    for headers in ({}, HTMX):
        response = signed_in.post(
            url("comment_edit", model, comment.pk), {"body": "Second tab.", "revision": "1"}, headers=headers
        )
        assert response.status_code == 409
        assert "First &lt;tab&gt;." in text(response)
        assert "Second tab." in text(response)
        assert 'name="revision" value="2"' in text(response)
    assert Comment.objects.get().body == "First <tab>."


def test_an_edit_of_a_comment_deleted_meanwhile_gives_the_words_back(signed_in, anna):
    model = make_model()
    comment = add_comment(viewer=seen_by(anna), model=model, body="One.")
    delete_comment(viewer=seen_by(anna), comment=comment)
    response = signed_in.post(
        url("comment_edit", model, comment.pk), {"body": "My new words.", "revision": "1"}
    )
    assert response.status_code == 409
    assert "My new words." in text(response)


def test_deleting_offers_undo_and_undo_works(signed_in, anna):
    model = make_model()
    comment = add_comment(viewer=seen_by(anna), model=model, body="Oops-words")
    page = text(signed_in.post(url("comment_delete", model, comment.pk), headers=HTMX))
    assert "This comment was deleted." in page
    assert url("comment_restore", model, comment.pk) in page
    assert "Oops-words" not in page
    assert "Oops-words" in text(signed_in.post(url("comment_restore", model, comment.pk), headers=HTMX))


def test_history_is_a_page(client, anna):
    model = make_model()
    comment = add_comment(viewer=seen_by(anna), model=model, body="Before-words")
    edit_comment(viewer=seen_by(anna), comment=comment, body="After-words", revision=1)
    page = text(client.get(url("comment_history", model, comment.pk)))
    assert "Before-words" in page
    assert "After-words" in page
    delete_comment(viewer=seen_by(anna), comment=comment)
    assert client.get(url("comment_history", model, comment.pk)).status_code in (302, 403)


def test_only_names_of_people_become_links(client, anna):
    model = make_model()
    add_comment(viewer=seen_by(anna), model=model, body="@anna and @nobody-here")
    page = text(client.get(url("discussion", model)))
    assert '<a href="/people/anna" rel="nofollow noopener">@anna</a>' in page
    assert "/people/nobody-here" not in page


@pytest.mark.parametrize("name", ["bookmark", "follow"])
def test_a_button_says_what_it_wants_so_that_twice_is_once(signed_in, name):
    model, table = make_model(), {"bookmark": Bookmark, "follow": Follow}[name]
    for _ in range(2):
        assert signed_in.post(url(name, model), {"on": "1"}).status_code == 302
    assert table.objects.count() == 1
    page = text(signed_in.post(url(name, model), {"on": "0"}, headers=HTMX))
    assert 'id="keep"' in page
    assert "<html" not in page
    assert not table.objects.exists()


def test_several_tags_are_added_at_once_or_not_at_all(signed_in):
    model = make_model()
    assert signed_in.post(url("tag_add", model), {"name": "one, two,,three"}).status_code == 302
    assert model.model_tags.count() == 3
    response = signed_in.post(url("tag_add", model), {"name": "four, ***"})
    assert response.status_code == 422
    assert 'value="four, ***"' in text(response)
    assert model.model_tags.count() == 3
    assert signed_in.post(url("tag_remove", model), {"slug": "two"}).status_code == 302
    assert model.model_tags.count() == 2


def test_bookmarks_are_listed_with_their_note(signed_in, anna):
    set_bookmark(viewer=seen_by(anna), model=make_model(name="Keeper"), note="for later")
    page = text(signed_in.get(reverse("social:bookmarks")))
    assert "Keeper" in page
    assert 'value="for later"' in page


def test_notifications_are_listed_opened_and_read(signed_in):
    model = make_model(name="Talked about")
    add_comment(viewer=seen_by(make_person()), model=model, body="@anna look")
    row = Notification.objects.get()
    page = text(signed_in.get(reverse("social:notifications")))
    assert "Talked about" in page
    assert 'aria-label="Notifications, 1 unread"' in page
    target = url("thread", model, row.comment_id) + f"#comment-{row.comment_id}"
    response = signed_in.post(reverse("social:notifications_read"), {"id": row.pk, "next": target})
    assert response["Location"] == target
    assert 'aria-label="Notifications"' in text(signed_in.get(reverse("social:notifications")))


@pytest.mark.parametrize("name", ["bookmarks", "notifications"])
def test_ones_own_pages_ask_for_sign_in(client, name):
    response = client.get(reverse(f"social:{name}"))
    assert response["Location"].startswith("/sign-in?next=/me/")


@pytest.mark.parametrize(
    "name", ["rate", "unrate", "comment_add", "bookmark", "follow", "tag_add", "tag_remove"]
)
def test_what_is_not_seen_does_not_exist(signed_in, client, name):
    model = make_model(visibility="restricted")
    assert signed_in.post(url(name, model)).status_code == 404
    assert client.post(url(name, model)).status_code == 404


@pytest.mark.parametrize("name", ["reviews", "discussion"])
def test_pages_of_what_is_not_seen_do_not_exist(signed_in, name):
    assert signed_in.get(url(name, make_model(visibility="restricted"))).status_code == 404


def test_a_comment_is_found_under_its_own_model_only(signed_in, anna):
    comment = add_comment(viewer=seen_by(anna), model=make_model(), body="Hello.")
    other = make_model()
    for name in ("thread", "comment_history"):
        assert signed_in.get(url(name, other, comment.pk)).status_code == 404
    for name in ("comment_edit", "comment_delete", "comment_restore"):
        assert signed_in.post(url(name, other, comment.pk)).status_code == 404
    assert signed_in.get(url("thread", other, 10**25)).status_code == 404


def test_a_post_without_the_token_of_the_form_is_refused(anna):
    client = Client(enforce_csrf_checks=True)
    client.force_login(anna)
    assert client.post(url("follow", make_model()), {"on": "1"}).status_code == 403


@pytest.mark.parametrize("page", ["0", "-1", "abc", "99999999999999999999", "\u0663"])
def test_absurd_pages_are_some_page(signed_in, anna, page):
    model = make_model()
    comment = add_comment(viewer=seen_by(anna), model=model, body="Hello.")
    for address in (url("discussion", model), url("reviews", model), url("thread", model, comment.pk)):
        assert signed_in.get(address, {"page": page}).status_code == 200


def test_a_steward_sees_the_words_of_a_deleted_comment_and_the_author_does_not(signed_in, anna):
    steward = make_person()
    model = make_model(make_project(steward=steward))
    comment = add_comment(viewer=seen_by(anna), model=model, body="Secret-words")
    delete_comment(viewer=seen_by(anna), comment=comment)
    assert signed_in.get(url("comment_history", model, comment.pk)).status_code == 403
    client = Client()
    client.force_login(steward)
    assert "Secret-words" in text(client.get(url("comment_history", model, comment.pk)))
