"""What may not be seen is in no hit, total, facet, suggestion, page or notice, with both back ends."""

import pytest

from catalog.models import Ownership, Project, ProjectGrant
from tests.makers import make_person, make_project, make_team
from tests.search.conftest import counts, names


@pytest.fixture
def hidden(model):
    """A restricted model with a word of its own in every place, beside a public one."""
    owner = make_person("hiddenowner", name="Hidden Owner")
    project = make_project("restricted", viewer=owner)
    Project.objects.filter(pk=project.pk).update(name="Hiddenproject")
    made = model(
        "hiddenname", project=project, task="hiddentask", tags=["hiddentag"], summary="hiddensummary"
    )
    Ownership.objects.create(model=made, kind="owner", user=owner)
    Ownership.objects.create(model=made, kind="owner", team=make_team("hiddenteam"))
    model("open", task="opentask")
    return made, owner


WORDS = ["hiddenname", "hiddentask", "hiddentag", "hiddensummary", "Hidden Owner", "hiddenproject", "hidden"]


@pytest.mark.parametrize("words", WORDS)
def test_a_hidden_model_is_in_no_hit_total_or_facet(search, hidden, words):
    _, owner = hidden
    for person in (None, make_person()):
        result = search(words, by=person)
        assert result.total == 0
        assert not [bucket for facet in result.facets for bucket in facet.buckets]
        assert not result.next_cursor
    assert names(search(words, by=owner)) == ["hiddenname"]


def test_everything_holds_only_what_is_seen(search, hidden):
    result = search()
    assert (result.total, names(result)) == (1, ["open"])
    assert counts(result, "task") == {"opentask": 1}
    assert not any("hidden" in bucket.value.lower() for facet in result.facets for bucket in facet.buckets)


@pytest.mark.parametrize(
    ("facet", "value"),
    [
        ("task", "hiddentask"),
        ("tag", "hiddentag"),
        ("owner", "hiddenowner"),
        ("owner", "team:hiddenteam"),
        ("project", ""),
    ],
)
def test_a_hidden_value_answers_like_one_that_does_not_exist(search, hidden, facet, value):
    made, _ = hidden
    seen = search(**{facet: value or made.project.slug})
    invented = search(**{facet: "notthere"})
    assert seen.total == invented.total == 0
    shown = value or made.project.slug
    assert [n.replace(shown.removeprefix("team:").replace("-", " "), "X") for n in seen.notices] == [
        n.replace("notthere", "X") for n in invented.notices
    ]
    assert [f.slug for f in seen.facets] == [f.slug for f in invented.facets]
    assert "Hidden" not in str(seen.facet(facet).buckets)


@pytest.mark.parametrize("prefix", ["hidden", "hiddenname", "hiddentag", "Hidden O", "hiddent"])
def test_a_hidden_model_is_in_no_suggestion(suggest, hidden, prefix):
    _, owner = hidden
    assert suggest(prefix) == []
    assert suggest(prefix, by=make_person()) == []
    assert suggest(prefix, by=owner) != []


def test_internal_models_are_for_those_signed_in(search, model):
    model("inside", visibility="internal")
    assert search().total == 0
    assert names(search(by=make_person())) == ["inside"]


def test_a_closed_site_shows_nothing_to_strangers(search, model, settings):
    settings.VITRINE_SITE_OPEN = False
    model("public", tags=["t"])
    result = search()
    assert (result.total, result.facets) == (0, ())
    assert search(by=make_person()).total == 1


def test_a_closed_site_suggests_nothing_to_strangers(suggest, model, settings):
    settings.VITRINE_SITE_OPEN = False
    model("public", tags=["public-tag"])
    assert suggest("pub") == []


def test_a_role_opens_and_taking_it_away_closes_at_once(search, model):
    person, made = make_person(), model("secret", visibility="restricted")
    assert search(by=person).total == 0
    grant = ProjectGrant.objects.create(project=made.project, user=person, role=1)
    assert names(search(by=person, late=True)) == ["secret"]
    grant.delete()
    assert search(by=person, late=True).total == 0


def test_an_administrator_finds_all(search, model):
    model("a", visibility="restricted"), model("b", visibility="internal"), model("c")
    assert search(by=make_person(is_superuser=True)).total == 3


def test_a_model_hidden_a_moment_ago_is_not_shown_though_the_index_has_it(search, model):
    made, other = model("was public"), model("stays")
    assert search().total == 2
    Project.objects.filter(pk=made.project_id).update(visibility="restricted")
    late = search(late=True)
    assert names(late) == [other.name]
    assert late.total == 1
    assert search().total == 1


def test_a_model_deleted_a_moment_ago_is_not_shown(search, model):
    made = model("was there")
    assert search().total == 1
    made.delete()
    assert search(late=True).hits == ()


def test_pages_go_on_past_hidden_models_without_a_trace(search, model):
    for number in range(6):
        model(f"model {number}", visibility="public" if number % 2 else "restricted")
    first = search(sort="name", page_size=2)
    rest = search(sort="name", page_size=2, cursor=first.next_cursor)
    assert names(first) + names(rest) == ["model 1", "model 3", "model 5"]
    assert not rest.next_cursor
    assert search(sort="name", page=2, page_size=3).hits == ()
