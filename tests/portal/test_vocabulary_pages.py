"""The pages of a tag and of a term, with the models that carry them."""

import pytest

from catalog.models import Tag
from tests.filling import make_term, put_tag
from tests.makers import make_model
from tests.portal.conftest import classify, section, words_of
from vocabulary.models import Taxonomy, TermAlias

pytestmark = pytest.mark.django_db


def test_a_tag_shows_the_models_that_carry_it(read):
    put_tag(make_model(name="Cat finder"), "cats", name="Cats & dogs")
    make_model(name="Elsewhere")
    page = read("/tags/cats")
    assert "<h1>Cats &amp; dogs</h1>" in page
    assert "Cat finder" in page
    assert "Elsewhere" not in page
    assert 'href="/search?tag=cats"' in page


@pytest.mark.parametrize("slug", ["größe", "c-plus-plus", "日本語"])
def test_a_tag_in_any_script_has_a_page(read, slug):
    tag = put_tag(make_model(name="Found"), slug)
    assert "Found" in read(tag.get_absolute_url())
    assert "Found" in read(f"/tags/{slug}")


def test_a_tag_that_nothing_carries_does_not_exist(read):
    Tag.objects.create(slug="lonely", name="lonely")
    for slug in ("lonely", "no-such-tag"):
        read(f"/tags/{slug}", status=404)


def test_a_term_shows_its_place_its_words_and_its_models(read):
    parent = make_term("task", "vision")
    term = make_term(
        "task", "detection", parent=parent, description="Finds things.", url="https://example.org/term"
    )
    TermAlias.objects.create(
        term=term, taxonomy=term.taxonomy, words="object finding", folded="object finding"
    )
    classify(make_model(name="Cat finder"), "task", "detection")
    page = read("/terms/task/detection")
    for words in ("Finds things.", "Cat finder", "object finding", 'href="https://example.org/term"'):
        assert words in page
    assert words_of(page.split('aria-label="Breadcrumb"><ol>')[1].split("</ol>")[0]) == "Task Vision"
    assert 'href="/search?task=detection"' in page


def test_a_broader_term_shows_the_models_of_narrower_ones_with_counts(read):
    parent = make_term("task", "vision")
    for slug in ("detection", "detection", "tracking"):
        classify(make_model(name=f"Does {slug}"), "task", slug, parent=parent)
    make_term("task", "unused", parent=parent)
    page = read("/terms/task/vision")
    assert "Does detection" in page
    assert "Models <small>3</small>" in page
    assert section(page, "narrower") == "Narrower Detection 2 Tracking 1"


def test_a_term_of_a_taxonomy_that_is_no_filter_shows_its_own_models_only(read):
    term = make_term("task", "detection")
    classify(make_model(name="Carries it"), "task", "detection")
    make_model(name="Does not")
    Taxonomy.objects.update(is_facet=False)
    page = read(term.get_absolute_url())
    assert "Carries it" in page
    assert "Does not" not in page


@pytest.mark.parametrize(
    "address", ["/terms/task/none", "/terms/none/detection", "/terms/tag/cats", "/terms/project/a"]
)
def test_an_unknown_term_does_not_exist(read, address):
    make_term("task", "detection")
    put_tag(make_model(), "cats")
    read(address, status=404)
