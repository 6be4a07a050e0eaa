"""Comments: written, answered, edited, deleted, brought back; nothing lost, nothing twice."""

from datetime import timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from core.errors import NotAllowed, NotVisible
from social.models import Comment, CommentRevision
from social.selectors import discussion_of, get_comment, history_of, thread_of
from social.services.comments import (
    CommentConflict,
    InvalidComment,
    add_comment,
    delete_comment,
    edit_comment,
    restore_comment,
)
from tests.makers import make_model, make_person, make_project, seen_by

pytestmark = pytest.mark.django_db


def say(user, model, body="Hello.", **more) -> Comment:
    return add_comment(viewer=seen_by(user), model=model, body=body, **more)


def test_a_comment_and_its_answers_make_a_thread():
    anna, model = make_person(), make_model()
    first = say(anna, model, "Why?")
    answer = say(anna, model, "Because.", parent_id=first.pk)
    say(anna, model, "I see.", parent_id=answer.pk)
    say(anna, model, "Another thing.")
    threads = discussion_of(seen_by(None), model)
    assert [post.body for post in threads.posts] == ["Another thing.", "Why?"]
    assert [post.body for post in threads.posts[1].replies] == ["Because."]
    assert [post.body for post in threads.posts[1].replies[0].replies] == ["I see."]
    assert threads.total == 4


def test_deep_answers_stand_at_the_deepest_level_and_say_whom_they_answer():
    anna, model = make_person(name="Anna A."), make_model()
    last = say(anna, model, "0")
    for number in range(1, 300):
        last = say(anna, model, str(number), parent_id=last.pk)
    depth_three = thread_of(seen_by(None), last, 1).discussion.posts[0].replies[0].replies[0].replies
    assert [post.body for post in depth_three][:3] == ["3", "4", "5"]
    assert (depth_three[0].answers, depth_three[1].answers) == ("", "Anna A.")
    third = thread_of(seen_by(None), last)
    assert (third.number, third.pages) == (3, 3)
    assert [post.body for post in third.discussion.posts[0].replies][:1] == ["201"]
    assert third.discussion.holds(last.pk)
    assert thread_of(seen_by(None), Comment.objects.get(body="100")).number == 1
    assert thread_of(seen_by(None), Comment.objects.get(body="101")).number == 2
    assert thread_of(seen_by(None), Comment.objects.get(body="0")).number == 1


def test_a_long_thread_is_cut_on_the_page_and_says_by_how_much():
    anna, model = make_person(), make_model()
    root = say(anna, model, "root")
    Comment.objects.bulk_create(
        Comment(model=model, parent=root, author=anna, body=str(n)) for n in range(130)
    )
    post = discussion_of(seen_by(None), model).posts[0]
    assert (len(post.replies), post.hidden_answers) == (100, 30)


def test_threads_come_twenty_a_page_newest_first():
    anna, model = make_person(), make_model()
    for number in range(23):
        say(anna, model, str(number))
    assert [post.body for post in discussion_of(seen_by(None), model, 2).posts] == ["2", "1", "0"]
    assert discussion_of(seen_by(None), model, "nonsense").page.number == 1
    assert discussion_of(seen_by(None), model, 10**9).page.number == 2


@pytest.mark.parametrize("body", ["", "   ", "\n\t\r\n", "\u200b\u200d\ufeff", "\x00\x07"])
def test_a_comment_says_something(body):
    with pytest.raises(InvalidComment) as refused:
        say(make_person(), make_model(), body)
    assert refused.value.field == "body"


def test_a_comment_may_be_long_but_not_endless():
    anna, model = make_person(), make_model()
    assert say(anna, model, "x" * 20_000)
    with pytest.raises(InvalidComment):
        say(anna, model, "x" * 20_001)


def test_control_characters_go_and_the_rest_stays():
    comment = say(make_person(), make_model(), "a\x00b\r\nc\ud800 \u05d0 👩‍🔬")
    assert comment.body == "ab\nc \u05d0 👩‍🔬"


def test_the_same_form_sent_twice_lands_once():
    anna, model, key = make_person(), make_model(), uuid4()
    assert say(anna, model, "Once.", request_key=key) == say(anna, model, "Once.", request_key=key)
    assert Comment.objects.count() == 1


def test_the_same_form_with_other_words_is_another_comment():
    anna, model, key = make_person(), make_model(), uuid4()
    say(anna, model, "Once.", request_key=key)
    say(anna, model, "After going back.", request_key=key)
    say(anna, make_model(), "Once.", request_key=key)
    assert Comment.objects.count() == 3


