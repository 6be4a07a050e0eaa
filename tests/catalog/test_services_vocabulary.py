"""Measurements mapped onto the vocabulary, and the vocabulary's trees."""

import datetime as dt

import pytest

from catalog.models import Classification
from catalog.services import registered
from core.errors import Conflict, Invalid, NotAllowed
from evaluations.services import evaluations
from evaluations.services.records import EvaluationIn, MetricIn
from vocabulary.folding import fold
from vocabulary.models import (
    Dataset,
    DatasetAlias,
    Metric,
    MetricAlias,
    Source,
    Taxonomy,
    Term,
    TermAlias,
)
from vocabulary.services import taxonomies

pytestmark = pytest.mark.django_db


@pytest.fixture
def accuracy(db):
    metric = Metric.objects.create(
        slug="top-1", name="Top-1 accuracy", unit="%", direction="higher", minimum=0, maximum=100
    )
    for words, unit, factor in (("top1", "", 1), ("top1", "fraction", 100), ("Top 1 Acc", "%", 1)):
        MetricAlias.objects.create(metric=metric, words=words, folded=fold(words), unit=unit, factor=factor)
    return metric


@pytest.fixture
def imagenet(db):
    made = Dataset.objects.create(slug="imagenet-1k", name="ImageNet-1k", default_split="val")
    for words in ("ImageNet-1k", "in1k"):
        DatasetAlias.objects.create(dataset=made, words=words, folded=fold(words))
    return made


@pytest.fixture
def add(person, looking):
    admin = looking(person("root", admin=True))

    def go(version, *numbers, **conditions):
        given = EvaluationIn(tuple(MetricIn(*number) for number in numbers), **conditions)
        return evaluations.add_evaluation(viewer=admin, version=version, evaluation=given)

    return go


def test_words_and_units_come_onto_one_scale_and_the_source_is_kept(add, version, accuracy, imagenet):
    added = add(version(), ("Top1", 0.801, "fraction"), dataset="IN1K")
    value = added.evaluations[0].values.get()
    assert (value.metric, value.value) == (accuracy, pytest.approx(80.1))
    assert (value.words, value.raw_value, value.raw_unit) == ("Top1", 0.801, "fraction")
    evaluation = added.evaluations[0]
    assert (evaluation.dataset, evaluation.dataset_words) == (imagenet, "IN1K")
    assert (evaluation.split, evaluation.split_is_assumed) == ("val", True)


def test_the_metrics_own_unit_needs_no_alias(add, version, accuracy):
    assert add(version(), ("top1", 80.1, "%")).evaluations[0].values.get().value == 80.1


def test_a_word_known_only_with_a_unit_is_taken_in_the_metrics_own(add, version, accuracy):
    assert add(version(), ("Top-1 acc", 80.1)).evaluations[0].values.get().metric == accuracy


def test_a_unit_that_is_not_known_is_refused_rather_than_guessed(add, version, accuracy):
    with pytest.raises(Invalid, match="unit “per mille” is not known") as refused:
        add(version(), ("top1", 801, "per mille"))
    assert refused.value.field == "metrics[0].unit"


def test_a_sources_own_meaning_goes_before_the_general_one(add, version, accuracy):
    source = Source.objects.create(slug="board", name="Board")
    error = Metric.objects.create(slug="top-1-error", name="Top-1 error", unit="%", direction="lower")
    MetricAlias.objects.create(metric=error, words="top1", folded="top1", source=source)
    one = version()
    assert add(one, ("top1", 20.0), source=source).evaluations[0].values.get().metric == error
    assert add(one, ("top1", 80.0)).evaluations[0].values.get().metric == accuracy


def test_words_that_imply_a_slice_fill_an_evaluation_of_that_slice(add, version):
    metric = Metric.objects.create(slug="map", name="mAP")
    MetricAlias.objects.create(metric=metric, words="mAP", folded=fold("mAP"))
    MetricAlias.objects.create(
        metric=metric, words="mAP small", folded=fold("mAP small"), slice="small objects"
    )
    added = add(version(), ("mAP", 40.0), ("mAP small", 20.0), dataset="COCO")
    assert {(e.slice, e.values.get().value) for e in added.evaluations} == {
        ("", 40.0),
        ("small objects", 20.0),
    }


