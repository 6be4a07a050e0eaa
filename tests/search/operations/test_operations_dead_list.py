"""The dead list: what stands there, tried again or forgotten."""

from datetime import timedelta

import pytest
from django.utils import timezone

from search.indexing import outbox
from search.models import DeadLetter, Outbox, SearchDocument
from tests.search.operations.conftest import API, PAGE, press, read

pytestmark = pytest.mark.django_db


def test_a_dead_entry_shows_its_model_reason_and_attempts(client, boss, model, buried):
    made = model("odd one")
    buried(made)
    buried(made)
    page = read(client)
    assert f'<a href="{made.get_absolute_url()}">odd one</a>' in page
    assert "ValueError: odd facts &lt;script&gt;" in page
    assert "2 attempts" in page
    assert "1 document could not be carried" in page
    entry = client.get(API).json()["dead_entries"][0]
    assert (entry["model"], entry["stage"], entry["attempts"]) == (made.ref, "build", 2)


def test_trying_one_again_carries_it_and_leaves_the_others(client, boss, model, buried):
    one, two = model("one"), model("two")
    buried(one, two)
    buried.mend()
    entry = DeadLetter.objects.get(model_id=one.pk)
    page = press(client, "retry", entry=entry.pk)
    assert "The document is being carried again" in page
    assert page.count("about to be tried") == 1
    outbox.drain_all()
    assert list(DeadLetter.objects.values_list("model_id", flat=True)) == [two.pk]
    assert SearchDocument.objects.get(pk=one.pk).name == "one"


def test_trying_all_again_carries_all(client, boss, model, buried):
    buried(*(model(f"m{n}") for n in range(3)))
    buried.mend()
    assert "3 documents are being carried again" in press(client, "retry")
    outbox.drain_all()
    assert not DeadLetter.objects.exists()
    assert "All is well" in read(client)


def test_an_entry_that_fails_again_stays_with_one_more_attempt(client, boss, model, buried):
    buried(model("odd"))
    press(client, "retry")
    outbox.drain_all()
    assert DeadLetter.objects.get().attempts == 2


def test_only_entries_of_models_that_are_gone_can_be_forgotten(client, boss, model, buried, settings):
    kept, gone = model("kept"), model("gone")
    buried(kept, gone)
    gone_pk, entries = gone.pk, dict(DeadLetter.objects.values_list("model_id", "pk"))
    gone.delete()
    page = read(client)
    assert f"Model {gone_pk}" in page and "no longer in the catalog" in page
    assert page.count(">Forget<") == 1
    assert "try again, or mend the model" in press(client, "forget", entry=entries[kept.pk])
    press(client, "forget", entry=entries[gone_pk])
    assert list(DeadLetter.objects.values_list("model_id", flat=True)) == [kept.pk]


def test_what_an_engine_refused_can_be_forgotten_when_there_is_no_engine_any_more(
    client, boss, model, settings
):
    made = model("m")
    letter = DeadLetter.objects.create(model_id=made.pk, stage="engine", reason="400")
    settings.OPENSEARCH_URL = "http://127.0.0.1:9"
    press(client, "forget", entry=letter.pk)
    assert DeadLetter.objects.count() == 1
    settings.OPENSEARCH_URL = ""
    press(client, "forget", entry=letter.pk)
    assert not DeadLetter.objects.exists()


@pytest.mark.parametrize("entry", ["0", "-1", "x", "", "9" * 30, "1; DELETE"])
def test_an_odd_entry_is_answered_in_words(client, boss, entry):
    outbox.drain_all()
    assert "Nothing to try" in press(client, "retry", entry=entry)
    assert "It has left the list already." in press(client, "forget", entry=entry)
    assert "It had ended already." in press(client, "stop", job=entry)
    assert not Outbox.objects.exists()


def test_the_dead_list_has_pages_and_any_page_number_is_answered(client, boss):
    DeadLetter.objects.bulk_create(
        DeadLetter(
            model_id=n, stage="build", reason=f"reason-{n:02}", failed_at=timezone.now() - timedelta(n)
        )
        for n in range(25)
    )
    first, third = read(client), read(client, f"{PAGE}?page=3")
    assert "reason-00" in first and "reason-09" in first and "reason-10" not in first
    assert "reason-20" in third and "reason-19" not in third
    for number in ("99", "0", "x", "9" * 40):
        assert "reason-" in read(client, f"{PAGE}?page={number}")


def test_the_api_tries_chosen_dead_entries_again_or_all(client, boss, model, buried):
    one, two = model("one"), model("two")
    buried(one, two)
    entry = DeadLetter.objects.get(model_id=one.pk).pk

    def retry(body):
        answer = client.post(f"{API}/retry", body, content_type="application/json")
        return answer.status_code, answer.json().get("models")

    assert retry({"entries": [entry]}) == (202, 1)
    assert list(Outbox.objects.values_list("model_id", flat=True)) == [one.pk]
    assert retry({}) == (202, 2)
    assert retry({"entries": []}) == (202, 0)
    assert retry({"entries": [2**63]})[0] == 400
    assert retry({"all": True})[0] == 400
