"""What someone may not see is in no page for them; and a closed site has no page for visitors."""

import re
from urllib.parse import quote

import pytest
from django.test import Client

from accounts.models import Team, User
from catalog.models import ModelTag, Project, RegisteredModel
from search.indexing import outbox
from tests.filling import OWN_PAGES, Shelf, make_term
from tests.makers import make_model, make_person, make_project

pytestmark = pytest.mark.django_db

OF_A_MODEL = (
    "model", "versions", "evaluations", "history", "discussion", "thread", "reviews", "version", "project", "compare"
)  # fmt: skip
EVERY_PAGE = (
    "home", "search", "project list", *OF_A_MODEL, "compare start", "tag", "term", "broader term", "people",
    "person", "teams", "team",
)  # fmt: skip


@pytest.fixture
def hushed(shelf) -> Shelf:
    """A restricted shelf whose every text says hush, but for the names of people and teams, which are no secret."""
    made = shelf("restricted", words="Hush")
    Project.objects.update(visibility="restricted")
    Project.objects.filter(pk=made.project.pk).update(name="Hush", description="Hush", purpose="Hush")
    for model in (made.model, made.other):
        RegisteredModel.objects.filter(pk=model.pk).update(name=f"Hush {model.name}")
    for team in Team.objects.all():
        name = team.slug.replace("hush", "plain")
        Team.objects.filter(pk=team.pk).update(name=name, slug=name)
    made.team.refresh_from_db()
    User.objects.exclude(pk=made.person.pk).update(is_active=False)
    return made


@pytest.fixture(params=["a visitor", "a stranger"])
def outsider(request, db) -> User | None:
    """Someone without a role anywhere: not signed in, or signed in."""
    return None if request.param == "a visitor" else make_person("stranger")


def plain(page: str, *secrets: str) -> str:
    """A page without what differs each time, and without the words of the question itself."""
    page = re.sub(r'csrf\w*" value="[^"]+|X-CSRFToken": "[^"]+', "", page)
    for secret in secrets:
        page = page.replace(secret, "").replace(quote(secret, safe=""), "")
    return page


@pytest.mark.parametrize("page", [*OF_A_MODEL, "tag"])
def test_a_page_of_what_is_not_seen_does_not_exist(hushed, read, outsider, page):
    address = hushed.addresses[page]
    assert "hush" not in plain(read(address, by=outsider, status=404), address).lower()
    read(address, by=hushed.person)


@pytest.mark.parametrize("tail", ["&format=csv", "&format=json", "&show=all"])
def test_a_comparison_with_what_is_not_seen_is_as_one_with_nothing(hushed, read, shelf, outsider, tail):
    pages = set()
    for ref in (hushed.model.ref, "no-such/model"):
        address = f"/compare?model={shelf().model.ref}&model={ref}{tail}"
        pages.add(re.sub(r"(project|model)-\d+", "", plain(read(address, by=outsider, status=404), ref)))
    assert len(pages) == 1


@pytest.mark.parametrize("version", ["", "@1", "@champion"])
def test_a_version_is_compared_only_where_its_model_is_seen(hushed, read, shelf, version):
    seen = shelf()
    hushed.model.versions.get(label="1").aliases.create(model=hushed.model, name="champion")
    address = f"/compare?model={seen.model.ref}&model={hushed.model.ref}{version}"
    read(address, status=404)
    read(address, by=hushed.person)


@pytest.mark.parametrize(
    "page", ["home", "search", "project list", "compare start", "person", "teams", "team"]
)
def test_a_list_tells_nothing_of_what_is_not_seen(hushed, read, outsider, page):
    assert "hush" not in read(hushed.addresses[page], by=outsider).lower()
    if page not in ("compare start", "teams"):
        assert "hush" in read(hushed.addresses[page], by=hushed.person).lower()


def test_a_list_counts_nothing_that_is_not_seen(hushed, read, outsider):
    assert "Search 0 models" in read("/", by=outsider)
    assert "0 projects." in read("/p/", by=outsider)
    assert not re.search(r"<small>\d+ models?</small>", read(hushed.person.get_absolute_url(), by=outsider))
    assert set(
        re.findall(r'<td class="num">\d+</td><td class="num">(\d+)</td>', read("/teams/", by=outsider))
    ) == {"0"}
    assert "None that you may see." in read(hushed.team.get_absolute_url(), by=outsider)


def test_a_project_counts_for_those_who_see_it(read):
    member = make_person()
    project = make_project("restricted", viewer=member)
    make_model(project)
    assert project.name in read("/p/", by=member)
    assert "1 project." in read("/p/", by=member)
    assert "0 projects." in read("/p/")


def test_projects_are_not_found_by_a_name_that_is_not_seen(hushed, read):
    assert "0 projects named like" in read("/p/?q=Hush")


