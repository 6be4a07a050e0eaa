"""Signing in and out, the profile, and what keeps guessers out."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.makers import make_person, make_team

pytestmark = pytest.mark.django_db
PASSWORD = "a long and private password"


@pytest.fixture
def anna():
    return make_person("Anna", name="Anna A.", password=PASSWORD)


def sign_in(client: Client, **fields):
    return client.post(reverse("accounts:sign_in"), {"username": "Anna", "password": PASSWORD, **fields})


def test_the_right_password_opens_and_leads_on(client, anna):
    response = sign_in(client, next="/me/bookmarks")
    assert (response.status_code, response["Location"]) == (302, "/me/bookmarks")
    assert client.session["_auth_user_id"] == str(anna.pk)


@pytest.mark.parametrize("typed", ["anna", "ANNA", " Anna "])
def test_the_name_may_be_written_in_any_case(client, anna, typed):
    assert sign_in(client, username=typed).status_code == 302


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:evil.example",
    ],
)
def test_signing_in_leads_to_no_other_site(client, anna, target):
    assert sign_in(client, next=target)["Location"] == "/"


def test_the_session_is_another_after_signing_in(client, anna):
    session = client.session
    session["planted"] = "by someone else"
    session.save()
    before = client.session.session_key
    client.cookies["sessionid"] = before
    sign_in(client)
    assert client.session.session_key != before


@pytest.mark.parametrize(
    "wrong", [{"password": "no"}, {"username": "nobody"}, {"username": "", "password": ""}]
)
def test_a_wrong_password_and_an_unknown_name_look_alike(client, anna, wrong):
    response = sign_in(client, **wrong)
    assert response.status_code == 200
    assert "_auth_user_id" not in client.session
    if wrong.get("username") != "":
        assert "The user name or the password is not right." in response.content.decode()


def test_someone_inactive_stays_out(client, anna):
    type(anna).objects.update(is_active=False)
    assert sign_in(client).status_code == 200
    assert "_auth_user_id" not in client.session


def test_guessing_is_stopped_kindly_even_with_changing_case(client, anna, settings):
    settings.AXES_FAILURE_LIMIT = 4
    for name in ("anna", "Anna", "ANNA", "aNNa"):
        response = sign_in(client, username=name, password="guess")
    assert response.status_code == 429
    assert "Too many tries." in response.content.decode()
    assert sign_in(client).status_code == 429
    assert "_auth_user_id" not in client.session


def test_signing_out_needs_a_post(client, anna):
    client.force_login(anna)
    assert client.get(reverse("accounts:sign_out")).status_code == 405
    assert client.post(reverse("accounts:sign_out")).status_code == 302
    assert "_auth_user_id" not in client.session


def test_a_demo_lists_its_accounts_and_others_do_not(client, settings):
    guest = make_person("dora", name="Dora D.", is_demo=True)
    make_team("Vision", guest)
    make_person("private-person")
    settings.VITRINE_DEMO, settings.VITRINE_DEMO_PASSWORD = True, "demo-words"
    page = client.get(reverse("accounts:sign_in")).content.decode()
    assert "dora" in page
    assert "Vision" in page
    assert "demo-words" in page
    assert "private-person" not in page
    settings.VITRINE_DEMO = False
    page = client.get(reverse("accounts:sign_in")).content.decode()
    assert "dora" not in page
    assert "demo-words" not in page


def test_the_profile_is_changed_by_its_person(client, anna):
    client.force_login(anna)
    assert client.get(reverse("accounts:profile")).status_code == 200
    fields = {
        "name": " Anna\u202e  B. ",
        "bio": "Hello <script>",
        "email": "anna@example.org",
        "is_superuser": "1",
    }
    assert client.post(reverse("accounts:profile"), fields).status_code == 302
    anna.refresh_from_db()
    assert (anna.name, anna.bio, anna.email) == ("Anna B.", "Hello <script>", "anna@example.org")
    assert not anna.is_superuser


@pytest.mark.parametrize("wrong", [{"email": "no"}, {"name": "x" * 151}, {"bio": "x" * 2001}])
def test_a_wrong_profile_changes_nothing(client, anna, wrong):
    client.force_login(anna)
    response = client.post(reverse("accounts:profile"), {"name": "New", "bio": "", "email": "", **wrong})
    assert response.status_code == 422
    anna.refresh_from_db()
    assert anna.name == "Anna A."


def change(client: Client, old: str, new: str):
    fields = {"form": "password", "old_password": old, "new_password1": new, "new_password2": new}
    return client.post(reverse("accounts:profile"), fields)


def test_a_new_password_ends_other_sessions_and_keeps_this_one(client, anna):
    other = Client()
    for browser in (client, other):
        sign_in(browser)
    assert change(client, PASSWORD, "quite another password 7").status_code == 302
    assert client.get(reverse("accounts:profile")).status_code == 200
    assert other.get(reverse("accounts:profile")).status_code == 302


@pytest.mark.parametrize(
    ("old", "new"), [("wrong", "quite another password 7"), (PASSWORD, "12345678"), (PASSWORD, "short")]
)
def test_a_wrong_old_or_weak_new_password_changes_nothing(client, anna, old, new):
    client.force_login(anna)
    assert change(client, old, new).status_code == 422
    anna.refresh_from_db()
    assert anna.check_password(PASSWORD)


def test_a_demo_account_keeps_its_password(client):
    guest = make_person("dora", is_demo=True, password="demo-words")
    client.force_login(guest)
    change(client, "demo-words", "quite another password 7")
    guest.refresh_from_db()
    assert guest.check_password("demo-words")


@pytest.mark.parametrize("name", ["profile", "tokens"])
def test_ones_own_pages_ask_for_sign_in(client, name):
    assert client.get(reverse(f"accounts:{name}"))["Location"].startswith("/sign-in?next=/me")
