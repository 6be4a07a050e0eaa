"""Models side by side: what stands in the page and its downloads, and what is said where it can't be shown."""

import csv
import io
import json
import re

import pytest

from catalog.models import (
    ModelVersion,
    Package,
    Parameter,
    RegisteredModel,
)
from evaluations.models import MetricValue
from tests.filling import make_term, measure

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(project, model, version):
    """Two models measured alike once, otherwise once, and with facts that are equal and that differ."""
    first, second = model("first", of=project("vision")), model("second", of=project("sound"))
    for made, size, score in ((first, 10, 80.5), (second, 20, 81.25)):
        one = version("1", of=made, parameter_count=size, hardware="A100")
        measure(one, "top-1", score, dataset="imagenet", split="test", unit="%", direction="higher")
        measure(one, "loss", score / 100, dataset="imagenet", split="test", direction="lower")
        Parameter.objects.create(version=one, name="layers", value=size)
        Parameter.objects.create(version=one, name="optimizer", value="adam")
        Package.objects.create(version=one, name="torch", specifier="==2.1")
        one.classifications.create(model=made, term=make_term("license", "mit"), words="MIT")
    measure(first.versions.get(), "top-5", 95, dataset="imagenet", split="test", slice="224")
    measure(second.versions.get(), "top-5", 96, dataset="imagenet", split="test", slice="288")
    measure(first.versions.get(), "alone", 1, dataset="coco")
    return first, second


def address(*models: RegisteredModel | str, **asked: str) -> str:
    refs = [model if isinstance(model, str) else model.ref for model in models]
    return "/compare?" + "&".join([f"model={ref}" for ref in refs] + [f"{k}={v}" for k, v in asked.items()])


@pytest.fixture
def compared(client):
    """`compared(first, second, show="all")`: the page; with `status` another one than 200 is expected."""

    def get(*models: RegisteredModel | str, status: int = 200, **asked: str) -> str:
        response = client.get(address(*models, **asked))
        assert response.status_code == status
        return response.content.decode()

    return get


def row(page: str, name: str) -> str:
    """The row of a comparison's table that begins with a name."""
    found = re.search(rf'<tr>\s*<th scope="row">{re.escape(name)}(?: |<).*?</tr>', page, re.DOTALL)
    return found[0] if found else ""


def test_numbers_measured_alike_share_a_row_and_the_best_is_marked(pair, compared):
    page = compared(*pair)
    assert re.findall(r"8[01]\.\d+", row(page, "Top-1")) == ["80.50", "81.25"]
    assert re.search(r'<span class="best">81\.25', row(page, "Top-1"))
    assert re.search(r'<span class="best">0\.80', row(page, "Loss")), "lower is better"
    assert "Imagenet · test" in row(page, "Top-1")


def test_numbers_measured_otherwise_are_kept_apart_and_what_differs_is_said(pair, compared):
    page = compared(*pair)
    assert not row(page.split('id="close"')[0], "Top-5")
    apart = page.split('id="close"')[1]
    assert "the conditions differ" in apart
    for words in ("First", "Second", "224", "288", "95.00", "96.00"):
        assert words in apart
    assert "1 measured for one model only" in page


def test_several_numbers_under_one_condition_are_all_told_and_none_wins(pair, compared):
    measure(pair[0].versions.get(), "top-1", 79, dataset="imagenet", split="test")
    page = compared(*pair)
    assert not row(page.split('id="close"')[0], "Top-1")
    assert "several numbers under the same stated conditions" in page
    assert "79.00" in page
    assert "80.50" in page


def test_nothing_in_common_is_said_in_words(model, version, compared):
    pair = [model(), model()]
    for made in pair:
        version(of=made)
    assert "No number was measured for two of these models under the same conditions." in compared(*pair)


def test_rows_that_are_equal_are_shown_only_when_asked_for(pair, compared):
    less, more = compared(*pair), compared(*pair, show="all")
    for name in ("Parameters", "layers", "Top-1"):
        assert row(less, name), name
        assert row(more, name), name
    for name in ("Hardware", "License", "optimizer", "torch"):
        assert not row(less, name), name
        assert row(more, name), name
    assert "Parameters · 1 of 2 differ" in less
    assert f'href="{address(*pair, show="all").replace("&", "&amp;").removeprefix("/compare")}"' in less
    assert f'href="{address(*pair).replace("&", "&amp;").removeprefix("/compare")}"' in more