def test_what_is_no_measurement_becomes_a_parameter(add, version):
    MetricAlias.objects.create(words="Iter", folded=fold("Iter"), parameter="iterations")
    one = version()
    assert add(one, ("Iter", 1000.0)).evaluations == ()
    assert one.parameters.get().value == 1000.0


def test_an_unknown_metric_is_kept_and_says_nothing_of_better(add, version):
    value = add(version(), ("Sparkle", 3.0, "sp")).evaluations[0].values.get()
    assert (value.metric.name, value.metric.unit, value.metric.direction) == ("Sparkle", "sp", "none")
    again = add(version(), ("sparkle", 4.0, "sp")).evaluations[0].values.get()
    assert again.metric == value.metric


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_must_be_finite(value, add, version):
    with pytest.raises(Invalid, match="finite"):
        add(version(), ("top1", value))


def test_a_number_out_of_range_names_row_and_range(add, version, accuracy):
    with pytest.raises(Invalid, match="from 0 to 100 %") as refused:
        add(version(), ("top1", 80.0), ("top1", 1.2, "fraction"))
    assert refused.value.field == "metrics[1]"


def test_a_number_too_large_for_its_unit_is_refused(add, version, accuracy):
    with pytest.raises(Invalid):
        add(version(), ("top1", 1e308, "fraction"))


def test_the_same_numbers_again_change_nothing_and_other_numbers_are_a_conflict(add, version, accuracy):
    one = version()
    assert add(one, ("top1", 80.0), dataset="A").is_new
    assert not add(one, ("top1", 80.0), dataset="a").is_new
    with pytest.raises(Conflict, match="Other numbers"):
        add(one, ("top1", 81.0), dataset="A")
    assert add(one, ("top1", 81.0), dataset="A", evaluated_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)).is_new


def test_a_data_set_is_found_by_its_name_without_an_alias_of_its_own(add, version):
    known = Dataset.objects.create(slug="places", name="Places-365")
    assert add(version(), ("top1", 1.0), dataset="places 365").evaluations[0].dataset == known


def test_words_that_name_no_data_set_are_kept_and_make_none(add, version):
    DatasetAlias.objects.create(words="n/a", folded=fold("n/a"), dataset=None)
    evaluation = add(version(), ("top1", 1.0), dataset="N/A").evaluations[0]
    assert (evaluation.dataset, evaluation.dataset_words) == (None, "N/A")
    assert not Dataset.objects.exists()


def test_a_scaled_number_carries_no_noise(add, version, accuracy):
    assert add(version(), ("top1", 0.765, "fraction")).evaluations[0].values.get().value == 76.5


def test_words_may_stand_for_several_terms_or_for_none(person, looking, term, model):
    admin = looking(person(admin=True))
    english, german = term("language", "English"), term("language", "German")
    for each in (english, german):
        TermAlias.objects.create(taxonomy=each.taxonomy, term=each, words="en-de", folded=fold("en-de"))
    TermAlias.objects.create(taxonomy=english.taxonomy, term=None, words="any", folded="any")
    resnet = model()
    registered.classify_model(viewer=admin, model=resnet, taxonomy="language", terms=["EN-DE"])
    assert {row.term for row in Classification.objects.filter(model=resnet)} == {english, german}
    registered.classify_model(viewer=admin, model=resnet, taxonomy="language", terms=["any", "English"])
    assert {row.term for row in Classification.objects.filter(model=resnet)} == {english}
    with pytest.raises(Invalid, match="no term “some”"):
        registered.classify_model(viewer=admin, model=resnet, taxonomy="language", terms=["some"])
    taxonomies.merge_terms(viewer=admin, keep=english, gone=german)
    assert TermAlias.objects.filter(folded="ende").count() == 1
    made = taxonomies.create_term(viewer=admin, taxonomy=english.taxonomy, name="Any")
    assert made.aliases.get().folded == "any"


