"""Conditions on facets: values, their opposites, groups, what is recorded, and what facets then count."""

from catalog.models import RegisteredModel, TrainingData
from tests.search.conditions.conftest import BARE, BERT, RESNET, WHISPER, check
from tests.search.conftest import counts
from vocabulary.models import Dataset


def test_values_of_a_facet_and_their_opposites(finds, shelf):
    check(
        finds,
        {
            "task:text": {BERT},
            "task:text,speech": {BERT, WHISPER},
            "-task:text": {RESNET, WHISPER, BARE},
            "-task:text -task:speech": {RESNET, BARE},
            "-(task:text OR task:speech)": {RESNET, BARE},
            "task:text task:speech": set(),
            "language:german language:english": {WHISPER},
            "tag:fast -tag:vision": {WHISPER},
            "license!=mit license:*": {WHISPER, BERT},
            "stage:production": {RESNET},
            "task:invented": set(),
            "-task:invented": {RESNET, WHISPER, BERT, BARE},
        },
    )


def test_what_is_recorded_and_what_is_not(finds, shelf):
    check(
        finds,
        {
            "has:license": {RESNET, WHISPER, BERT},
            "no:license": {BARE},
            "has:tag no:library": {WHISPER},
            "has:size": {RESNET, WHISPER},
            "no:size": {BERT, BARE},
            "has:(size OR library)": {RESNET, WHISPER, BERT},
            "has:owner": set(),
        },
    )


def test_groups_within_groups(finds, shelf):
    check(
        finds,
        {
            "task:text OR license:apache": {BERT, WHISPER},
            "(task:text OR license:apache) tag:fast": {WHISPER},
            "library:timm (tag:vision OR (task:text params<5M))": {RESNET, BERT},
            "library:timm -(tag:vision OR (task:text params<4M))": {BERT},
            "-(library:timm -(task:text OR tag:invented))": {WHISPER, BERT, BARE},
            "NOT (NOT task:text)": {BERT},
        },
    )


def test_facets_count_what_fulfils_the_conditions(search, shelf):
    result = search("-task:text (params>20M OR tag:fast)")
    assert result.total == 2
    assert counts(result, "task") == {"classification": 1, "speech": 1}
    assert counts(result, "tag") == {"fast": 2, "vision": 1}
    narrowed = search("-task:text (params>20M OR tag:fast)", tag="vision")
    assert narrowed.total == 1
    assert counts(narrowed, "tag") == {"fast": 2, "vision": 1}
    assert counts(narrowed, "task") == {"classification": 1}


def test_data_sets_trained_on_are_not_those_measured_on(finds, shelf):
    coco = Dataset.objects.create(slug="coco", name="COCO")
    bare = RegisteredModel.objects.get(name=BARE)
    TrainingData.objects.create(version=bare.versions.get(), dataset=coco)
    check(
        finds,
        {
            "trained-on:coco": {BARE},
            "trained:imagenet": set(),
            "dataset:imagenet": {RESNET},
            "dataset:(imagenet coco)": {RESNET, BARE},
            "has:trained": {BARE},
        },
    )