def test_what_stands_out_is_marked_and_what_is_missing_is_said(pair, compared):
    page = compared(*pair, show="all")
    assert row(page, "layers").count('class="differs"') == 1
    Parameter.objects.filter(version__model=pair[0], name="layers").delete()
    assert "not recorded" in row(compared(*pair), "layers")


def test_the_address_alone_says_what_is_compared_and_in_which_order(pair, compared):
    first, second = pair
    heads = [
        re.findall(r'<th scope="col"[^>]*>\s*<a href="([^"]+)"', compared(*order))
        for order in (pair, pair[::-1])
    ]
    urls = [model.versions.get().get_absolute_url() for model in (first, second)]
    assert heads == [urls, urls[::-1]]
    assert f'data-copy="http://testserver{address(*pair)}"'.replace("&", "&amp;") in compared(*pair)


def test_versions_and_aliases_are_compared_too(pair, version, compared):
    first = pair[0]
    newer = version("2", of=first, parameter_count=30)
    newer.aliases.create(model=first, name="champion")
    for named in ("2", "champion"):
        page = compared(f"{first.ref}@1", f"{first.ref}@{named}")
        heads = re.findall(r'<th scope="col"[^>]*>\s*<a href="([^"]+)"', page)
        assert heads == [version.get_absolute_url() for version in first.versions.order_by("position")]


@pytest.mark.parametrize("written", ["{0.pk}", "{0.urn}", "{0.external_id}", "  {0.ref} "])
def test_a_model_is_named_in_any_of_its_ways(pair, compared, written):
    first, second = pair
    RegisteredModel.objects.filter(pk=first.pk).update(external_id="hub/vision/first")
    first.refresh_from_db()
    assert "Compare 2 models" in compared(written.format(first), second)


def test_a_model_without_a_version_stands_beside_one_that_has_some(pair, model, compared):
    page = compared(pair[0], model("bare"))
    assert "Bare" in page
    assert "not recorded" in row(page, "Parameters")


def test_twelve_models_are_compared_and_thirteen_are_too_many(model, version, compared):
    models = [model() for _ in range(13)]
    for made in models:
        version(of=made)
    page = compared(*models[:12])
    assert "Compare 12 models" in page
    assert page.count('<th scope="col"') == 12
    assert page.count("compare-remove") == 12
    assert "Compare 2 to 12 models; 13 were named." in compared(*models, status=400)


def test_one_column_is_taken_away_by_a_link_to_the_others(pair, model, version, compared):
    third = model()
    version(of=third)
    page = compared(*pair, third)
    without = f"?model={pair[0].ref}%401&amp;model={third.ref}%401"
    assert f'href="{without}"' in page
    assert "compare-remove" not in compared(*pair)


@pytest.mark.parametrize(
    "asked", ["/compare", "/compare?model=", "/compare?model=%20&model=", "/compare?format=csv"]
)
def test_without_models_the_page_asks_for_some(client, asked):
    response = client.get(asked)
    assert response.status_code == 200
    assert b"Put 2 to 12 models or versions side by side" in response.content
    assert response["Content-Type"].startswith("text/html")


def test_one_model_is_kept_in_the_form_until_there_is_another(pair, compared):
    first = pair[0]
    for named in ([first], [first, first], [first, ""]):
        page = compared(*named)
        assert f'name="model" value="{first.ref}"' in page
        assert 'role="alert"' not in page


def test_one_version_under_two_names_is_one(pair, compared):
    first = pair[0]
    page = compared(first, f"{first.ref}@1", status=400)
    assert "Compare 2 to 12 models; one was named." in page
    assert f'name="model" value="{first.ref}"' in page
    assert "Compare 2 models" in compared(*pair, f"{first.ref}@1")