def test_one_source_may_state_two_numbers_and_neither_is_lost(add, version, accuracy):
    values = add(version(), ("top1", 80.0), ("top1", 81.0)).evaluations[0].values
    assert list(values.order_by("occurrence").values_list("occurrence", "value")) == [(1, 80.0), (2, 81.0)]


def test_an_evaluation_costs_the_same_queries_whatever_its_size(
    add, version, accuracy, django_assert_max_num_queries
):
    one, two = version(), version()
    with django_assert_max_num_queries(30) as few:
        add(one, *(("top1", float(n)) for n in range(2)), dataset="A")
    with django_assert_max_num_queries(30) as many:
        add(two, *(("top1", float(n)) for n in range(90)), dataset="A")
    assert len(many) <= len(few)


def test_terms_are_made_found_by_alias_and_moved(person, looking, term):
    admin = looking(person(admin=True))
    top = term("task", "Vision")
    made = taxonomies.create_term(
        viewer=admin, taxonomy=top.taxonomy, name="Object detection", parent=top, aliases=["detection"]
    )
    assert made.slug == "object-detection"
    with pytest.raises(Conflict, match="stands for the term Object detection"):
        taxonomies.create_term(viewer=admin, taxonomy=top.taxonomy, name="Detection")
    assert taxonomies.edit_term(viewer=admin, term=made, changes={"parent": None}).parent is None


def test_a_term_cannot_hang_below_itself(person, looking, term):
    admin = looking(person(admin=True))
    top = term("task", "Vision")
    below = term("task", "Detection", parent=top)
    deeper = term("task", "Faces", parent=below)
    for parent in (top, below, deeper):
        with pytest.raises(Invalid, match="below itself"):
            taxonomies.edit_term(viewer=admin, term=top, changes={"parent": parent})


def test_a_tree_has_a_greatest_depth(person, looking, term):
    admin = looking(person(admin=True))
    parent = term("task", "level 0")
    with pytest.raises(Invalid, match="levels deep"):
        for level in range(1, 20):
            parent = taxonomies.create_term(
                viewer=admin, taxonomy=parent.taxonomy, name=f"level {level}", parent=parent
            )


def test_merging_moves_models_children_and_words(person, looking, term, model, version):
    admin = looking(person(admin=True))
    keep, gone = term("task", "Image classification"), term("task", "Classification", "cls")
    child = term("task", "Fine-grained", parent=gone)
    both, one = model(), model()
    for held, terms in ((both, (keep, gone)), (one, (gone,))):
        for each in terms:
            Classification.objects.create(model=held, term=each)
    taxonomies.merge_terms(viewer=admin, keep=keep, gone=gone)
    assert not Term.objects.filter(pk=gone.pk).exists()
    assert Classification.objects.filter(term=keep).count() == 2
    child.refresh_from_db()
    assert child.parent == keep
    assert set(keep.aliases.values_list("words", flat=True)) >= {
        "Image classification",
        "Classification",
        "cls",
    }


def test_merging_into_a_term_below_keeps_the_tree_whole(person, looking, term):
    admin = looking(person(admin=True))
    top = term("task", "Vision")
    gone = term("task", "Recognition", parent=top)
    middle = term("task", "Images", parent=gone)
    keep = term("task", "Classification", parent=middle)
    kept = taxonomies.merge_terms(viewer=admin, keep=keep, gone=gone)
    middle.refresh_from_db()
    kept.refresh_from_db()
    assert (kept.parent, middle.parent) == (top, kept)


def test_only_administrators_of_the_site_keep_the_vocabulary(person, looking, term):
    ada, top = looking(person("ada")), term("task", "Vision")
    other = term("license", "MIT")
    with pytest.raises(NotAllowed):
        taxonomies.create_term(viewer=ada, taxonomy=top.taxonomy, name="X")
    with pytest.raises(NotAllowed):
        taxonomies.create_taxonomy(viewer=ada, name="X")
    admin = looking(person(admin=True))
    with pytest.raises(Invalid, match="one taxonomy"):
        taxonomies.merge_terms(viewer=admin, keep=top, gone=other)
    with pytest.raises(Conflict):
        taxonomies.create_taxonomy(viewer=admin, name="Task")
    assert Taxonomy.objects.count() == 2
