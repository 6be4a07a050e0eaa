"""Webhooks arrive signed, in order, and none is lost: a real HTTP server receives them."""

import base64
import hashlib
import hmac
import json
import socket
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from alerts import touched
from alerts.delivery import messages, signing, webhooks
from alerts.models import Attempt, Delivery, Endpoint
from core import safe_http
from tests.makers import make_model, make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def endpoint(receiver):
    return Endpoint.objects.create(name="Pager", url=receiver.url)


@pytest.fixture
def waiting(endpoint):
    """`waiting(3)`: so many messages in the queue, numbered from 1."""

    def put(number: int, to: Endpoint | None = None) -> list[str]:
        to = to or endpoint
        made = [
            Delivery(
                endpoint=to, message_id=messages.message_id(), type="alert.test", body=f'{{"n":{n},"é":1}}'
            )
            for n in range(1, number + 1)
        ]
        return [row.body for row in Delivery.objects.bulk_create(made)]

    return put


def until_done(seconds: float = 20) -> None:
    """What the worker's thread does, until nothing waits."""
    deadline = time.monotonic() + seconds
    while Delivery.objects.filter(state="waiting").exists():
        assert time.monotonic() < deadline, "something still waits"
        if not webhooks.step():
            time.sleep(0.01)


def verified(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """A receiver's own check, written anew from the words of Standard Webhooks."""
    key = base64.b64decode(secret[len("whsec_") :])
    text = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    expected = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return f"v1,{expected}" in headers["webhook-signature"].split(" ")


def test_the_signature_is_that_of_the_standards_own_example():
    body = b'{"test": 2432232314}'
    signed = signing.signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_an_alert_arrives_signed_and_says_what_happened(rule, arrives, look, receiver, endpoint):
    made = rule(endpoints=[endpoint], severity="critical")
    model = make_model()
    arrives(model, 0.5)
    look()
    arrives(model, 0.9)
    look()
    assert webhooks.drain_all() == 2
    (headers, body), (_, second) = receiver.got
    assert verified(signing.secret_of(endpoint.nonce), headers, body)
    assert not verified(signing.secret_of("other"), headers, body)
    assert not verified(signing.secret_of(endpoint.nonce), headers, body + b" ")
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 5
    said = json.loads(body)
    assert said["type"] == "alert.fired" and json.loads(second)["type"] == "alert.cleared"
    assert said["data"]["model"]["ref"] == model.ref
    assert (
        said["data"]["rule"] | {"name": made.name, "severity": "critical", "threshold": 0.8}
        == said["data"]["rule"]
    )
    assert said["data"]["value"] == 0.5 and said["data"]["version"] == "1"
    assert list(Delivery.objects.values_list("state", flat=True)) == ["delivered"] * 2


def test_a_receiver_that_is_down_for_a_while_loses_nothing(receiver, endpoint, waiting):
    receiver.down()
    sent = waiting(5)
    for _ in range(3):
        time.sleep(0.15)
        webhooks.step()
    assert Delivery.objects.filter(state="waiting").count() == 5
    assert Attempt.objects.count() >= 2
    receiver.up()
    until_done()
    assert [body.decode() for _, body in receiver.got] == sent
    for headers, body in receiver.got:
        assert verified(signing.secret_of(endpoint.nonce), headers, body)
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 5


@pytest.mark.parametrize("column", ["leased_until", "next_at"])
def test_what_a_clock_that_was_ahead_put_off_is_sent(receiver, endpoint, waiting, column):
    sent = waiting(2)
    Endpoint.objects.update(**{column: timezone.now() + timedelta(days=400)})
    assert webhooks.drain_all() == 2
    assert [body.decode() for _, body in receiver.got] == sent


def test_errors_and_slow_answers_are_tried_again_in_order(settings, receiver, waiting):
    settings.VITRINE_WEBHOOK_TIMEOUT = 0.3
    sent = waiting(4)
    receiver.answers = [500, 503, 200, 429]
    until_done()
    arrived = [body.decode() for _, body in receiver.got]
    assert arrived == [sent[0]] * 3 + [sent[1]] * 2 + sent[2:]
    receiver.got.clear()
    slow = waiting(2)
    receiver.delay = 0.6
    webhooks.step()
    assert Attempt.objects.latest("pk").error == "No answer within 0.3 s."
    receiver.delay = 0
    until_done()
    time.sleep(0.4)  # the slow one is written down by the receiver after its answer was waited for in vain
    bodies = [body.decode() for _, body in receiver.got]
    ids = {headers["webhook-id"] for headers, _ in receiver.got}
    assert set(bodies) == set(slow)
    assert len(ids) == 2  # doubled only where the receiver did not answer, and then under the same id


def test_an_answer_that_drips_is_cut_off_at_the_deadline(settings, waiting, endpoint):
    """One byte a tenth of a second, for ever: each read is in time, all of them together are not."""
    settings.VITRINE_WEBHOOK_TIMEOUT = 0.5
    server = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drip() -> None:
        connection_, _ = server.accept()
        try:
            while not stop.is_set():
                connection_.sendall(b"H")
                time.sleep(0.1)
        except OSError:
            pass
        connection_.close()

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    Endpoint.objects.update(url=f"http://127.0.0.1:{server.getsockname()[1]}/")
    waiting(1)
    before = time.monotonic()
    webhooks.step()
    assert time.monotonic() - before < 2
    assert Attempt.objects.get().error
    stop.set()
    server.close()


def test_the_pause_doubles_with_jitter_up_to_an_hour(settings):
    settings.VITRINE_WEBHOOK_FIRST_PAUSE = 5
    for failures, whole in ((1, 5), (2, 10), (5, 80), (30, 3600)):
        pauses = [webhooks.pause_after(failures) for _ in range(50)]
        assert 0.59 * whole < min(pauses) < max(pauses) <= whole
        assert len(set(pauses)) > 10


def test_one_endpoint_that_is_down_holds_up_no_other(receiver, waiting):
    away = Endpoint.objects.create(name="Away", url="http://127.0.0.1:9/")
    waiting(2, away)
    sent = waiting(2)
    for _ in range(4):
        webhooks.step()
    assert [body.decode() for _, body in receiver.got] == sent
    assert Delivery.objects.filter(endpoint=away, state="waiting").count() == 2


def test_what_was_in_vain_for_a_day_is_given_up_and_the_rest_goes_on(receiver, endpoint, waiting):
    waiting(2)
    Delivery.objects.filter(pk=Delivery.objects.earliest("pk").pk).update(
        waiting_since=timezone.now() - timedelta(hours=25)
    )
    receiver.answers = [500]
    webhooks.step()
    assert list(Delivery.objects.order_by("pk").values_list("state", flat=True)) == ["failed", "waiting"]
    until_done()
    assert len(receiver.got) == 2


def test_a_receiver_that_is_gone_is_turned_off(receiver, endpoint, waiting):
    waiting(2)
    receiver.answers = [410]
    webhooks.drain_all()
    endpoint.refresh_from_db()
    assert not endpoint.is_enabled
    assert set(Delivery.objects.values_list("state", flat=True)) == {"failed"}
    assert len(receiver.got) == 1


def test_after_a_rotation_both_secrets_sign_for_a_while(receiver, endpoint, waiting):
    old = signing.secret_of(endpoint.nonce)
    Endpoint.objects.update(
        old_nonce=endpoint.nonce, nonce="b" * 48, old_until=timezone.now() + timedelta(hours=1)
    )
    waiting(1)
    webhooks.drain_all()
    headers, body = receiver.got[0]
    assert verified(old, headers, body) and verified(signing.secret_of("b" * 48), headers, body)
    Endpoint.objects.update(old_until=timezone.now())
    waiting(1)
    webhooks.drain_all()
    headers, body = receiver.got[1]
    assert not verified(old, headers, body) and verified(signing.secret_of("b" * 48), headers, body)


def test_an_endpoint_of_a_project_hears_of_no_other(rule, arrives, look, receiver):
    project = make_project()
    mine, other = make_model(project), make_model()
    endpoint = Endpoint.objects.create(name="Mine", url=receiver.url, project=project)
    rule(endpoints=[endpoint])
    arrives(mine, 0.5)
    arrives(other, 0.5)
    look()
    webhooks.drain_all()
    assert [json.loads(body)["data"]["model"]["ref"] for _, body in receiver.got] == [mine.ref]


@pytest.mark.django_db(transaction=True)
def test_two_workers_side_by_side_double_nothing(receiver, rule, arrives):
    endpoint = Endpoint.objects.create(name="Pager", url=receiver.url)
    rule(endpoints=[endpoint])
    models = [make_model() for _ in range(12)]
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            touched.step()
            webhooks.step()
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for model in models:
        arrives(model, 0.5)
    deadline = time.monotonic() + 20
    while Delivery.objects.filter(state="delivered").count() < 12 and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    for worker in workers:
        worker.join(20)
    refs = [json.loads(body)["data"]["model"]["ref"] for _, body in receiver.got]
    assert sorted(refs) == sorted(model.ref for model in models)
    assert [delivery.body.encode() for delivery in Delivery.objects.order_by("pk")] == [
        b for _, b in receiver.got
    ]


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_while_sending_leaves_the_message_waiting(receiver, monkeypatch):
    endpoint = Endpoint.objects.create(name="Pager", url=receiver.url)
    Delivery.objects.create(endpoint=endpoint, message_id="msg_1", type="alert.test", body="{}")
    monkeypatch.setattr(safe_http, "post", lambda *given: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        webhooks.step()
    monkeypatch.undo()
    receiver_waits = Delivery.objects.get()
    assert receiver_waits.state == "waiting"
    Endpoint.objects.update(leased_until=timezone.now() - timedelta(seconds=1))  # as if the lease had ended
    webhooks.step()
    assert Delivery.objects.get().state == "delivered"


# ── what may not be reached ───────────────────────────────────────────────────────────────────────

PRIVATE = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://017700000001/",
    "http://0.0.0.0/",
    "http://10.1.2.3/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[fd00:ec2::254]/",
    "http://[fe80::1]/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://localhost/",
    "http://localhost./",
    "https://192.0.2.1/",
]
NO_ADDRESS = [
    "ftp://example.org/",
    "file:///etc/passwd",
    "gopher://example.org/",
    "http://",
    "http:///x",
    "http://user:secret@example.org/",
    "http://example.org:99999/",
    "javascript:alert(1)",
    "http://exa mple.org/",
    "http://example.org/\r\nX-Evil: 1",
]


@pytest.mark.parametrize("url", PRIVATE)
def test_no_private_address_is_connected_to(settings, url):
    settings.VITRINE_WEBHOOK_HOSTS = []
    with pytest.raises(safe_http.Refused, match="private network"):
        safe_http.post(url, b"{}", {})


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_what_is_no_web_address_is_refused(url):
    with pytest.raises(safe_http.Refused):
        safe_http.check_url(url)
    with pytest.raises(safe_http.Refused):
        safe_http.post(url, b"{}", {})


@pytest.mark.parametrize(
    "url", ["https://example.org/hook", "http://8.8.8.8:8080/x", "https://[2606:4700::1111]/"]
)
def test_public_addresses_are_fine(url):
    safe_http.check_url(url)


def test_a_name_that_leads_inside_is_refused_when_connecting(settings, receiver, monkeypatch):
    """Rebinding: the name was public when the endpoint was saved, and is not any more."""
    settings.VITRINE_WEBHOOK_HOSTS = []
    url = f"http://rebound.example:{receiver.port}/"
    safe_http.check_url(url)
    real = socket.getaddrinfo
    answers = [("93.184.215.14", receiver.port), ("127.0.0.1", receiver.port)]
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *given, **more: (
            [(socket.AF_INET, socket.SOCK_STREAM, 6, "", answer) for answer in answers]
            if host == "rebound.example"
            else real(host, *given, **more)
        ),
    )
    with pytest.raises(safe_http.Refused, match="private network"):
        safe_http.post(url, b"{}", {})
    assert receiver.got == []


def test_the_checked_address_is_the_one_connected_to(settings, receiver, monkeypatch):
    """The name is asked for once: whatever it would say a second time has no part in it."""
    asked = []

    def once(host, port, *given, **more):
        asked.append(host)
        answer = "127.0.0.1" if len(asked) == 1 else "10.255.255.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answer, port))]

    settings.VITRINE_WEBHOOK_HOSTS = ["127.0.0.0/8"]
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *g, **m: once(host, *g, **m) if host == "once.example" else real(host, *g, **m),
    )
    assert safe_http.post(f"http://once.example:{receiver.port}/", b"{}", {}) == 200
    assert asked == ["once.example"]
    assert receiver.got[0][0]["host"] == f"once.example:{receiver.port}"


def test_no_redirect_is_followed(receiver, waiting):
    receiver.redirect = f"{receiver.url}/elsewhere"
    receiver.answers = [302]
    waiting(1)
    webhooks.step()
    assert len(receiver.got) == 1
    assert Attempt.objects.get().status == 302
    assert Delivery.objects.get().state == "waiting"


def test_no_proxy_of_the_environment_is_asked(receiver, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert safe_http.post(receiver.url, b"{}", {}) == 200