@pytest.mark.parametrize(
    "unknown", ["no-such/model", "nonsense", "99999999", "vision/first@9", "a/b/c", "urn:vitrine:model:a:b"]
)
def test_an_unknown_model_is_named_and_can_be_left_out(pair, compared, unknown):
    page = compared(pair[0], unknown, pair[1], status=404)
    assert f"There is no model “{unknown}”." in page
    assert f'href="?model={pair[0].ref}&amp;model={pair[1].ref}"' in page


def test_the_json_download_holds_what_the_page_shows(pair, client):
    response = client.get(address(*pair, format="json"))
    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"] == 'attachment; filename="vitrine-comparison.json"'
    answer = response.json()
    assert [model["ref"] for model in answer["models"]] == ["vision/first@1", "sound/second@1"]
    top = next(metric for metric in answer["metrics"] if metric["metric"] == "Top-1")
    assert (top["values"], top["best"], top["dataset"], top["split"]) == (
        [80.5, 81.25],
        [1],
        "Imagenet",
        "test",
    )
    layers = next(parameter for parameter in answer["parameters"] if parameter["name"] == "layers")
    assert (layers["values"], layers["differs"]) == ([10, 20], True)
    assert answer["packages"] == [{"name": "torch", "values": ["==2.1", "==2.1"], "differs": False}]
    assert answer["not_comparable"][0]["differs"] == ["slice"]
    assert answer["measured_once"] == 1


def test_the_csv_download_has_a_line_a_row_and_a_column_a_model(pair, client):
    response = client.get(address(*pair, format="csv"))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="vitrine-comparison.csv"'
    lines = list(csv.reader(io.StringIO(response.content.decode())))
    assert lines[0][6:] == ["vision/first@1", "sound/second@1"]
    assert {len(line) for line in lines} == {8}
    assert ["metric", "Top-1", "Imagenet", "test", "", "%", "80.5", "81.25"] in lines
    assert ["fact", "Hardware", "", "", "", "", "A100", "A100"] in lines
    assert ["parameter", "layers", "", "", "", "", "10", "20"] in lines


def test_no_cell_of_the_csv_is_run_as_a_formula(pair, client):
    formula = "=HYPERLINK(1)"
    ModelVersion.objects.filter(model=pair[0]).update(hardware=formula, parameter_count=7)
    for name, value in (("@cmd", "-1+1"), ("offset", "-1.5"), ("\tx", [formula])):
        Parameter.objects.create(version=pair[0].versions.get(), name=name, value=value)
    lines = list(csv.reader(io.StringIO(client.get(address(*pair, format="csv")).content.decode())))
    cells = {cell for line in lines for cell in line}
    assert not [cell for cell in cells if cell[:1] in "=+@\t" and cell]
    assert {f"'{formula}", "'@cmd", "'-1+1"} <= cells
    assert "-1.5" in cells


def test_a_format_that_is_not_known_gives_the_page(pair, client):
    assert client.get(address(*pair, format="pdf"))["Content-Type"].startswith("text/html")


def test_a_base_line_says_of_every_number_how_far_it_is_and_which_way(pair, compared):
    first, second = pair
    page = compared(*pair, base=first.ref)
    top, loss = row(page, "Top-1"), row(page, "Loss")
    assert re.search(r'class="change good">\+\s*0\.75', top)
    assert re.search(r'class="change bad">\+\s*0\.01', loss), "lower is better"
    assert "better than the base line" in top
    assert re.search(r"\+\s*100\.0 %", row(page, "Parameters"))
    assert 'class="change' not in compared(*pair)
    assert 'class="change' not in compared(*pair, base="no/such"), "an unknown base line is none"
    assert re.search(r'class="change bad">-\s*0\.75', row(compared(*pair, base=second.ref), "Top-1"))


def test_columns_are_moved_by_links(pair, model, version, compared):
    third = model("third")
    version(of=third)
    page = compared(*pair, third).replace("%40", "@").replace("&amp;", "&")
    refs = [f"{one.ref}@1" for one in (*pair, third)]

    def order(*places: int) -> str:
        return "?" + "&".join(f"model={refs[place]}" for place in places)

    for places in ((1, 0, 2), (0, 2, 1)):
        assert page.count(f'href="{order(*places)}"') == 2, "to the right of one, to the left of the other"


