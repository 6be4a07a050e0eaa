"""Similar models of the demo catalog: what a person who knows the field would name."""

import re

import pytest
from playwright.sync_api import expect

from tests.site.pages import MODEL


def similar(site, ref, limit=10):
    response = site.get(f"/api/v1/models/{ref}/similar", limit=limit)
    assert response.status_code == 200
    return response.json()


def slugs(hit, taxonomy):
    return {term["slug"] for term in hit["terms"].get(taxonomy, ())}


@pytest.fixture(scope="module")
def document(site):
    """What search holds of a model."""

    def read(ref):
        project, _, slug = ref.partition("/")
        (row,) = site.sql(
            "SELECT d.body -> 'hit', d.facets FROM search_searchdocument d"
            " JOIN catalog_registeredmodel m ON m.id = d.model_id JOIN catalog_project p ON p.id = m.project_id"
            " WHERE p.slug = %s AND m.slug = %s",
            project,
            slug,
        )
        return row

    return read


def test_an_image_classifier_is_like_others_of_a_related_architecture(site, document):
    answer = similar(site, "huggingface-timm/resnet50")
    assert answer["backend"] == "opensearch"
    assert len(answer["similar"]) == 10
    for one in answer["similar"]:
        hit, facets = document(one["ref"])
        assert "image-classification" in slugs(hit, "task"), one["ref"]
        assert "architecture:convolutional-network" in facets, one["ref"]
        assert "same task" in one["why"]
    assert "huggingface-timm/resnet50" not in [one["ref"] for one in answer["similar"]]
    resnets = [one for one in answer["similar"] if re.match(r"resnet(v?\d|[^a-z]|$)", one["name"])]
    assert 1 <= len(resnets) <= 5


def test_its_numbers_are_measured_alike(site):
    numbers = [one["number"] for one in similar(site, "huggingface-timm/resnet50")["similar"]]
    assert {(n["metric"], n["dataset"]) for n in numbers if n} == {("top-1-accuracy", "imagenet-1k")}
    assert any(numbers)


def test_an_embedding_model_is_like_others_of_shared_languages(site, document):
    own, _ = document("intfloat/multilingual-e5-large")
    answer = similar(site, "intfloat/multilingual-e5-large")
    assert len(answer["similar"]) == 10
    for one in answer["similar"]:
        hit, _ = document(one["ref"])
        assert slugs(hit, "task") & slugs(own, "task"), one["ref"]
        assert slugs(hit, "language"), one["ref"]
        assert "language" in one["shared"], one["ref"]


@pytest.mark.parametrize(
    ("ref", "task"),
    [
        ("nvidia-nemo/stt_de_quartznet15x5", "speech-recognition"),
        ("huggingface-timm/convnext_tiny", "image-classification"),
    ],
)
def test_what_is_like_a_model_does_the_same(site, document, ref, task):
    own, _ = document(ref)
    assert any(task in slug for slug in slugs(own, "task"))
    for one in similar(site, ref, limit=6)["similar"]:
        assert slugs(document(one["ref"])[0], "task") & slugs(own, "task"), one["ref"]


def test_both_back_ends_agree_on_the_demo(site, document, tmp_path):
    """The same models in the same order, asked through the command line, where Postgres answers."""
    refs = [
        "huggingface-timm/resnet50",
        "intfloat/multilingual-e5-large",
        "nvidia-nemo/canary-1b",
        "paddlepaddle-paddleclas/resnet18",
        "keras-team-keras-hub/gemma_2b_en",
        "mlfoundations-open_clip/vit-b-32",
    ]
    script = (
        "from catalog.models import RegisteredModel as M; from access.viewers import load_viewer\n"
        "from search.backends.postgres import PostgresBackend as P\n"
        f"for ref in {refs!r}:\n"
        "    p, m = ref.split('/'); pk = M.objects.get(project__slug=p, slug=m).pk\n"
        "    print('FOUND', *(one.hit.ref for one in P().similar(load_viewer(None), pk, 10).models))\n"
    )
    lines = [line.split()[1:] for line in site.manage("shell", "-c", script).splitlines() if "FOUND" in line]
    assert len(lines) == len(refs)
    for ref, found in zip(refs, lines, strict=True):
        named = [one["ref"] for one in similar(site, ref)["similar"]]
        assert len(set(named) & set(found)) >= 9, (ref, named, found)


def test_the_page_leads_from_a_model_to_its_comparison_with_similar_ones(page):
    page.goto(MODEL)
    part = page.get_by_role("region", name="Similar models")
    expect(part.get_by_role("listitem")).to_have_count(6)
    expect(part).to_contain_text("same task")
    part.get_by_role("link", name="Compare with").click()
    page.wait_for_url("**/compare?*")
    expect(page.locator("main")).to_contain_text("resnet50")


def test_the_page_is_whole_without_scripts(site):
    html = site.get(MODEL).text
    assert 'aria-labelledby="similar"' in html
    assert html.count('class="small similar-why"') == 6
