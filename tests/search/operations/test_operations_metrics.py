"""Metrics of search: what they tell, what they never tell, and that the documentation names them all."""

import re
import time
from datetime import timedelta

import pytest
import yaml
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from search import service
from search.indexing import bulk, outbox
from search.models import Job, Outbox
from search.operations import metrics
from tests.search.operations.conftest import ROOT, done_by_a_worker, plant, samples

pytestmark = pytest.mark.django_db


def test_metrics_tell_queues_lag_dead_and_documents(model, buried):
    buried(model("odd"))
    model("fine")
    outbox.drain_all()
    Outbox.objects.create(model_id=1, enqueued_at=timezone.now() - timedelta(seconds=90))
    found = samples()
    assert found["vitrine_search_outbox_rows"] == 1
    assert found["vitrine_search_outbox_lag_seconds"] == pytest.approx(90, abs=5)
    assert found['vitrine_search_dead_entries{stage="build"}'] == 1
    assert found['vitrine_search_dead_entries{stage="engine"}'] == 0
    assert (found["vitrine_search_models"], found["vitrine_search_documents"]) == (2, 1)
    assert (found["vitrine_search_engine_configured"], found["vitrine_search_database_up"]) == (0, 1)
    assert "vitrine_search_engine_up" not in found
    assert "vitrine_search_last_check_differences" not in found


def test_metrics_count_what_workers_carried_since_the_beginning(model, buried):
    before = samples()
    buried(model("odd"))
    model("fine")
    outbox.drain_all()
    after = samples()
    grown = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert grown["vitrine_search_claims_total"] >= 2
    assert grown["vitrine_search_documents_carried_total"] == 1
    assert grown["vitrine_search_build_failures_total"] == 1


def test_metrics_tell_the_last_whole_check(boss, model):
    made = model("m")
    outbox.drain_all()
    plant(made, body={})
    done_by_a_worker("check", boss)
    found = samples()
    assert found["vitrine_search_last_check_differences"] == 1
    assert found["vitrine_search_last_check_timestamp_seconds"] == pytest.approx(time.time(), abs=20)


def test_an_engine_that_is_away_shows_in_metrics(model, settings):
    model("m")
    outbox.drain_all()
    settings.OPENSEARCH_URL = "http://127.0.0.1:9"
    found = samples()
    assert (found["vitrine_search_engine_configured"], found["vitrine_search_engine_up"]) == (1, 0)
    assert found["vitrine_search_engine_queue_rows"] == 1
    with pytest.raises(Exception, match="no index"):
        bulk.step()


def test_metrics_take_one_statement(model):
    model("m")
    with CaptureQueriesContext(connection) as queries:
        metrics.text()
    assert len(queries) == 1


def test_metrics_hold_no_word_of_any_model(model, buried):
    made = model("zyxname", task="zyxtask", visibility="restricted")
    buried(made)
    text = metrics.text().decode()
    assert "zyx" not in text and "odd facts" not in text
    labels = set(re.findall(r'\{(\w+)="(\w+)"\}', text))
    assert labels == {
        ("stage", "build"),
        ("stage", "engine"),
        ("outcome", "landed"),
        ("outcome", "put_off"),
        ("outcome", "refused"),
    }


def test_metrics_answer_while_postgres_does_not():
    with transaction.atomic():
        with pytest.raises(Exception, match="division by zero"), connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        assert samples() == {"vitrine_search_database_up": 0}
        transaction.set_rollback(True)


@pytest.mark.parametrize("many_processes", [False, True])
def test_any_web_process_answers_for_all(client, model, monkeypatch, tmp_path, many_processes):
    if many_processes:
        monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    model("m")
    text = client.get("/metrics", REMOTE_ADDR="127.0.0.1").content
    assert samples(text)["vitrine_search_outbox_rows"] > 0
    assert text.count(b"# TYPE vitrine_search_outbox_rows ") == 1


def test_an_open_breaker_shows_in_metrics_until_the_engine_is_back(client):
    breaker = service.Breaker(failures=2)
    breaker.failed()
    breaker.failed()
    answer = client.get("/metrics", REMOTE_ADDR="127.0.0.1").content
    assert b"\nvitrine_search_breaker_open 1.0" in answer
    breaker.succeeded()
    assert b"\nvitrine_search_breaker_open 0.0" in client.get("/metrics", REMOTE_ADDR="127.0.0.1").content


def test_the_documentation_and_its_alert_rules_name_the_metrics_there_are(boss, model, settings):
    settings.OPENSEARCH_URL = "http://127.0.0.1:9"
    model("m")
    outbox.drain_all()
    Job.objects.create(
        kind="check", state="done", alive_until=timezone.now(), finished_at=timezone.now(), differences=0
    )
    known = {name.partition("{")[0] for name in samples()}
    known |= {"vitrine_search_engine_documents", "vitrine_search_breaker_open"}
    told = (ROOT / "docs" / "operators.md").read_text()
    assert set(re.findall(r"\bvitrine_search_\w+", told)) == known
    rules = yaml.safe_load((ROOT / "docs" / "prometheus-rules.yml").read_text())
    expressions = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    named = {name for one in expressions for name in re.findall(r"\bvitrine_search_\w+", one)}
    assert named and named <= known
    assert all(rule["annotations"]["summary"] for group in rules["groups"] for rule in group["rules"])
