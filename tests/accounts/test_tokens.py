"""API tokens: shown once, kept as a hash, refused when expired, revoked, or their person is inactive."""

import logging
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from accounts.authentication import TokenAuthentication, is_read_only
from accounts.models import ApiToken
from accounts.tokens import InvalidToken, create_token, digest_of, revoke_token, verify_token
from tests.makers import make_person

pytestmark = pytest.mark.django_db


def test_a_secret_opens_and_only_its_hash_is_kept():
    anna = make_person()
    token, secret = create_token(user=anna, name="pipeline", scope="write")
    assert secret.startswith("vtr_")
    assert len(secret) >= 40
    assert verify_token(secret).user == anna
    kept = ApiToken.objects.values().get()
    assert kept["digest"] == digest_of(secret)
    assert not any(secret in str(value) for value in kept.values())
    assert len(token.prefix) == 12


def test_two_secrets_are_never_alike():
    anna = make_person()
    assert len({create_token(user=anna, name=str(n))[1] for n in range(20)}) == 20


@pytest.mark.parametrize(
    "secret", ["", "vtr_", "vtr_wrong", "nothing", "vtr_" + "x" * 10_000, "vtr_\u0663", "vtr_\x00", "VTR_abc"]
)
def test_a_wrong_secret_opens_nothing(secret):
    with pytest.raises(InvalidToken):
        verify_token(secret)


def test_an_expired_token_opens_nothing():
    _token, secret = create_token(
        user=make_person(), name="short", expires_at=timezone.now() + timedelta(minutes=1)
    )
    assert verify_token(secret)
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(InvalidToken):
        verify_token(secret)


def test_a_revoked_token_opens_nothing_and_only_its_person_revokes():
    anna, bob = make_person(), make_person()
    token, secret = create_token(user=anna, name="x")
    assert not revoke_token(user=bob, token_id=token.pk)
    assert verify_token(secret)
    assert revoke_token(user=anna, token_id=token.pk)
    assert revoke_token(user=anna, token_id=token.pk)
    with pytest.raises(InvalidToken):
        verify_token(secret)


def test_the_token_of_someone_inactive_opens_nothing():
    anna = make_person()
    _, secret = create_token(user=anna, name="x")
    type(anna).objects.update(is_active=False)
    with pytest.raises(InvalidToken):
        verify_token(secret)


def test_the_last_use_is_noted_once_a_minute(django_assert_num_queries):
    _, secret = create_token(user=make_person(), name="x")
    with django_assert_num_queries(2):
        verify_token(secret)
    with django_assert_num_queries(1):
        verify_token(secret)
    ApiToken.objects.update(last_used_at=timezone.now() - timedelta(seconds=61))
    with django_assert_num_queries(2):
        verify_token(secret)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "x", "scope": "root"}, "scope"),
        ({"name": "x", "expires_at": timezone.now() - timedelta(days=1)}, "expires_at"),
    ],
)
def test_a_token_is_made_only_as_it_may_be(wrong, field):
    with pytest.raises(ValidationError) as refused:
        create_token(user=make_person(), **wrong)
    assert field in refused.value.message_dict


def test_names_are_unique_among_living_tokens():
    anna = make_person()
    token, _ = create_token(user=anna, name="pipeline")
    with pytest.raises(ValidationError):
        create_token(user=anna, name="pipeline")
    revoke_token(user=anna, token_id=token.pk)
    assert create_token(user=anna, name="pipeline")


def test_fifty_tokens_are_enough():
    anna = make_person()
    for number in range(50):
        create_token(user=anna, name=str(number))
    with pytest.raises(ValidationError):
        create_token(user=anna, name="one more")


def asked(header: str) -> Request:
    return Request(APIRequestFactory().get("/", HTTP_AUTHORIZATION=header))


@pytest.mark.parametrize("word", ["Bearer", "bearer", "Token"])
def test_a_program_says_who_it_is_in_the_header(word):
    anna = make_person()
    token, secret = create_token(user=anna, name="x")
    assert TokenAuthentication().authenticate(asked(f"{word} {secret}")) == (anna, token)


@pytest.mark.parametrize("header", ["", "Basic abc", "Negotiate x"])
def test_other_headers_are_left_to_others(header):
    assert TokenAuthentication().authenticate(asked(header)) is None


@pytest.mark.parametrize("header", ["Bearer", "Bearer a b", "Bearer vtr_wrong", "Token \u00ff"])
def test_a_wrong_header_is_refused_without_saying_why_or_what(header):
    with pytest.raises(AuthenticationFailed) as refused:
        TokenAuthentication().authenticate(asked(header))
    assert "vtr_wrong" not in str(refused.value)


def test_the_scope_tells_whether_it_may_only_read():
    anna = make_person()
    assert is_read_only(create_token(user=anna, name="r", scope="read")[0])
    assert not is_read_only(create_token(user=anna, name="w", scope="write")[0])
    assert not is_read_only(None)


@pytest.fixture
def signed_in():
    client = Client()
    client.force_login(make_person("anna"))
    return client


def test_the_page_shows_the_secret_exactly_once(signed_in, caplog):
    caplog.set_level(logging.DEBUG)
    page = signed_in.post(reverse("accounts:tokens"), {"name": "pipeline", "scope": "read", "lifetime": "30"})
    assert page.status_code == 201
    assert "no-store" in page["Cache-Control"]
    secret = page.context["secret"]
    assert page.content.decode().count(secret) == 1
    assert secret not in signed_in.get(reverse("accounts:tokens")).content.decode()
    assert secret not in caplog.text
    token = ApiToken.objects.get()
    assert 29 <= (token.expires_at - timezone.now()).days <= 30


def test_a_token_without_end_is_possible(signed_in):
    signed_in.post(reverse("accounts:tokens"), {"name": "x", "scope": "write", "lifetime": "never"})
    assert ApiToken.objects.get().expires_at is None


@pytest.mark.parametrize(
    "wrong",
    [{}, {"name": "", "scope": "read"}, {"name": "x", "scope": "root"}, {"name": "x", "lifetime": "7e9"}],
)
def test_a_wrong_form_makes_nothing(signed_in, wrong):
    assert signed_in.post(reverse("accounts:tokens"), wrong).status_code == 422
    assert not ApiToken.objects.exists()


def test_ones_own_token_is_revoked_by_a_button_and_no_other(signed_in):
    theirs, _ = create_token(user=make_person(), name="x")
    assert signed_in.post(reverse("accounts:token_revoke", args=[theirs.pk])).status_code == 404
    signed_in.post(reverse("accounts:tokens"), {"name": "mine", "scope": "read", "lifetime": "30"})
    mine = ApiToken.objects.get(name="mine")
    assert signed_in.get(reverse("accounts:token_revoke", args=[mine.pk])).status_code == 405
    assert signed_in.post(reverse("accounts:token_revoke", args=[mine.pk])).status_code == 302
    mine.refresh_from_db()
    assert mine.revoked_at is not None
