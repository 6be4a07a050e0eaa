"""Whatever is asked for or was written down: no page breaks, and no script comes alive."""

from html import escape
from html.parser import HTMLParser

import pytest
from django.test import Client

from catalog.models import ModelVersion, Paper, Project, RegisteredModel
from search.indexing import outbox
from tests.filling import OWN_PAGES, Shelf
from tests.makers import make_model

pytestmark = pytest.mark.django_db

ODD_PAGES = ["0", "-1", str(10**30), "abc", "", "1.5", "%D9%A3", "%00", "999999999", "1&page=2"]
ODD_TEXTS = ["%00", "%ff%fe", "%ED%A0%80", "%F0%9F%98%80", "%E2%80%AE", "%27%22%3C", "%25_%5C", "x" * 5000]
ODD_QUERIES = [f"page={page}" for page in ODD_PAGES] + ["no=such", "=", "&&&", "%00=%00", "q=%00&q=%00"]
ODD_REFS = [
    "", "a", "a/b", "a/b%00", "1", str(10**30), "a/b@c", "%ED%A0%80/x", "urn:vitrine:model:a:b@c", "a/b/c/d", "%D9%A3"
]  # fmt: skip
# What else a page reads of its query.
ASKED = {
    "search": ("q", "task", "sort"),
    "project list": ("q",),
    "people": ("q",),
    "evaluations": ("version", "metric", "dataset"),
    "compare": ("show", "format", "model"),
    "compare start": ("model", "format"),
    "statistics": ("on", "measure", "feature", "series"),
    "compare statistics": ("on", "model"),
}
ODD_WORDS = [
    "a%00b",
    "%00",
    "%ff",
    "%ED%A0%80",
    "%E2%80%AE",
    "%F0%9F%98%80",
    "%20",
    "..%2f",
    "%0A",
    "x" * 3000,
]
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 1 }}"
LIVE = "javascript:alert(1)"


