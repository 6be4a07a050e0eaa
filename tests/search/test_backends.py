"""What search finds, in what order and with which counts: the same for both back ends."""

import pytest

from catalog.models import (
    AttributeDefinition,
    AttributeValue,
    Classification,
    ModelVersion,
    Ownership,
    TrainingData,
)
from search.errors import InvalidQuery
from search.highlighting import MARK_END, MARK_START
from social.models import Comment, Follow, Rating
from tests.makers import make_person, make_project, make_team, seen_by
from tests.search.conftest import counts, measure, names, term
from vocabulary.models import Dataset


def test_nothing_asked_finds_everything(search, model):
    model("one"), model("two")
    assert search().total == 2


@pytest.mark.parametrize(
    "words", ["resnet50", "ResNet-50", "res net 50", "RESNET 50", "50 resnet", "resnet", "resn", "resnt50"]
)
def test_a_name_is_found_however_it_is_written(search, model, words):
    model("resnet50")
    model("vit_base_patch16_224")
    assert names(search(words))[:1] == ["resnet50"]


def test_a_name_with_its_parts_stuck_together_is_found(search, model):
    model("dfine_small_coco")
    assert names(search("dfinesmall coco")) == ["dfine_small_coco"]


def test_the_name_meant_comes_before_longer_ones(search, model):
    for name in ("resnet50_vd_ssld", "fcn_resnet50_coco", "resnet50", "resnet101"):
        model(name)
    assert names(search("resnet50"))[0] == "resnet50"


def test_words_of_facts_are_found(search, model):
    model(
        "stt_de_quartznet",
        task="speech-recognition",
        language="german",
        tags=["call-centre"],
        summary="For phones.",
    )
    model("other")
    for words in ("speech recognition", "german", "call-centre", "phones", "german speech"):
        assert names(search(words)) == ["stt_de_quartznet"], words


def test_a_comment_s_words_are_found_and_a_deleted_comment_s_are_not(search, model, db):
    made = model("plain")
    comment = Comment.objects.create(model=made, author=make_person(), body="It fails on **Xylophones**.")
    assert names(search("xylophones")) == ["plain"]
    comment.deleted_at = comment.created_at
    comment.save()
    assert search("xylophones").total == 0


def test_a_piece_of_text_is_quoted_as_it_is_read(search, model):
    made = model("quoted")
    body = "See [the comparison](/compare?model=a/b&model=c/d), it **xylophones** well."
    Comment.objects.create(model=made, author=make_person(), body=body)
    (hit,) = search("xylophones").hits
    words = hit.snippet.replace(MARK_START, "").replace(MARK_END, "")
    assert "comparison, it xylophones well" in words
    assert search("compare").total == 0, "where a link leads to is not read"


def test_people_teams_and_reviews_are_found(search, model):
    made = model("owned")
    Ownership.objects.create(model=made, kind="owner", user=make_person("radler", name="Rosa Adler"))
    Ownership.objects.create(model=made, kind="steward", team=make_team("Speech people"))
    Rating.objects.create(model=made, author=make_person(), stars=5, review="Magnificent with whispering")
    for words in ("Rosa Adler", "radler", "speech people", "whispering"):
        assert names(search(words)) == ["owned"], words
    assert names(search(owner="radler")) == names(search(owner="team:speech-people")) == ["owned"]


def test_a_facet_keeps_its_other_values_and_others_follow(search, model):
    (
        model(task="classify", library="timm"),
        model(task="classify", library="keras"),
        model(task="detect", library="timm"),
    )
    result = search(task="classify")
    assert result.total == 2
    assert counts(result, "task") == {"classify": 2, "detect": 1}
    assert counts(result, "library") == {"timm": 1, "keras": 1}
    both = search(task="classify", library="timm")
    assert both.total == 1
    assert counts(both, "task") == {"classify": 1, "detect": 1}
    assert counts(both, "library") == {"timm": 1, "keras": 1}


def test_several_values_of_a_facet_are_one_or_the_other(search, model):
    model("a", task="x"), model("b", task="y"), model("c", task="z")
    assert sorted(names(search(task=["x", "y"]))) == ["a", "b"]


def test_a_parent_includes_what_is_below_it(search, model):
    vision = term("task", "vision")
    term("task", "detection", parent=vision)
    model("yolo", task="detection"), model("bert", task="text")
    assert names(search(task="vision")) == ["yolo"]
    assert counts(search(), "task") == {"vision": 1, "detection": 1, "text": 1}


def test_what_people_chose_for_the_model_wins_over_its_versions(search, model):
    made = model("m", task="wrong", library="timm")
    Classification.objects.create(model=made, term=term("task", "right"))
    assert search(task="wrong").total == 0
    assert names(search(task="right")) == names(search(library="timm")) == ["m"]