def test_a_double_submit_after_an_edit_is_still_the_same_comment():
    anna, model, key = make_person(), make_model(), uuid4()
    comment = say(anna, model, "Once.", request_key=key)
    edit_comment(viewer=seen_by(anna), comment=comment, body="Changed.", revision=1)
    assert say(anna, model, "Once.", request_key=key).body == "Changed."
    assert Comment.objects.count() == 1


def test_one_persons_key_says_nothing_of_anothers():
    model, key = make_model(), uuid4()
    say(make_person(), model, "Same.", request_key=key)
    say(make_person(), model, "Same.", request_key=key)
    assert Comment.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_eight_equal_submits_at_once_land_once():
    anna, model, key = make_person(), make_model(), uuid4()
    barrier, made, errors = Barrier(6), [], []

    def send() -> None:
        try:
            viewer = seen_by(anna)
            barrier.wait(timeout=10)
            made.append(add_comment(viewer=viewer, model=model, body="Once.", request_key=key).pk)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert errors == []
    assert (len(made), len(set(made)), Comment.objects.count()) == (6, 1, 1)


def test_an_answer_stays_in_the_discussion_it_answers():
    anna, model, other = make_person(), make_model(), make_model()
    elsewhere = say(anna, other)
    with pytest.raises(NotVisible):
        say(anna, model, "Stray.", parent_id=elsewhere.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Comment.objects.create(model=model, parent=elsewhere, author=anna, body="Stray.")
        connection.check_constraints()


def test_hidden_models_have_no_discussion():
    boss, anna = make_person(is_superuser=True), make_person()
    model = make_model(visibility="restricted")
    comment = say(boss, model, "Secret.")
    for read in (
        lambda: discussion_of(seen_by(anna), model),
        lambda: get_comment(seen_by(anna), model, comment.pk),
        lambda: thread_of(seen_by(anna), comment),
        lambda: history_of(seen_by(anna), comment),
        lambda: say(anna, model),
        lambda: edit_comment(viewer=seen_by(anna), comment=comment, body="Mine.", revision=1),
        lambda: delete_comment(viewer=seen_by(anna), comment=comment),
        lambda: restore_comment(viewer=seen_by(anna), comment=comment),
    ):
        with pytest.raises(NotVisible):
            read()


def test_commenting_on_a_model_deleted_meanwhile_says_it_is_not_there():
    anna, model = make_person(), make_model()
    comment = say(anna, model)
    type(model).objects.filter(pk=model.pk).delete()
    with pytest.raises(NotVisible):
        say(anna, model)
    with pytest.raises(NotVisible):
        edit_comment(viewer=seen_by(anna), comment=comment, body="New.", revision=1)


def test_writing_needs_an_account_and_a_token_that_may_write():
    anna, model = make_person(), make_model()
    for viewer in (seen_by(None), seen_by(anna, read_only=True)):
        with pytest.raises(NotAllowed):
            add_comment(viewer=viewer, model=model, body="Hello.")


def test_an_edit_keeps_what_was_said_before():
    anna, model = make_person(), make_model()
    comment = say(anna, model, "Frist.")
    edit_comment(viewer=seen_by(anna), comment=comment, body="First.", revision=1)
    comment.refresh_from_db()
    assert (comment.body, comment.revision, comment.edited_at is not None) == ("First.", 2, True)
    assert [revision.body for revision in history_of(seen_by(None), comment)] == ["Frist."]


def test_only_the_author_edits_not_even_an_administrator():
    comment = say(make_person(), make_model())
    with pytest.raises(NotAllowed):
        edit_comment(
            viewer=seen_by(make_person(is_superuser=True)), comment=comment, body="Mine.", revision=1
        )


def test_an_edit_from_a_second_tab_sees_both_texts_and_changes_nothing():
    anna, model = make_person(), make_model()
    comment = say(anna, model, "One.")
    edit_comment(viewer=seen_by(anna), comment=comment, body="From the first tab.", revision=1)
    with pytest.raises(CommentConflict) as conflict:
        edit_comment(viewer=seen_by(anna), comment=comment, body="From the second tab.", revision=1)
    assert conflict.value.current.body == "From the first tab."
    assert conflict.value.yours == "From the second tab."
    assert Comment.objects.get().body == "From the first tab."
    edit_comment(viewer=seen_by(anna), comment=comment, body="Both.", revision=2)
    assert Comment.objects.get().body == "Both."


def test_the_same_edit_twice_is_one_edit():
    anna, model = make_person(), make_model()
    comment = say(anna, model, "One.")
    for _ in range(2):
        edit_comment(viewer=seen_by(anna), comment=comment, body="Two.", revision=1)
    assert CommentRevision.objects.count() == 1


def test_deleting_keeps_the_place_and_the_answers_and_takes_the_words():
    anna, model = make_person(), make_model()
    comment = say(anna, model, "Regrettable.")
    say(anna, model, "Indeed.", parent_id=comment.pk)
    delete_comment(viewer=seen_by(anna), comment=comment)
    threads = discussion_of(seen_by(None), model)
    assert (threads.posts[0].is_deleted, threads.posts[0].body) == (True, "")
    assert threads.posts[0].replies[0].body == "Indeed."
    assert threads.total == 1
    assert "Regrettable" not in Comment.objects.get(pk=comment.pk).body


def test_the_words_of_a_deleted_comment_are_for_moderators_only():
    anna, steward = make_person(), make_person()
    model = make_model(make_project(steward=steward))
    comment = say(anna, model, "Regrettable.")
    comment = delete_comment(viewer=seen_by(anna), comment=comment)
    assert [r.body for r in history_of(seen_by(steward), comment)] == ["Regrettable."]
    for user in (None, anna, make_person()):
        with pytest.raises(NotAllowed):
            history_of(seen_by(user), comment)


def test_authors_stewards_and_owners_delete_and_others_do_not():
    author, steward, owner, other = (make_person() for _ in range(4))
    project = make_project(steward=steward, contributor=other)
    model = make_model(project, owner=owner)
    for user in (author, steward, owner):
        comment = say(author, model)
        assert delete_comment(viewer=seen_by(user), comment=comment).deleted_at is not None
    with pytest.raises(NotAllowed):
        delete_comment(viewer=seen_by(other), comment=say(author, model))


def test_deleting_twice_is_deleting_once():
    anna, model = make_person(), make_model()
    comment = say(anna, model)
    first = delete_comment(viewer=seen_by(anna), comment=comment)
    again = delete_comment(viewer=seen_by(anna), comment=comment)
    assert (first.deleted_at, again.revision) == (again.deleted_at, 2)
    assert CommentRevision.objects.count() == 1


def test_a_deletion_can_be_undone_for_ten_minutes_by_who_deleted():
    anna, boss, model = make_person(), make_person(is_superuser=True), make_model()
    comment = say(anna, model, "Back again.")
    delete_comment(viewer=seen_by(anna), comment=comment)
    with pytest.raises(NotAllowed):
        restore_comment(viewer=seen_by(boss), comment=comment)
    restore_comment(viewer=seen_by(anna), comment=comment)
    comment.refresh_from_db()
    assert (comment.body, comment.deleted_at, comment.deleted_by) == ("Back again.", None, None)
    assert not CommentRevision.objects.exists()
    delete_comment(viewer=seen_by(anna), comment=comment)
    Comment.objects.update(deleted_at=timezone.now() - timedelta(minutes=11))
    with pytest.raises(InvalidComment):
        restore_comment(viewer=seen_by(anna), comment=comment)


def test_an_author_does_not_undo_what_a_moderator_deleted():
    anna, boss, model = make_person(), make_person(is_superuser=True), make_model()
    comment = say(anna, model)
    delete_comment(viewer=seen_by(boss), comment=comment)
    with pytest.raises(NotAllowed):
        restore_comment(viewer=seen_by(anna), comment=comment)


def test_a_deleted_comment_cannot_be_edited():
    anna, model = make_person(), make_model()
    comment = say(anna, model)
    delete_comment(viewer=seen_by(anna), comment=comment)
    with pytest.raises(InvalidComment):
        edit_comment(viewer=seen_by(anna), comment=comment, body="Zombie.", revision=2)


def test_each_is_offered_what_they_may_do():
    author, steward, model = make_person(), make_person(), None
    model = make_model(make_project(steward=steward))
    say(author, model)
    offered = {
        who: (post.may_reply, post.may_edit, post.may_delete)
        for who, user in {
            "author": author,
            "steward": steward,
            "other": make_person(),
            "nobody": None,
        }.items()
        for post in discussion_of(seen_by(user), model).posts
    }
    assert offered == {
        "author": (True, True, True),
        "steward": (True, False, True),
        "other": (True, False, False),
        "nobody": (False, False, False),
    }


def test_the_database_refuses_an_empty_comment():
    with pytest.raises(IntegrityError), transaction.atomic():
        Comment.objects.create(model=make_model(), author=make_person(), body="")
