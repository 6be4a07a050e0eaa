"""The parts with many models: what they ask for before they begin, and what they look for."""

import pytest

from bench.__main__ import GROUPS
from bench.measure import Context, Skipped
from bench.mlflow import install, parts_of
from bench.scale import measure_large


def test_only_the_million_is_left_out_of_a_whole_run():
    assert [group.name for group in GROUPS if group.is_large] == ["large"]


def test_the_million_says_what_it_needs_before_it_starts_and_does_not_start_without(tmp_path, monkeypatch):
    class Site:
        folder = tmp_path

    said = []
    monkeypatch.setattr("bench.scale.memory_in_gib", lambda: 1.0)
    with pytest.raises(Skipped, match="too little memory"):
        list(measure_large(Context(Site(), [], "", say=said.append)))
    assert "GiB of memory (here: 1)" in said[0]
    assert "GiB of disk" in said[0]


def test_without_mlflow_its_part_is_skipped_with_the_reason(tmp_path, monkeypatch):
    monkeypatch.setattr("bench.mlflow.PACKAGES", ("there-is-no-such-package-of-vitrine==0",))
    monkeypatch.setenv("UV_OFFLINE", "1")
    with pytest.raises(Skipped, match="MLflow could not be installed"):
        install(tmp_path / "mlflow")


def test_names_are_looked_for_by_words_that_they_hold():
    assert parts_of(["ResNet50_8xb32", "resnet50-tiny", "BERT", "a1"], 5) == ["resnet50", "bert"]