def test_facets_have_labels(search, model):
    project = make_project()
    model(task="image-classification", project=project, stage="production", parameters=20_000_000)
    result = search()
    labels = {facet.slug: facet.buckets[0].label for facet in result.facets}
    assert labels["task"] == "Image classification"
    assert labels["project"] == project.name
    assert labels["stage"] == "Production"
    assert labels["parameters"] == "10 M to 30 M"


def test_a_term_nobody_has_finds_nothing_and_says_so(search, model):
    model(task="real")
    result = search(task="invented")
    assert (result.total, result.hits) == (0, ())
    assert "invented" in result.notices[0]
    assert counts(result, "task") == {"real": 1, "invented": 0}


def test_ranges_narrow_and_leave_their_own_facet_whole(search, model):
    model("small", parameters=5_000_000), model("large", parameters=500_000_000), model("unknown")
    result = search(parameters_max="10M")
    assert names(result) == ["small"]
    assert sum(counts(result, "parameters").values()) == 2
    assert names(search(parameters_min="100M", parameters_max="1B")) == ["large"]


def test_dates_narrow(search, model):
    model("old", released="2020-05-01"), model("new", released="2024-05-01"), model("undated")
    assert names(search(released_after="2021")) == ["new"]
    assert names(search(released_before="2020-05-01")) == ["old"]


def test_data_sets_trained_and_measured_on_are_filters(search, model):
    trained, measured = model("trained"), model("measured")
    model("neither")
    coco, _ = Dataset.objects.get_or_create(slug="coco", defaults={"name": "coco"})
    TrainingData.objects.create(version=trained.versions.get(), dataset=coco)
    measure(measured, "map", 40, dataset="coco")
    assert sorted(names(search(dataset="coco"))) == ["measured", "trained"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("name", ["alpha", "Beta", "gamma"]),
        ("-name", ["alpha", "Beta", "gamma"]),
        ("parameters", ["Beta", "alpha", "gamma"]),
        ("-parameters", ["alpha", "Beta", "gamma"]),
        ("rating", ["gamma", "Beta", "alpha"]),
        ("followers", ["Beta", "alpha", "gamma"]),
    ],
)
def test_orders_put_what_is_not_recorded_last(search, model, sort, expected):
    alpha, beta, gamma = model("alpha", parameters=900), model("Beta", parameters=10), model("gamma")
    person = make_person()
    Rating.objects.create(model=gamma, author=person, stars=5)
    Rating.objects.create(model=beta, author=person, stars=3)
    Follow.objects.create(model=beta, user=person)
    if sort == "-name":
        expected = expected[::-1]
    assert names(search(sort=sort)) == expected
    assert alpha.pk


def test_sorting_by_a_metric_knows_which_way_is_better(search, model):
    good, bad, other = model("good"), model("bad"), model("other")
    for made, accuracy, error in ((good, 90, 3.0), (bad, 50, 30.0)):
        measure(made, "accuracy", accuracy, dataset="imagenet")
        measure(made, "wer", error, dataset="librispeech", direction="lower")
    measure(other, "accuracy", 99, dataset="elsewhere")
    assert names(search(sort="metric:accuracy@imagenet")) == ["good", "bad", "other"]
    assert names(search(sort="metric:wer")) == ["good", "bad", "other"]
    assert names(search(sort="metric:accuracy")) == ["other", "good", "bad"]
    with pytest.raises(InvalidQuery, match="Did you mean “accuracy”"):
        search(sort="metric:acuracy")