def test_a_tag_shows_only_the_models_that_are_seen(read, hushed):
    tag = hushed.model.model_tags.get().tag
    seen = make_model(name="Seen model")
    ModelTag.objects.create(model=seen, tag=tag)
    page = read(tag.get_absolute_url())
    assert "Seen model" in page
    assert "Models <small>1</small>" in page
    assert hushed.model.name not in page


def test_a_term_shows_and_counts_only_the_models_that_are_seen(read, hushed):
    term = hushed.model.classifications.filter(version=None)[0].term
    page = read(term.get_absolute_url())
    assert "None that you may see." in page
    assert "Models <small>0</small>" in page
    assert hushed.model.name not in page
    assert hushed.model.name in read(term.get_absolute_url(), by=hushed.person)


def test_a_narrower_term_that_only_hidden_models_carry_is_not_offered(read, hushed):
    child = hushed.model.classifications.filter(version=None)[0].term
    broader = child.parent.get_absolute_url()
    link = f'href="{child.get_absolute_url()}"'
    assert link not in read(broader)
    assert link in read(broader, by=hushed.person)
    assert make_term("task", "hushparent").get_absolute_url() == broader


def test_what_one_kept_is_gone_from_ones_pages_with_the_right_to_see_it(hushed, read):
    reader = hushed.person
    for page in ("/", "/me/bookmarks", "/me/notifications"):
        assert "Hush" in read(page, by=reader)
    reader.memberships.all().delete()
    for page in ("/", "/me/bookmarks", "/me/notifications"):
        assert "Hush" not in read(page, by=reader), page


@pytest.mark.parametrize("page", OF_A_MODEL)
def test_an_internal_page_is_for_those_signed_in(shelf, read, page):
    address = shelf("internal").addresses[page]
    read(address, status=404)
    read(address, by=make_person())


def test_internal_models_are_in_the_lists_of_those_signed_in_only(read):
    make_model(make_project("internal"), name="Inside")
    for page in ("/", "/search", "/p/"):
        assert "Inside" not in read(page)
    assert "Search 0 models" in read("/")
    assert "0 projects." in read("/p/")
    reader = make_person()
    assert "Inside" in read("/", by=reader)
    assert "1 project." in read("/p/", by=reader)


def test_sensitive_attributes_are_for_those_who_may_edit(shelf, read):
    held = shelf()
    definition = held.model.attribute_values.filter(type="text")[0].definition
    held.model.attribute_values.filter(definition=definition).update(text="Whispered")
    pages = [held.addresses["model"], held.addresses["compare"], held.addresses["compare"] + "&format=json"]
    for page in pages:
        assert "Whispered" in read(page)
    definition.is_sensitive = True
    definition.save()
    for page in pages:
        assert "Whispered" not in read(page)
        assert "Whispered" not in read(page, by=make_person())
        assert "Whispered" in read(page, by=held.person)


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_a_closed_site_leads_visitors_to_the_sign_in(shelf, client, read, settings, page):
    address = shelf().addresses[page]
    settings.VITRINE_SITE_OPEN = False
    response = client.get(address)
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in?next=/")
    assert not response.content
    read(address, by=make_person())


@pytest.mark.parametrize(
    "address", ["/p/none", "/p/none/none", "/tags/none", "/terms/task/none", "/people/none"]
)
def test_a_closed_site_does_not_tell_what_exists(client, settings, address):
    settings.VITRINE_SITE_OPEN = False
    assert client.get(address)["Location"] == f"/sign-in?next={address}"


@pytest.mark.parametrize("file", ["csv", "json"])
def test_a_closed_site_gives_visitors_no_download(shelf, client, settings, file):
    address = shelf().addresses["compare"]
    settings.VITRINE_SITE_OPEN = False
    assert client.get(f"{address}&format={file}").status_code == 302


@pytest.mark.parametrize(
    "address", ["/sign-in", "/healthz", "/readyz", "/search/suggest?q=mod", "/api/v1/models"]
)
def test_a_closed_site_still_answers_what_shows_nothing_of_it(shelf, client, settings, address):
    held = shelf()
    settings.VITRINE_SITE_OPEN = False
    response = client.get(address)
    assert response.status_code == 200
    assert held.model.slug not in response.content.decode()


def test_a_closed_site_gives_back_words_typed_by_someone_signed_out(shelf, settings):
    held = shelf()
    settings.VITRINE_SITE_OPEN = False
    response = Client().post(f"{held.addresses['model']}/comments", {"body": "Half an hour of work."})
    assert response.status_code == 404
    assert "Half an hour of work." in response.content.decode()


@pytest.mark.parametrize("address", OWN_PAGES)
def test_ones_own_page_shows_nothing_of_others(shelf, read, address):
    shelf(words="Hush")
    outbox.drain_all()
    assert "Hush" not in read(address, by=make_person())
