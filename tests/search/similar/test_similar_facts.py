"""What makes models alike, and how the list of them is made up: the same with both back ends."""

import pytest

from search.indexing import outbox
from tests.search.conftest import measure, term
from tests.search.similar.conftest import called, train

pytestmark = pytest.mark.django_db


def test_shared_facts_bring_models_together_task_before_all_others(similar, model, asked):
    model("detector", architecture="resnet", modality="image", library="timm")
    model("classifier", task="classify")
    model("both", task="classify", architecture="resnet")
    model("speech", task="transcribe", modality="audio", library="nemo")
    assert called(similar(asked)) == ["both", "classifier", "detector"]


@pytest.mark.parametrize(
    ("shared", "why"),
    [
        ({"task": "classify"}, "same task"),
        ({"task": "classify", "architecture": "resnet"}, "same task and architecture"),
        ({"task": "classify", "tags": ["distilled"]}, "same task, tagged distilled"),
        ({"task": "classify", "parameters": 26_000_000}, "same task, similar size"),
        ({"task": "classify", "modality": "image"}, "same task and modality"),
        ({"task": "classify", "language": ["english", "dutch"]}, "same task, English in common"),
        ({"architecture": "resnet", "library": "timm"}, "same architecture and library"),
    ],
)
def test_it_says_what_both_share(similar, model, asked, shared, why):
    model("other", **shared)
    (found,) = similar(asked)
    assert found.why == why


def test_it_says_the_data_sets_both_were_trained_on(similar, model, asked):
    other, more = model("other", task="classify"), model("more", task="classify")
    (
        train(asked, "ImageNet-1k", "JFT", "CIFAR-10"),
        train(other, "ImageNet-1k"),
        train(more, "ImageNet-1k", "JFT"),
    )
    train(more, "CIFAR-10")
    assert [one.why for one in similar(asked)] == [
        "same task, trained on CIFAR-10, ImageNet-1k and 1 more",
        "same task, trained on ImageNet-1k",
    ]


def test_the_nearer_the_size_the_more_alike(similar, model, asked):
    for millions in (30, 2500, 60, 200):
        model(f"of {millions}", task="classify", parameters=millions * 1_000_000)
    model("unknown size", task="classify")
    assert called(similar(asked)) == ["of 30", "of 60", "of 200", "of 2500", "unknown size"]


def test_names_and_descriptions_tell_apart_what_is_otherwise_alike(similar, model, asked):
    model("xyz", task="classify")
    model("abc", task="classify", description="Beetles, flowers and mushrooms in photographs.")
    model("resnet-18", task="classify")
    found = similar(asked)
    assert called(found) == ["resnet-18", "abc", "xyz"]
    assert [one.why for one in found] == [
        "same task, similar name",
        "same task, similar description",
        "same task",
    ]


def test_a_related_term_counts_less_than_the_same(similar, model, asked):
    above = term("architecture", "convolutional")
    term("architecture", "resnet").__class__.objects.filter(slug="resnet").update(parent=above)
    term("architecture", "convnext", parent=above)
    model("related", task="classify", architecture="convnext")
    model("same", task="classify", architecture="resnet")
    model("other", task="classify", architecture="transformer")
    outbox.enqueue()
    found = similar(asked)
    assert called(found) == ["same", "related", "other"]
    assert found[1].why == "same task, related architecture"


def test_many_terms_share_little_with_one(similar, model, asked):
    model("of all trades", task=["classify", *(f"task-{n}" for n in range(20))])
    model("specialist", task="classify")
    assert called(similar(asked))[0] == "specialist"


def test_another_language_sets_apart(similar, model, asked):
    model("dutch", task="classify", library="timm", language="dutch")
    model("any", task="classify")
    model("both", task="classify", language=["dutch", "english"])
    found = similar(asked)
    assert called(found) == ["both", "any", "dutch"]
    assert found[2].why == "same task and library"
    assert "language" not in found[2].shared


def test_no_model_is_like_itself(similar, model, asked):
    assert similar(asked) == ()
    model("twin", task="classify", architecture="resnet")
    assert called(similar(asked)) == ["twin"]


def test_a_model_without_any_facts_is_like_none(similar, model, asked):
    bare, other = model("zzz"), model("yyy")
    assert similar(bare) == similar(other) == ()
    assert similar(asked) == ()


def test_a_model_without_facts_is_like_one_called_the_same(similar, model, asked):
    assert called(similar(model("resnet 50"))) == ["resnet50"]


def test_license_and_size_alone_make_nothing_alike(similar, model, asked):
    model("other", license="mit", parameters=25_000_000)
    assert similar(asked) == ()


def test_what_has_no_document_yet_is_like_none(similar, model, asked):
    assert similar(asked) == ()
    fresh = model("fresh", task="classify")
    assert similar(fresh, late=True) == ()


def test_odd_names_and_words_break_nothing(similar, model):
    strange = model(
        "it's \\ a 'name' & (more) | !x:*", description="l'été % %s {} \\ ' \" <b>écoulé</b>", tags=["t"]
    )
    model("it's a name", task="classify")
    similar(strange)


def test_numbers_that_are_nought_have_no_nearness(similar, model):
    none, other = model("a", task="t", parameters=0), model("b", task="t", parameters=5)
    assert called(similar(none)) == ["b"]
    assert called(similar(other)) == ["a"]


def test_the_limit_is_kept(similar, model, asked):
    for n in range(12):
        model(f"m{n}", task="classify")
    assert len(similar(asked, limit=5)) == 5
    assert len(similar(asked)) == 10
    assert similar(asked, limit=0) == ()


def test_a_family_has_at_most_half_the_places_while_others_are_as_good(similar, model, asked):
    for n in range(6):
        model(f"resnet{n}", task="classify", architecture="resnet")
    for name in ("alexnet", "vgg", "densenet"):
        model(name, task="classify", architecture="resnet")
    found = called(similar(asked, limit=6))
    assert len([name for name in found if name.startswith("resnet")]) == 3
    assert len(found) == 6


def test_a_family_fills_the_list_where_others_are_much_worse(similar, model, asked):
    for n in range(6):
        model(f"resnet{n}", task="classify", architecture="resnet", library="timm")
    model("vgg", task="classify")
    assert all(name.startswith("resnet") for name in called(similar(asked, limit=6)))


def test_a_number_is_shown_only_where_both_were_measured_alike(similar, model, asked):
    alike, unlike = model("alike", task="classify"), model("unlike", task="classify")
    measure(asked, "accuracy", 80, dataset="imagenet")
    measure(alike, "accuracy", 81, dataset="imagenet")
    measure(unlike, "accuracy", 82, dataset="imagenet", slice="small")
    measure(unlike, "accuracy", 83, dataset="cifar")
    numbers = {one.hit.name: one.number for one in similar(asked)}
    assert numbers["unlike"] is None
    assert (numbers["alike"].value, numbers["alike"].asked) == (81, 80)
    assert (numbers["alike"].metric, numbers["alike"].dataset) == ("accuracy", "imagenet")


def test_the_numbers_shown_are_measured_alike_down_the_list_too(similar, model, asked):
    for dataset in ("a", "b"):
        measure(asked, "accuracy", 80, dataset=dataset)
    for name, datasets in (("one", "ab"), ("two", "b"), ("three", "b")):
        made = model(name, task="classify")
        for dataset in datasets:
            measure(made, "accuracy", 81, dataset=dataset)
    assert {one.number.dataset for one in similar(asked)} == {"b"}


# What the viewer may see.
