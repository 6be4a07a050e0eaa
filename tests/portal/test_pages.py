"""The pages of a project and of a model, as a reader meets them."""

import re

import pytest

from catalog.models import (
    AttributeDefinition,
    AttributeValue,
    Classification,
    Link,
    ModelVersion,
    Ownership,
    Paper,
    Parameter,
    Project,
    RegisteredModel,
)
from social.services.comments import add_comment
from social.services.ratings import rate_model
from tests.filling import make_term, measure, put_tag
from tests.makers import make_model, make_person, make_project, make_team, seen_by
from tests.portal.conftest import classify, section, words_of
from vocabulary.models import Source

pytestmark = pytest.mark.django_db


# ── a project ─────────────────────────────────────────────────────────────────────────────────────


def test_a_project_shows_its_facts_and_its_models(read):
    source = Source.objects.create(slug="hub", name="The hub", revision="abc123")
    project = make_project(team=make_team("Vision"))
    Project.objects.filter(pk=project.pk).update(
        description="All about cats", purpose="Sorting", business_goal="Fewer\nhands", region="EU", source=source,
        domain=make_term("domain", "retail"), starts_on="2024-01-02",
    )  # fmt: skip
    classify(make_model(project, name="Cat finder"), "task", "object-detection")
    make_model(name="Elsewhere")
    page = read(project.get_absolute_url())
    for words in ("All about cats", "Cat finder", "Models <small>1</small>", "Fewer<br>hands"):
        assert words in page
    assert "Elsewhere" not in page
    facts = section(page, "facts")
    for words in (
        "Team V Vision",
        "Purpose Sorting",
        "Domain Retail",
        "Region EU",
        "2 Jan 2024 to …",
        "The hub, abc123",
    ):
        assert words in facts
    assert section(page, "tasks") == "Tasks Object detection 1"


def test_the_models_of_a_project_come_in_pages_of_twenty(read):
    project = make_project()
    for _ in range(21):
        make_model(project)
    pages = [read(f"{project.get_absolute_url()}?page={number}") for number in (1, 2, 3)]
    assert [page.count('class="hit-name"') for page in pages] == [20, 1, 1]
    assert 'href="?page=2"' in pages[0]
    assert f'href="/search?project={project.slug}"' in pages[0]


def test_an_empty_project_says_so(read):
    page = read(make_project().get_absolute_url())
    assert "None that you may see." in page
    assert "No description yet." in page
    assert "Search and filter these" not in page


def test_a_project_offers_its_forms_to_those_who_may(read):
    contributor, steward = make_person(), make_person()
    project = make_project(contributor=contributor, steward=steward)
    add, edit = f"/models/new?project={project.slug}", f"{project.get_absolute_url()}/edit"
    for person, expected in ((None, []), (make_person(), []), (contributor, [add]), (steward, [add, edit])):
        page = read(project.get_absolute_url(), by=person)
        assert [url for url in (add, edit) if f'href="{url}"' in page] == expected


# ── a model ───────────────────────────────────────────────────────────────────────────────────────


def test_a_model_is_summed_up_in_a_sentence_of_its_own_or_of_its_facts(read):
    model = make_model(name="Resnet")
    classify(model, "task", "image-classification")
    model.versions.update(parameter_count=25_000_000)
    measure(model.versions.get(), "top-1", 81.5, dataset="imagenet", unit="%")
    lede = re.search(r'<p class="lede">(.*?)</p>', read(model.get_absolute_url()), re.DOTALL)
    assert (
        words_of(lede[1])
        .replace("\u00a0", " ")
        .startswith("Image classification, 25 M parameters. 1 version, Top-1 81.50 % on Imagenet.")
    )
    RegisteredModel.objects.update(summary="Finds cats.")
    page = read(model.get_absolute_url())
    assert '<p class="lede">Finds cats.' in page
    assert '<meta name="description" content="Finds cats.">' in page


def test_a_model_shows_what_was_written_of_it(read):
    model = make_model(
        description="It *works*.", purpose="Sorting", unintended_use="Medicine", starts_on="2024-01-02"
    )
    page = read(model.get_absolute_url())
    assert "<em>works</em>" in page
    about = section(page, "about")
    for words in ("Purpose Sorting", "Not for Medicine", "Timeline 2024-01-02"):
        assert words in about
    assert "Intended use" not in about


def test_each_fact_says_where_it_comes_from(read):
    source = Source.objects.create(slug="hub", name="The hub", url="https://hub.example")
    model = make_model(source=source, observed_at="2024-01-02T00:00Z")
    classify(model, "license", "mit", name="MIT")
    model.versions.update(parameter_count=7_000_000_000)
    model.origins.create(
        version=model.versions.get(), field="parameter_count", user=make_person(name="Anna A.")
    )
    facts = section(read(model.get_absolute_url()), "facts").replace("\u00a0", " ")
    assert "License MIT From The hub , read" in facts
    assert "Parameters 7 B Written by Anna A." in facts
    assert "Not recorded:" in facts


def test_a_term_chosen_by_people_wins_over_the_sources(read):
    model = make_model()
    classify(model, "task", "translation")
    Classification.objects.create(model=model, term=make_term("task", "summarization"))
    facts = section(read(model.get_absolute_url()), "facts")
    assert "Summarization" in facts
    assert "Translation" not in facts