class Scripts(HTMLParser):
    """Collects what a browser would run: scripts written into the page, handlers, addresses with script."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        is_run = tag == "script" and "src" not in given and given.get("type") != "application/json"
        if is_run or tag in ("img", "iframe", "object", "embed", "base", "style"):
            self.found.append(tag)
        for name, value in given.items():
            address = "".join((value or "").split()).lower()
            is_live = name in ("href", "src", "action", "formaction", "xlink:href") and address.startswith(
                ("javascript:", "data:", "vbscript:", "//")
            )
            if name.startswith("on") or name == "style" or is_live:
                self.found.append(f"{tag} {name}={value}")


@pytest.fixture
def strict(db) -> Client:
    """A client that gets a page for an error of ours, as a browser does, rather than the error."""
    return Client(raise_request_exception=False)


def broken(client: Client, address: str, queries: list[str]) -> list[str]:
    """The addresses, with each of the queries, that our own error answers."""
    asked = [f"{address}{'&' if '?' in address else '?'}{query}" for query in queries]
    return [each for each in asked if client.get(each).status_code >= 500]


def test_no_odd_question_breaks_a_page(shelf, strict):
    found = []
    for name, address in shelf().addresses.items():
        texts = [f"{asked}={text}" for asked in ASKED.get(name, ()) for text in ODD_TEXTS]
        found += broken(strict, address, ODD_QUERIES + texts)
    found += broken(strict, "/sign-in", [f"next={text}" for text in [*ODD_TEXTS, "//evil.example"]])
    assert found == []


def test_no_odd_question_breaks_a_page_of_ones_own(shelf, strict):
    strict.force_login(shelf().person)
    assert [each for page in OWN_PAGES for each in broken(strict, page, ODD_QUERIES)] == []


@pytest.mark.parametrize("ref", ODD_REFS)
def test_no_odd_name_of_a_model_breaks_the_comparison(shelf, strict, ref):
    address = shelf().addresses["compare"]
    assert broken(strict, address, [f"model={ref}"]) == []
    assert broken(strict, "/compare", [f"model={ref}&model={ref}", f"model={ref}&model=x"]) == []


@pytest.mark.parametrize("words", ODD_WORDS)
def test_no_odd_address_breaks_a_page(shelf, strict, words):
    model = shelf().model.get_absolute_url()
    found = {}
    for before in (
        "/p/", "/p/a/", f"{model}/v/", f"{model}/", f"{model}/comments/", "/tags/", "/terms/task/", "/terms/",
        "/people/", "/teams/", "/",
    ):  # fmt: skip
        response = strict.get(before + words)
        if response.status_code not in (404, 301):
            found[before] = response.status_code
    assert found == {}


@pytest.mark.parametrize("page", ["0", "-1", str(10**30), "abc", "7"])
@pytest.mark.parametrize("name", ["project", "tag", "term", "versions", "history", "project list", "people"])
def test_a_page_that_is_not_there_is_the_nearest(shelf, read, name, page):
    held = shelf()
    address = held.addresses[name]
    shown = read(f"{address}?page={page}")
    assert 'rel="prev"' not in shown
    assert 'rel="next"' not in shown
    assert {"project list": held.project.name, "people": "Anna A."}.get(name, held.model.name) in shown
    assert "None that you may see." not in shown


@pytest.fixture
def evil(shelf) -> Shelf:
    """A shelf whose every text is a script and whose every address runs one, as plain SQL could write them."""
    made = shelf(words=EVIL, address=LIVE)
    Project.objects.filter(pk=made.project.pk).update(
        name=EVIL,
        description=EVIL,
        purpose=EVIL,
        business_goal=EVIL,
        region=EVIL,
        url=LIVE,
        source=made.model.source_id,
    )
    source = RegisteredModel.objects.get(pk=made.model.pk).source
    Project.objects.filter(pk=made.project.pk).update(source=source)
    RegisteredModel.objects.filter(pk=made.model.pk).update(name=EVIL)
    made.person.name, made.person.bio = EVIL, f"{EVIL} [x]({LIVE})"
    made.person.save()
    made.team.name, made.team.description = EVIL, EVIL
    made.team.save()
    outbox.drain_all()
    return made


@pytest.mark.parametrize("signed_in", [False, True])
def test_what_people_and_sources_write_is_never_run(evil, read, signed_in):
    reader = evil.person if signed_in else None
    addresses = evil.addresses | ({page: page for page in OWN_PAGES} if signed_in else {})
    live, silent = {}, []
    for name, address in addresses.items():
        page = read(address, by=reader)
        if found := Scripts(page).found:
            live[name] = found
        if "&lt;script&gt;alert(1)&lt;/script&gt;" not in page and name != "compare start":
            silent.append(name)
    assert live == {}
    assert silent == []


def test_what_is_asked_for_is_never_run(evil, read):
    for address, status in {
        f"/compare?model={EVIL}&model=a/b": 404,
        f"/compare?model={EVIL}": 200,
        f"/p/?q={EVIL}": 200,
        f"/people/?q={EVIL}": 200,
        f"/search?q={EVIL}": 400,  # no place for a quotation mark alone; shown with the place
        f"/search?{EVIL}=1": 400,
        f"/sign-in?next={EVIL}": 200,
        f"{evil.addresses['evaluations']}?dataset={EVIL}": 200,
        f"{evil.addresses['project']}?{EVIL}={EVIL}": 200,
        f"/tags/{EVIL.replace('/', '')}": 404,
    }.items():
        assert Scripts(read(address, status=status)).found == [], address


@pytest.mark.parametrize(
    "address", [LIVE, "JavaScript:alert(1)", " javascript:alert(1)", "data:text/html,x", "//evil.example"]
)
def test_the_address_of_a_paper_is_a_link_only_when_it_leads_to_the_web(read, address):
    model = make_model()
    paper = Paper.objects.create(title="Attention", url=address)
    paper.versions.add(model.versions.get())
    for page in (model.get_absolute_url(), model.versions.get().get_absolute_url()):
        assert Scripts(read(page)).found == []
        assert "Attention" in read(page)
    Paper.objects.update(url="https://example.org/paper")
    assert 'href="https://example.org/paper"' in read(model.get_absolute_url())


@pytest.mark.parametrize(
    "label", ["2.1.0", "a1_in1k", "é", "a+b", "a&b=c", "a;b", "(1)", "~", "😀", "v" * 128, "<b>", "'", '"']
)
def test_a_version_is_read_and_compared_under_any_label_it_may_have(read, label):
    model = make_model()
    version = ModelVersion.objects.create(model=model, label=label, position=2)
    page = read(version.get_absolute_url())
    assert "Compare in full" in page
    assert 'aria-label="What changed"' in page
    assert Scripts(page).found == []
    compare = page.split('href="/compare?model=')[-1].split('"')[0].replace("&amp;", "&")
    assert "Compare 2 models" in read(f"/compare?model={compare}")
    assert f'href="{escape(version.get_absolute_url())}"' in read(f"{model.get_absolute_url()}/versions")
