"""Comparison does not lie: checked against the raw records by code that shares nothing with the catalog's."""

import gzip
import json
import random
from collections import defaultdict

import pytest
import yaml

from ingestion.connectors.demo.load import RECORDS
from vocabulary.reader import HERE

RESNETS = [
    "timm/huggingface/timm/resnet50",
    "mmpretrain/open-mmlab/mmpretrain/resnet50_8xb32_in1k",
    "paddleclas/PaddlePaddle/PaddleClas/ResNet50",
]


def compare(site, *models):
    return site.get("/api/v1/compare", model=list(models)).json()


def test_numbers_measured_alike_share_a_row_in_one_unit(site):
    answer = compare(site, *RESNETS)
    rows = [r for r in answer["metrics"] if r["metric"] == "Top-1 accuracy" and r["dataset"] == "ImageNet-1k"]
    assert len(rows) == 1
    assert rows[0]["values"] == [None, 76.55, 76.5]
    assert rows[0]["unit"] == "%"
    assert rows[0]["best"] == [1]


def test_what_was_measured_otherwise_is_listed_with_what_differs(site):
    answer = compare(site, *RESNETS)
    entry = next(e for e in answer["not_comparable"] if e["metric"] == "Top-1 accuracy")
    assert entry["differs"] == ["slice"]
    assert {m["slice"] for m in entry["measurements"] if m["model"] == 0} == {"img_size=224", "img_size=288"}
    assert {m["value"] for m in entry["measurements"] if m["model"] == 2} == {76.5}


def test_a_zero_shot_accuracy_never_stands_beside_a_trained_one(site):
    answer = compare(site, "mlfoundations-open_clip/vit-b-32", "huggingface-timm/resnet50")
    assert not [r for r in answer["metrics"] if r["metric"] == "Top-1 accuracy" and None not in r["values"]]


class Oracle:
    """What may be compared, worked out anew from the records and the vocabulary's files."""

    def __init__(self) -> None:
        content = yaml.safe_load((HERE / "metrics.yaml").read_text())
        self.words = {}
        for metric in content["metrics"]:
            for alias in metric.get("aliases", []):
                key = (alias["words"].lower(), alias.get("source"), alias.get("unit"))
                self.words[key] = (metric, alias)
        self.ignored = {entry["words"] for entry in content["not_metrics"]}
        self.records = defaultdict(list)
        with gzip.open(RECORDS, "rt", encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                self.records[record["source"], record["namespace"], record["model"]].append(record)

    def meaning(self, words, source, unit):
        """The closest entry: an entry of the source counts more than one of the unit."""
        near = [key for key in self.words if key[0] == words and key[1] in (source, None)]
        fits = [key for key in near if key[2] == unit] or [key for key in near if key[2] is None] or near
        return self.words[max(fits, key=lambda key: key[1] is not None)]

    def numbers(self, record):
        """(metric, data set, split, slice) → set of values, spelled so that alike is equal."""
        found = defaultdict(set)
        for row in record["metrics"]:
            words, value, unit, dataset, split, slice_ = [*row, *[None] * (6 - len(row))]
            if words in self.ignored:
                continue
            metric, alias = self.meaning(words.lower(), record["source"], unit)
            value = float(f"{value * alias.get('factor', 1):.12g}")
            low, high = metric.get("range") or (None, None)
            if (low is not None and value < low) or (high is not None and value > high):
                continue
            dataset = plain(dataset)
            split = alias.get("split") or split or SPLITS.get(dataset, "")
            said = (slice_ or "").removeprefix(words).strip()
            condition = "; ".join(part for part in (alias.get("slice"), said) if part)
            found[metric["name"], dataset, split, condition].add(value)
        return found, {m["name"]: m["direction"] for m, _ in self.words.values()}


def plain(dataset):
    """One spelling for all the names that the vocabulary's file gives to a data set."""
    words = squeezed(dataset or "")
    return SAME.get(words, words)


def squeezed(words):
    return "".join(c for c in words.lower() if c not in " -_")


DATASETS = yaml.safe_load((HERE / "datasets.yaml").read_text())["datasets"]
SAME = {squeezed(word): d["slug"] for d in DATASETS for word in (d["name"], *d.get("aliases", []))}
SPLITS = {d["slug"]: d.get("default_split", "") for d in DATASETS}


@pytest.fixture(scope="module")
def oracle():
    return Oracle()


def test_random_pairs_agree_with_the_raw_records(site, oracle):
    chance = random.Random(4)
    by_source = defaultdict(list)
    for key, versions in oracle.records.items():
        if len(versions) == 1 and versions[0]["metrics"]:
            by_source[key[0]].append(key)
    compared = 0
    for _ in range(50):
        one = chance.choice([key for keys in by_source.values() for key in keys])
        other = chance.choice([key for key in by_source[one[0]] if key != one])
        answer = compare(site, "/".join(one), "/".join(other))
        sides, directions = [], {}
        for key in (one, other):
            numbers, directions = oracle.numbers(oracle.records[key][0])
            sides.append(numbers)
        expected = {}
        for conditions in set(sides[0]) & set(sides[1]):
            pair = [side[conditions] for side in sides]
            if all(len(values) == 1 for values in pair):
                expected[conditions] = [next(iter(values)) for values in pair]
        got = {
            (r["metric"], plain(r["dataset"]), r["split"] or "", r["slice"] or ""): r
            for r in answer["metrics"]
        }
        assert {key: row["values"] for key, row in got.items()} == expected, (one, other)
        for conditions, row in got.items():
            values, direction = expected[conditions], directions[conditions[0]]
            best = {"higher": max, "lower": min}.get(direction)
            want = [i for i, value in enumerate(values) if value == best(values)] if best else []
            assert row["best"] == want, (conditions, row)
        compared += len(got)
    assert compared > 200