def test_a_base_line_stays_however_it_was_named(pair, compared):
    first, second = pair
    RegisteredModel.objects.filter(pk=second.pk).update(external_id="hub/a/second")
    page = compared(first, "hub/a/second", base="hub/a/second").replace("%40", "@").replace("&amp;", "&")
    assert f'href="?model={second.ref}@1&model={first.ref}@1&base={second.ref}@1"' in page


def test_rows_are_found_by_their_words(pair, compared):
    page = compared(*pair, show="all", find="top imagenet")
    assert row(page, "Top-1") and not row(page, "layers") and not row(page, "Loss")
    assert row(compared(*pair, show="all", find="adam"), "optimizer"), "values are words, too"
    assert "No row has these words." in compared(*pair, find="zzz")


def test_a_long_section_is_cut_and_shown_whole_on_demand(pair, compared):
    for made in pair:
        one = made.versions.get()
        Parameter.objects.bulk_create(
            Parameter(version=one, name=f"p{n:03}", value=f"{made.pk} {n}") for n in range(150)
        )
    page = compared(*pair)
    assert "Show 101 more rows" in page and not row(page, "p149")
    assert row(compared(*pair, all="parameters"), "p149")
    assert row(compared(*pair, find="p149"), "p149"), "what is looked for is looked for in all rows"


def test_numbers_whose_intervals_meet_tie(pair, compared):
    for made, value, low, high in ((pair[0], 80.5, 80.0, 81.3), (pair[1], 81.25, 81.0, 81.5)):
        MetricValue.objects.filter(evaluation__version__model=made, metric__slug="top-1").update(
            low=low, high=high
        )
        assert low <= value <= high
    top = row(compared(*pair), "Top-1")
    assert top.count('class="best"') == 2
    assert "80.00 to 81.30" in top
    MetricValue.objects.filter(evaluation__version__model=pair[0], metric__slug="top-1").update(high=80.9)
    assert row(compared(*pair), "Top-1").count('class="best"') == 1


def test_the_worst_of_three_is_marked_too(pair, model, version, compared):
    third = version("1", of=model("third"))
    measure(third, "top-1", 70, dataset="imagenet", split="test", unit="%", direction="higher")
    assert re.search(r'class="worst">70\.00', row(compared(*pair, third.model), "Top-1"))


def test_the_scatter_is_drawn_without_script_and_taken_away_in_every_form(pair, client):
    page = client.get(address(*pair)).content.decode()
    assert page.count("<svg") > 1 and "Top-1" in page.split('id="tradeoffs"')[1]
    asked = {"x": "top-1@imagenet@test", "y": "loss@imagenet@test", "chart": "tradeoff"}
    svg = client.get(address(*pair, **asked, **{"as": "svg"}))
    assert (svg["Content-Type"], svg.content[:4]) == ("image/svg+xml", b"<svg")
    assert b"style=" not in svg.content and b"<script" not in svg.content
    assert client.get(address(*pair, **asked, **{"as": "png"})).content[:4] == b"\x89PNG"
    rows = list(
        csv.reader(io.StringIO(client.get(address(*pair, **asked, **{"as": "csv"})).content.decode()))
    )
    assert [line[:3] for line in rows[1:]] == [["First", "80.5", "0.805"], ["Second", "81.25", "0.8125"]]
    spec = json.loads(client.get(address(*pair, **asked, **{"as": "json"})).content)
    assert {value["name"] for value in spec["data"]["values"]} == {"First", "Second"}
    assert client.get(address(*pair, chart="nothing")).status_code == 404
    assert client.get(address(*pair, chart="tradeoff", **{"as": "exe"})).status_code == 404


def test_the_table_is_taken_away_as_markdown(pair, client):
    pair[0].name = "First | [of all]"
    pair[0].save()
    text = client.get(address(*pair, format="md")).content.decode()
    assert "| Top-1 (Imagenet · test) | 80.5 % | **81.25 %** |" in text
    assert r"[First \| \[of all\]](" in text