def test_a_model_shows_its_numbers_and_leads_to_all_of_them(read):
    model = make_model()
    for metric in ("top-1", "top-5"):
        measure(
            model.versions.get(), metric, 81.5, dataset="imagenet", split="test", slice="img 224", unit="%"
        )
    page = read(model.get_absolute_url())
    shown = section(page, "evaluations").replace("\u00a0", " ")
    for words in ("Top-1", "Top-5", "Imagenet test", "81.50 %", "img 224", "all 2 values"):
        assert words in shown
    assert f'href="{model.get_absolute_url()}/evaluations">all 2 values' in page


def test_a_number_over_several_versions_is_a_chart_with_its_table(read):
    model = make_model()
    measure(model.versions.get(), "top-1", 80, dataset="imagenet")
    assert '<svg class="chart-plot"' not in read(model.get_absolute_url())
    measure(ModelVersion.objects.create(model=model, label="2", position=2), "top-1", 82, dataset="imagenet")
    page = read(model.get_absolute_url())
    assert '<svg class="chart-plot"' in page
    assert 'aria-label="Top-1, as a table"' in page


def test_the_version_in_production_stands_for_the_model(read):
    model = make_model()
    model.versions.update(stage="production")
    ModelVersion.objects.create(model=model, label="newer", position=2)
    page = read(model.get_absolute_url())
    assert re.match(r"Evaluations of (version )?1 ", section(page, "evaluations"))
    assert section(page, "versions").index("newer") < section(page, "versions").index("production")


def test_eight_versions_are_shown_and_the_rest_is_one_link_away(read):
    model = make_model()
    assert "All versions" not in read(model.get_absolute_url())
    for number in range(2, 11):
        ModelVersion.objects.create(model=model, label=f"v{number}", position=number)
    page = read(model.get_absolute_url())
    assert page.count("data-compare-box") == 8
    assert "All versions" in page
    assert "Versions 10" in section(page, "versions")


def test_a_model_shows_who_answers_for_it_or_that_nobody_does(read):
    model, bare = make_model(), make_model()
    Ownership.objects.create(model=model, kind="owner", user=make_person("anna", name="Anna A."))
    Ownership.objects.create(model=model, kind="contact", team=make_team("Vision"))
    page = read(model.get_absolute_url())
    for words in ("Owner AA Anna A.", "Contact V Vision"):
        assert words in section(page, "people")
    assert 'href="/people/anna"' in page
    assert "Nobody answers for it yet." in section(read(bare.get_absolute_url()), "people")


def test_a_model_shows_its_parameters_attributes_links_and_papers(read):
    model = make_model()
    version = model.versions.get()
    Parameter.objects.create(version=version, name="layers", value=[1, True, "x"])
    definition = AttributeDefinition.objects.create(slug="cost", name="Cost", type="number", unit="€")
    AttributeValue.objects.create(definition=definition, type="number", model=model, number=12.5)
    Link.objects.create(model=model, kind="code", url="https://example.org/code", title="Code")
    Link.objects.create(model=model, kind="config", url="configs/x.py")
    Paper.objects.create(title="Deep", url="https://example.org/deep").versions.add(version)
    page = read(model.get_absolute_url())
    assert section(page, "parameters") == "Parameters layers 1, yes, x"
    assert section(page, "attributes") == "Attributes Cost 12.5 €"
    assert section(page, "links") == "Links Deep paper Code code configs/x.py config"
    assert "<code>configs/x.py</code>" in page


def test_a_models_page_holds_its_talk_tags_and_rating(read):
    model, anna = make_model(), make_person(name="Anna A.")
    add_comment(viewer=seen_by(anna), model=model, body="A question.")
    rate_model(viewer=seen_by(anna), model=model, stars=4)
    put_tag(model, "cats")
    page = read(model.get_absolute_url())
    assert "A question." in page
    assert "Rated 4.0 of 5 by 1 person" in page
    assert '<a class="tag" href="/tags/cats">cats</a>' in page
    assert "Discussion <small>1</small>" in page
    assert "gave 4 stars" in section(page, "activity")


def test_a_model_that_is_retired_says_so(read):
    model = make_model(status="deprecated")
    assert '<span class="badge">Deprecated</span>' in read(model.get_absolute_url())


def test_a_model_says_how_complete_it_is_and_what_to_add_next(read):
    editor = make_person()
    model = make_model(make_project(contributor=editor))
    shown = section(read(model.get_absolute_url()), "complete").replace("\u00a0", " ")
    assert shown == "Metadata 0 % complete Next: say what it is for (+14), name an owner (+14)."
    RegisteredModel.objects.update(intended_use="Cats")
    page = read(model.get_absolute_url(), by=editor)
    assert section(page, "complete").startswith("Metadata 14 % complete Next: name an owner")
    assert f'href="{model.get_absolute_url()}/edit"' in page


def test_the_tabs_say_where_one_is(read):
    model = make_model()
    there = model.get_absolute_url()
    add_comment(viewer=seen_by(make_person()), model=model, body="Hello.")
    for tab, tail in (
        ("Overview", ""), ("Versions", "/versions"), ("Evaluations", "/evaluations"),
        ("Discussion", "/discussion"), ("History", "/history"), ("Versions", "/v/1"),
    ):  # fmt: skip
        tabs = read(there + tail).split('<nav class="tabs"')[1].split("</nav>")[0]
        assert re.findall(r'aria-current="page">(\w+)', tabs) == [tab]