@pytest.mark.parametrize(
    "sort", ["relevance", "name", "-name", "parameters", "-parameters", "rating", "newest", "metric:acc"]
)
@pytest.mark.parametrize("text", ["", "model"])
def test_following_next_meets_every_model_once(search, model, sort, text):
    for number in range(7):
        made = model(f"model {number}", **({"parameters": 10 * (number // 2)} if number % 3 else {}))
        measure(made, "acc", number // 2)
    whole = names(search(text, sort=sort, page_size=100))
    met, result = [], search(text, sort=sort, page_size=2)
    for _ in range(5):
        met += names(result)
        if not result.next_cursor:
            break
        result = search(text, sort=sort, page_size=2, cursor=result.next_cursor)
    assert met == whole
    assert len(set(met)) == 7
    assert names(search(text, sort=sort, page_size=2, page=2)) == whole[2:4]


def test_a_cursor_of_the_other_back_end_goes_on_by_counting(search, model, backend):
    from search.query import Cursor

    for number in range(5):
        model(f"m{number}")
    other = {"postgres": "opensearch", "opensearch": "postgres"}[backend.name]
    cursor = Cursor(other, (1.0, 1), 2).encode()
    assert names(search(sort="name", page_size=2, cursor=cursor)) == ["m2", "m3"]


def test_a_hit_tells_what_a_page_needs(search, model):
    made = model(
        "hit",
        task="classify",
        parameters=25_000_000,
        stage="production",
        external_id="src/ns/hit",
        tags=["t"],
    )
    measure(made, "accuracy", 81.5, dataset="imagenet")
    measure(made, "accuracy", 99.5, dataset="imagenet", slice="easy")
    (hit,) = search().hits
    assert (hit.id, hit.urn, hit.ref, hit.external_id) == (made.pk, made.urn, made.ref, "src/ns/hit")
    assert (hit.parameters, hit.stage, hit.version, hit.terms_of("task")) == (
        25_000_000,
        "production",
        "1",
        "Classify",
    )
    assert (hit.key_metric["best"], hit.key_metric["slice"]) == (81.5, "")
    assert hit.url == f"/p/{made.project.slug}/{made.slug}"


@pytest.mark.parametrize(("direction", "shown"), [("higher", (81.0, "288 px")), ("lower", (76.0, "160 px"))])
def test_of_numbers_measured_equally_often_the_better_one_is_shown(search, model, direction, shown):
    made = model("m")
    for size, value in (("160 px", 76.0), ("224 px", 80.0), ("288 px", 81.0)):
        measure(made, "accuracy", value, dataset="imagenet", slice=size, direction=direction)
    key = search().hits[0].key_metric
    assert (key["best"], key["slice"]) == shown


def test_the_version_in_production_stands_for_its_model(search, model):
    made = model("m", parameters=10, stage="production")
    ModelVersion.objects.create(model=made, label="2", position=2, parameter_count=99)
    (hit,) = search().hits
    assert (hit.version, hit.parameters, hit.versions) == ("1", 10, 2)
    assert names(search("2")) == ["m"]


def test_attributes_are_found_but_sensitive_ones_are_not(search, model):
    made = model("m")
    open_one = AttributeDefinition.objects.create(slug="cost", name="Cost centre", type="keyword")
    secret = AttributeDefinition.objects.create(slug="risk", name="Risk", type="keyword", is_sensitive=True)
    AttributeValue.objects.create(definition=open_one, type="keyword", model=made, text="violet")
    AttributeValue.objects.create(definition=secret, type="keyword", model=made, text="crimson")
    assert names(search("violet")) == ["m"]
    assert search("crimson").total == 0


def test_a_renamed_model_is_found_by_its_new_name_only(search, model):
    made = model("oldname")
    assert search("oldname").total == 1
    made.name = "freshname"
    made.save()
    assert search("freshname").total == 1
    assert "oldname" not in names(search("oldname"))


def test_a_deleted_model_is_gone(search, model):
    made = model("gone")
    assert search().total == 1
    made.delete()
    assert search().total == 0
    assert search("gone").total == 0


@pytest.mark.parametrize(
    "words",
    ["'", '"', "\\", "a' | 'b", "(((", ":*", "!", "& |", "<->", "%", "_", "*", "?", "[", "AND OR NOT", "title:(x",
     "\u202e", "🙂", "a\u200bb", "<script>", "'; DROP TABLE x; --", "${jndi}", "/.*/", "~", "^2", "- -", "😀 resnet",
     "x" * 2000, "1 " * 900],
)  # fmt: skip
def test_no_text_breaks_search(search, model, words):
    model("resnet50")
    try:
        assert search(words).total in (0, 1)
    except InvalidQuery as error:
        assert error.place is not None and error.suggestion


def test_suggestions_begin_like_what_is_typed(suggest, model):
    model("resnet50", task="restoration", tags=["residual"])
    model("vit")
    found = suggest("res")
    assert found[0] == "resnet50"
    assert {"Restoration", "residual"} <= set(found)
    assert "vit" not in found
    assert suggest("") == suggest("  ") == suggest("%") == []


def test_a_page_of_hits_takes_as_many_statements_as_a_single_hit(
    backend, search, model, django_assert_max_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from search.query import parse
    from search.query.lexicon import lexicon

    def statements() -> int:
        search()
        viewer = seen_by(None)
        with CaptureQueriesContext(connection) as context:
            backend.search(viewer, parse({"q": ["model"]}, lexicon()))
        return len(context)

    model("model one", task="a", tags=["t"])
    few = statements()
    for number in range(12):
        model(f"model {number}", task=f"t{number}", tags=[f"tag{number}"], stage="production")
    assert statements() == few <= 6
